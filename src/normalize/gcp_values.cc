#include "normalize/gcp_values.h"

#include "model/gcp_entity.h"

namespace stanch::normalize::gcp {

using codec::JsonView;

void set_actor(std::string_view email, std::string_view subject, TextArena& arena,
               model::Actor& actor) {
  actor.user_name = email;
  actor.principal_id = subject;
  actor.entity = model::gcp_principal(email, arena);
  if (model::is_google_agent(email)) {
    actor.type = model::ActorType::kService;
  } else if (model::is_service_account(email)) {
    actor.type = model::ActorType::kServiceAccount;
  } else if (!actor.entity.empty()) {
    actor.type = model::ActorType::kUser;
  } else if (!subject.empty()) {
    // A workload of another provider, without an account of its own here.
    actor.entity = model::gcp_member(subject, arena);
    actor.type = model::ActorType::kWebIdentity;
  } else {
    actor.type = model::ActorType::kAnonymous;
  }
}

void set_key(std::string_view key_name, TextArena& arena, model::Credential& credential) {
  if (key_name.empty()) return;
  credential.entity = model::gcp_resource(key_name, arena);
  credential.access_key_id = key_name.substr(key_name.rfind('/') + 1);
  credential.lifetime = model::CredentialLifetime::kLongLived;
}

void set_source(std::string_view address, TextArena& arena, model::Facts& facts) {
  facts.source.entity = model::ip_entity(address, arena);
  if (!facts.source.entity.empty()) facts.source.address = address;
}

std::string_view insert_id(JsonView entry, std::string& scratch) {
  return text_of(entry["insertId"], scratch);
}

std::string_view log_of(std::string_view log_name, std::string_view service) {
  constexpr std::string_view kLogs = "/logs/";
  const size_t at = log_name.find(kLogs);
  if (at == log_name.npos) return {};
  log_name.remove_prefix(at + kLogs.size());
  if (!log_name.starts_with(service)) return {};
  log_name.remove_prefix(service.size());
  for (const std::string_view slash : {"%2F", "/"}) {
    if (log_name.starts_with(slash)) return log_name.substr(slash.size());
  }
  return {};
}

void read_place(JsonReader& read, JsonView entry, model::Facts& facts) {
  const JsonView labels = entry["resource"]["labels"];
  const std::string_view log_name = read.text(entry["logName"]);
  facts.account = read.text(labels["project_id"]);
  if (facts.account.empty()) facts.account = model::gcp_project_of(log_name);
  constexpr std::string_view kOrganizations = "organizations/";
  if (log_name.starts_with(kOrganizations)) {
    const std::string_view rest = log_name.substr(kOrganizations.size());
    facts.organization = rest.substr(0, rest.find('/'));
  }
  for (const char* label : {"location", "zone", "region"}) {
    if (facts.region.empty()) facts.region = read.text(labels[label]);
  }
}

}  // namespace stanch::normalize::gcp

#include <vector>

#include "model/azure_entity.h"
#include "model/kubernetes_entity.h"
#include "normalize/azure_values.h"
#include "normalize/family.h"
#include "normalize/target_list.h"

// Entra's audit log: what was changed in a directory. As diagnostic settings write it, around
// `properties`, and as Microsoft Graph gives what stands in there.
// https://learn.microsoft.com/en-us/graph/api/resources/directoryaudit

namespace stanch::normalize {

namespace entra_audit {

namespace {

using azure::properties_of;
using codec::JsonView;
using model::EntityRef;
using model::MintedKind;
using model::TargetSource;

bool is_audit(JsonView event) {
  const JsonView properties = properties_of(event);
  return properties["activityDisplayName"] && is_object(properties["initiatedBy"]);
}

std::string_view audit_event_id(JsonView event, std::string& scratch) {
  const JsonView id = properties_of(event)["id"];
  return text_of(id, scratch);
}

void read_action(JsonReader& read, JsonView event, JsonView properties, model::Facts& facts) {
  std::string_view name = read.text(properties["activityDisplayName"]);
  if (name.empty()) name = read.text(event["operationName"]);
  azure::set_action(name, name, facts);
  facts.action.service = read.text(properties["loggedByService"]);
  facts.action.plane = model::Plane::kManagement;
  facts.action.access = azure::access_of_directory(name);
}

void read_outcome(JsonReader& read, JsonView event, JsonView properties, model::Facts& facts) {
  std::string_view result = read.text(properties["result"]);
  if (result.empty()) result = read.text(event["resultType"]);
  if (result.empty() || result == "0" || azure::contains_word(result, "success")) return;
  facts.outcome = model::Outcome::kFailed;
  facts.error_code = result;
  facts.error_message = read.text(properties["resultReason"]);
  for (const std::string_view word : {"authorization", "unauthorized", "insufficient", "denied"}) {
    if (azure::contains_word(facts.error_message, word)) facts.outcome = model::Outcome::kDenied;
  }
}

void read_actor(JsonReader& read, JsonView properties, model::Facts& facts) {
  model::Actor& actor = facts.actor;
  const JsonView user = properties["initiatedBy"]["user"], app = properties["initiatedBy"]["app"];
  actor.account = facts.account;
  if (user && user.is_object()) {
    actor.type = model::ActorType::kUser;
    actor.principal_id = read.text(user["id"]);
    actor.user_name = read.text(user["userPrincipalName"]);
    actor.entity = model::entra_entity(
        "User", facts.account, actor.principal_id.empty() ? actor.user_name : actor.principal_id,
        read.arena());
  } else if (app && app.is_object()) {
    actor.type = model::ActorType::kServicePrincipal;
    actor.principal_id = read.text(app["servicePrincipalId"]);
    actor.user_name = read.text(app["displayName"]);
    actor.entity =
        model::entra_entity("ServicePrincipal", facts.account, actor.principal_id, read.arena());
    if (actor.entity.empty()) {
      actor.entity = model::azure_client(read.text(app["appId"]), read.arena());
    }
    if (actor.entity.empty()) {  // the provider itself: "Azure AD PIM"
      actor.type = model::ActorType::kService;
      actor.entity = model::azure_service(actor.user_name, read.arena());
    }
  }
}

void read_source(JsonReader& read, JsonView event, JsonView properties, model::Facts& facts) {
  const JsonView by = properties["initiatedBy"];
  std::string_view address = read.text(by["user"]["ipAddress"]);
  if (address.empty()) address = read.text(by["app"]["ipAddress"]);
  if (address.empty()) address = read.text(event["callerIpAddress"]);
  azure::set_source(address, read.arena(), facts);
  facts.source.user_agent = read.text(properties["userAgent"]);
  if (!facts.source.user_agent.empty()) return;
  facts.source.user_agent =
      read.text(azure::value_of_key(read, properties["additionalDetails"], "User-Agent"));
}

// "\"0a1b…\"" is written for 0a1b….
std::string_view unquoted(std::string_view text) {
  return text.size() >= 2 && text.starts_with('"') && text.ends_with('"')
             ? text.substr(1, text.size() - 2)
             : text;
}

// Whom else the change is about: the role that a member was added to, the application that a
// consent is for. Properties name them "Role.ObjectID", "ServicePrincipal.ObjectID".
void add_named_objects(JsonReader& read, JsonView resource, model::Facts& facts,
                       TargetList& targets) {
  constexpr std::string_view kId = ".ObjectID";
  for (const JsonView property : resource["modifiedProperties"].elements()) {
    const std::string_view name = read.text(property["displayName"]);
    if (!name.ends_with(kId)) continue;
    std::string_view id = unquoted(read.text(property["newValue"]));
    if (id.empty()) id = unquoted(read.text(property["oldValue"]));
    if (!azure::is_guid(id)) continue;
    targets.add(model::entra_entity(name.substr(0, name.size() - kId.size()), facts.account, id,
                                    read.arena()),
                TargetSource::kRequest);
  }
}

// The accounts of Kubernetes that a change lets in, by the subjects of federated credentials:
// "[{"Name": …, "Issuer": …, "Subject": "system:serviceaccount:<namespace>:<name>"}]".
void add_subjects(JsonReader& read, JsonView resource, TargetList& targets) {
  constexpr std::string_view kSubject = "system:serviceaccount:";
  constexpr std::string_view kBehind = "\"\\";
  const auto has = [&](std::string_view text, std::string_view subject) {
    for (size_t at = text.find(subject); at != text.npos; at = text.find(subject, at + 1)) {
      const size_t end = at + subject.size();
      if (end == text.size() || kBehind.contains(text[end])) return true;
    }
    return false;
  };
  for (const JsonView property : resource["modifiedProperties"].elements()) {
    if (read.text(property["displayName"]) != "FederatedIdentityCredentials") continue;
    const std::string_view before = read.text(property["oldValue"]);
    const std::string_view after = read.text(property["newValue"]);
    for (size_t at = after.find(kSubject); at != after.npos; at = after.find(kSubject, at + 1)) {
      const std::string_view subject = after.substr(at, after.find_first_of(kBehind, at) - at);
      if (has(before, subject)) continue;
      targets.add(model::kubernetes_subject(subject, read.arena()), TargetSource::kRequest);
    }
  }
}

EntityRef entity_of(JsonReader& read, JsonView resource, const model::Facts& facts) {
  const std::string_view type = read.text(resource["type"]);
  if (type == "Other") return {};
  std::string_view id = read.text(resource["id"]);
  if (id.empty()) id = read.text(resource["userPrincipalName"]);
  return model::entra_entity(type, facts.account, id, read.arena());
}

void read_targets(JsonReader& read, JsonView properties, model::Facts& facts) {
  TargetList targets(read.arena(), facts);
  const std::string_view made =
      facts.outcome == model::Outcome::kOk ? azure::made_by_directory(facts.action.name) : "";
  for (const JsonView resource : properties["targetResources"].elements()) {
    const bool is_created = !made.empty() && read.text(resource["type"]) == made;
    targets.add(entity_of(read, resource, facts), TargetSource::kResources, is_created);
    add_named_objects(read, resource, facts, targets);
    add_subjects(read, resource, targets);
  }
}

void read_minted(JsonReader& read, JsonView properties, model::Facts& facts) {
  if (facts.outcome != model::Outcome::kOk) return;
  TextArena& arena = read.arena();
  std::vector<model::Minted> minted;
  for (const JsonView resource : properties["targetResources"].elements()) {
    const EntityRef principal = entity_of(read, resource, facts);
    for (const JsonView property : resource["modifiedProperties"].elements()) {
      azure::find_minted(read.text(property["displayName"]), read.text(property["oldValue"]),
                         read.text(property["newValue"]), principal, arena, minted);
    }
    const bool is_password =
        azure::sets_password(facts.action.name, read.text(properties["resultReason"]));
    if (is_password && read.text(resource["type"]) == "User") {
      minted.push_back({.kind = MintedKind::kPassword,
                        .entity = {},
                        .session = {},
                        .principal = principal,
                        .expires = {}});
    }
  }
  facts.minted = arena.store(std::span<const model::Minted>(minted));
}

void extract_audit(JsonView event, TextArena& arena, model::Facts& facts) {
  JsonReader read(arena);
  const JsonView properties = properties_of(event);
  facts.cloud = "azure";
  facts.event_id = read.text(properties["id"]);
  facts.request_id = read.text(properties["correlationId"]);
  facts.time = azure::time_of(read.text(properties["activityDateTime"]));
  if (!facts.time) facts.time = azure::time_of(read.text(event["time"]));
  std::string_view tenant = read.text(event["tenantId"]);
  if (tenant.empty()) tenant = model::arm_tenant(read.text(event["resourceId"]));
  if (tenant.empty()) tenant = read.text(properties["initiatedBy"]["user"]["homeTenantId"]);
  facts.account = azure::folded(tenant, arena);
  read_action(read, event, properties, facts);
  read_outcome(read, event, properties, facts);
  read_source(read, event, properties, facts);
  read_actor(read, properties, facts);
  read_targets(read, properties, facts);
  read_minted(read, properties, facts);
}

}  // namespace

}  // namespace entra_audit

const Family kEntraAudit = {
    .family = LogFamily::kEntraAudit,
    .name = "entra_audit",
    .source = {.product = "azure", .service = "auditlogs"},
    .needs = {clues({"category", "properties"}), clues({"activityDisplayName", "initiatedBy"})},
    .is_one = entra_audit::is_audit,
    .event_id = entra_audit::audit_event_id,
    .extract = entra_audit::extract_audit};

}  // namespace stanch::normalize

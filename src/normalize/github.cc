#include <algorithm>
#include <string>

#include "codec/timestamp.h"
#include "model/entity.h"
#include "normalize/family.h"
#include "normalize/json_reader.h"
#include "normalize/target_list.h"

// The audit log of a GitHub organization or enterprise, as it is streamed and exported.
// https://docs.github.com/en/organizations/keeping-your-organization-secure/managing-security-settings-for-your-organization/audit-log-events-for-your-organization

namespace stanch::normalize {

namespace github {

namespace {

using codec::JsonView;
using model::EntityRef;
using Kind = model::EntityPart::Kind;

// Names of people, organizations and repositories do not differ by case alone.
EntityRef named(std::string_view type, std::string_view name, TextArena& arena) {
  if (name.empty()) return {};
  return model::make_entity({{type}, {"/"}, {name, Kind::kFoldedName}}, arena);
}

// "<organization>/<repository>"
EntityRef repository(std::string_view name, TextArena& arena) {
  const size_t slash = name.find('/');
  if (slash == name.npos) return {};
  return model::make_entity({{"github:repository/"},
                             {name.substr(0, slash), Kind::kFoldedName},
                             {"/"},
                             {name.substr(slash + 1), Kind::kFoldedName}},
                            arena);
}

bool is_audit(JsonView event) {
  const JsonView action = event["action"];
  return is_text(action) && action.raw().contains('.') &&
         (event["_document_id"].exists() || event["created_at"].exists() ||
          event["actor_id"].exists() || event["repo"].exists()) &&
         (event["org"].exists() || event["business"].exists() || event["actor"].exists());
}

std::string_view document_id(JsonView event, std::string& scratch) {
  return text_of(event["_document_id"], scratch);
}

// Milliseconds since 1970, or RFC 3339.
std::optional<Time> time_of(JsonReader& read, JsonView value) {
  if (!value.exists()) return {};
  if (!value.is_number()) return codec::parse_timestamp(read.text(value));
  const auto millis = value.as_int64();
  constexpr int64_t kMillisMax = int64_t{9'000'000'000'000};  // what a Time holds
  if (!millis || *millis < 0 || *millis > kMillisMax) return {};
  return Time(std::chrono::milliseconds(*millis));
}

model::Access access_of(std::string_view operation) {
  if (operation == "access" || operation == "authentication") return model::Access::kRead;
  return operation.empty() ? model::Access::kUnknown : model::Access::kWrite;
}

void extract(JsonView event, TextArena& arena, model::Facts& facts) {
  JsonReader read(arena);
  facts.cloud = "github";
  facts.event_id = read.text(event["_document_id"]);
  facts.request_id = read.text(event["request_id"]);
  facts.time = time_of(read, event["@timestamp"]);
  if (!facts.time) facts.time = time_of(read, event["created_at"]);
  facts.account = read.text(event["org"]);
  facts.organization = read.text(event["business"]);
  facts.action.service = "github";
  facts.action.name = facts.action.raw_name = read.text(event["action"]);
  facts.action.access = access_of(read.text(event["operation_type"]));
  facts.action.plane =
      facts.action.name.starts_with("git.") ? model::Plane::kData : model::Plane::kManagement;

  model::Actor& actor = facts.actor;
  actor.user_name = read.text(event["actor"]);
  actor.principal_id = read.text(event["actor_id"]);
  const JsonView bot = event["actor_is_bot"];
  const bool is_bot = actor.user_name.ends_with("[bot]") || read.flag(bot).value_or(false);
  actor.type = actor.user_name.empty() ? model::ActorType::kAnonymous
               : is_bot                ? model::ActorType::kServiceAccount
                                       : model::ActorType::kUser;
  actor.entity = named("github:user", actor.user_name, arena);
  const std::string_view token = read.text(event["token_id"]);
  facts.credential.entity = named("github:token", token, arena);
  facts.source.address = read.text(event["actor_ip"]);
  facts.source.entity = model::ip_entity(facts.source.address, arena);
  facts.source.user_agent = read.text(event["user_agent"]);

  TargetList targets(arena, facts);
  targets.add(repository(read.text(event["repo"]), arena), model::TargetSource::kRequest,
              facts.action.name == "repo.create");
  targets.add(named("github:user", read.text(event["user"]), arena), model::TargetSource::kRequest);
  targets.add(named("github:organization", facts.account, arena), model::TargetSource::kRequest);

  // Whatever is handed out to be used from elsewhere.
  constexpr std::string_view kMints[] = {"personal_access_token.access_granted",
                                         "public_key.create", "oauth_authorization.create",
                                         "deploy_key.create"};
  if (std::ranges::find(kMints, facts.action.name) == std::end(kMints)) return;
  model::Minted minted;
  const bool is_key = facts.action.name.contains("key");
  minted.kind = is_key ? model::MintedKind::kSshKey : model::MintedKind::kToken;
  minted.principal = actor.entity;
  minted.entity = is_key ? named("github:ssh-key", read.text(event["fingerprint"]), arena)
                         : named("github:token", token, arena);
  facts.minted = arena.store(std::span<const model::Minted>(&minted, 1));
}

}  // namespace

}  // namespace github

const Family kGitHub = {.family = LogFamily::kGitHub,
                        .name = "github_audit",
                        .source = {.product = "github", .service = "audit"},
                        .needs = {clues({"action", "@timestamp"}), clues({"action", "actor"})},
                        .is_one = github::is_audit,
                        .event_id = github::document_id,
                        .extract = github::extract};

}  // namespace stanch::normalize

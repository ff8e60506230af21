#include <algorithm>

#include "codec/timestamp.h"
#include "model/entity.h"
#include "normalize/family.h"
#include "normalize/json_reader.h"
#include "normalize/target_list.h"

// Okta's System Log: who signed in, and what was changed.
// https://developer.okta.com/docs/reference/api/system-log/

namespace stanch::normalize {

namespace okta {

namespace {

using codec::JsonView;
using model::EntityRef;
using Kind = model::EntityPart::Kind;

// Ids of Okta are unique everywhere. "User" -> okta:user, "AppInstance" -> okta:app.
EntityRef okta_entity(std::string_view type, std::string_view id, TextArena& arena) {
  if (type.empty() || id.empty() || id == "unknown") return {};
  if (type == "AppInstance") type = "app";
  if (type == "UserGroup") type = "group";
  return model::make_entity({{"okta:"}, {type, Kind::kFoldedName}, {"/"}, {id, Kind::kName}},
                            arena);
}

model::Outcome outcome_of(std::string_view result) {
  if (result == "DENY") return model::Outcome::kDenied;
  if (result == "FAILURE" || result == "ABANDONED") return model::Outcome::kFailed;
  return model::Outcome::kOk;
}

// The last word of an event's type says what became of its object: "user.lifecycle.suspend".
model::Access access_of(std::string_view event_type) {
  constexpr std::string_view kWrites[] = {
      "activate",  "add",      "create", "deactivate", "delete",    "grant",
      "provision", "push",     "remove", "reset",      "reset_all", "revoke",
      "suspend",   "unassign", "unlock", "update",     "unsuspend"};
  const std::string_view last = event_type.substr(event_type.rfind('.') + 1);
  return std::ranges::find(kWrites, last) != std::end(kWrites) ? model::Access::kWrite
                                                               : model::Access::kUnknown;
}

bool is_okta(JsonView event) {
  return is_object(event["actor"]) && event["actor"]["id"].exists() &&
         is_object(event["outcome"]) && is_text(event["eventType"]);
}

std::string_view okta_event_id(JsonView event, std::string& scratch) {
  return text_of(event["uuid"], scratch);
}

void extract_actor(JsonReader& read, JsonView actor, model::Facts& facts) {
  const std::string_view type = read.text(actor["type"]);
  facts.actor.type = type == "User" ? model::ActorType::kUser : model::ActorType::kService;
  facts.actor.principal_id = read.text(actor["id"]);
  facts.actor.entity = okta_entity(type, facts.actor.principal_id, read.arena());
  facts.actor.user_name = read.text(actor["alternateId"]);
}

void extract_session(JsonReader& read, JsonView event, model::Facts& facts) {
  const std::string_view id = read.text(event["authenticationContext"]["externalSessionId"]);
  facts.credential.session = okta_entity("session", id, read.arena());
  if (facts.credential.session.empty()) return;
  facts.credential.lifetime = model::CredentialLifetime::kTemporary;
  facts.credential.issuer = facts.actor.entity;
}

void extract_minted(JsonReader& read, JsonView event, model::Facts& facts) {
  if (facts.outcome != model::Outcome::kOk) return;
  model::Minted minted;
  minted.principal = facts.actor.entity;
  if (facts.action.name == "user.session.start") {
    minted.session = facts.credential.session;
  } else if (facts.action.name == "system.api_token.create") {
    minted.kind = model::MintedKind::kToken;
    for (const JsonView target : event["target"].elements()) {
      if (read.text(target["type"]) != "Token") continue;
      minted.entity = okta_entity("token", read.text(target["id"]), read.arena());
    }
  }
  if (minted.session.empty() && minted.entity.empty()) return;
  facts.minted = read.arena().store(std::span<const model::Minted>(&minted, 1));
}

void extract_okta(JsonView event, TextArena& arena, model::Facts& facts) {
  JsonReader read(arena);
  facts.cloud = "okta";
  facts.event_id = read.text(event["uuid"]);
  facts.request_id = read.text(event["debugContext"]["debugData"]["requestId"]);
  facts.time = codec::parse_timestamp(read.text(event["published"]));
  facts.action.service = "okta";
  facts.action.name = facts.action.raw_name = read.text(event["eventType"]);
  facts.action.access = access_of(facts.action.name);
  facts.action.plane = model::Plane::kManagement;
  facts.outcome = outcome_of(read.text(event["outcome"]["result"]));
  if (facts.outcome != model::Outcome::kOk) {
    facts.error_code = read.text(event["outcome"]["result"]);
    facts.error_message = read.text(event["outcome"]["reason"]);
  }
  const std::string_view address = read.text(event["client"]["ipAddress"]);
  facts.source.entity = model::ip_entity(address, arena);
  if (!facts.source.entity.empty()) facts.source.address = address;  // else it may be "null"
  facts.source.user_agent = read.text(event["client"]["userAgent"]["rawUserAgent"]);
  extract_actor(read, event["actor"], facts);
  extract_session(read, event, facts);
  TargetList targets(arena, facts);
  for (const JsonView target : event["target"].elements()) {
    targets.add(okta_entity(read.text(target["type"]), read.text(target["id"]), arena),
                model::TargetSource::kResources);
  }
  extract_minted(read, event, facts);
}

}  // namespace

}  // namespace okta

const Family kOkta = {.family = LogFamily::kOkta,
                      .name = "okta",
                      .source = {.product = "okta", .service = "okta"},
                      .needs = {clues({"actor", "eventType", "outcome", "published", "uuid"})},
                      .is_one = okta::is_okta,
                      .event_id = okta::okta_event_id,
                      .extract = okta::extract_okta};

}  // namespace stanch::normalize

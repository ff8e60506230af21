#include "triage/scope/observe.h"

#include "base/check.h"
#include "codec/timestamp.h"

namespace stanch::triage::scope {

EdgeKind kind_of(const model::Facts& facts) {
  if (facts.outcome == model::Outcome::kDenied) return EdgeKind::kDenied;
  if (facts.outcome == model::Outcome::kFailed) return EdgeKind::kFailed;
  switch (facts.action.access) {
    case model::Access::kRead: return EdgeKind::kRead;
    case model::Access::kWrite: return EdgeKind::kWrote;
    case model::Access::kUnknown: return EdgeKind::kDid;
  }
  CHECK(false);
}

std::string action_text(const model::Facts& facts) {
  if (facts.action.name.empty()) return "";
  std::string_view service = facts.action.service;
  std::string_view name = facts.action.name;
  while (name.ends_with(' ')) name.remove_suffix(1);
  // "microsoft.storage/storageaccounts/delete" names its service by itself.
  constexpr std::string_view kMaker = "microsoft.";
  if (service.starts_with(kMaker)) service.remove_prefix(kMaker.size());
  if (name.starts_with(kMaker)) return std::string(name.substr(kMaker.size()));
  service = service.substr(0, service.find('.'));
  return std::string(service) + ':' + std::string(name);
}

std::string time_text(Time time) { return codec::format_timestamp(time); }

bool is_person(model::ActorType type) {
  return type == model::ActorType::kWebIdentity || type == model::ActorType::kSaml ||
         type == model::ActorType::kIdentityCenter;
}

bool is_program(model::EntityRef entity) { return model::entity_type(entity).ends_with(":client"); }

bool is_account(model::EntityRef entity) {
  std::string_view type = model::entity_type(entity);
  type = type.substr(type.find(':') + 1);
  return type == "user" || type == "service-account";
}

std::string holder_of(const model::Facts& facts) {
  if (!facts.credential.session.empty()) return std::string(facts.credential.session.text);
  if (!facts.credential.entity.empty()) return std::string(facts.credential.entity.text);
  TextArena arena;
  return stand_in_id(facts, arena);
}

std::string stand_in_id(const model::Facts& facts, TextArena& arena) {
  using Part = model::EntityPart;
  const model::Actor& actor = facts.actor;
  const bool foreign = actor.type == model::ActorType::kAccount;
  if (!foreign && !actor.entity.empty()) return std::string(actor.entity.text);
  std::string_view name = actor.principal_id.empty() ? actor.user_name : actor.principal_id;
  if (name.empty()) name = actor.arn;
  const std::string_view word = foreign ? std::string_view("foreign") : name_of(actor.type);
  return std::string(model::make_entity({{facts.cloud},
                                         {":"},
                                         {word},
                                         {"/"},
                                         {actor.account, Part::Kind::kName},
                                         {"/"},
                                         {name, Part::Kind::kName}},
                                        arena)
                         .text);
}

}  // namespace stanch::triage::scope

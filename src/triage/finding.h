#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "codec/json.h"
#include "model/event.h"
#include "model/rule.h"

// What triage wants to know of a finding. It owns its texts; an empty one means that nobody said.
// It is read from the payload of finding_joined (docs/formats/entry-kinds.md), so that triage
// says the same of a finding that was just made and of one that the ledger has kept for years.

namespace stanch::triage {

struct Minted {
  std::string entity, session, principal;  // entity ids
};

struct Finding {
  std::string id, rule, title;
  model::Level level = model::Level::kMedium;
  std::optional<Time> event_time;
  std::vector<std::string> events;
  std::string counted;                // of a correlation: what it counted, in words
  std::vector<std::string> entities;  // all that the event names, the nearest to the actor first
  std::vector<std::string> tactics, techniques;

  std::string cloud, account, region;
  model::ActorType actor_type = model::ActorType::kUnknown;
  std::string actor, actor_account, actor_name;  // entity id, account, name for people
  bool cross_account = false;
  std::string on_behalf_of;                            // Identity Center user id
  std::string person;                                  // that user as an entity id
  std::string credential, session, issuer, issued_to;  // entity ids
  std::string session_name, invoked_by;
  std::string source, source_service, user_agent;  // entity id of an address; or a service's name
  std::string service, action;                     // "iam.amazonaws.com", "PutUserPolicy"
  std::string request_id;  // the provider's, of the call that the event tells of
  model::Access access = model::Access::kUnknown;
  model::Plane plane = model::Plane::kUnknown;
  model::Outcome outcome = model::Outcome::kOk;
  std::string error_code;
  std::vector<std::string> targets;
  std::vector<std::string> asked_targets;  // of these, those that the request names
  std::vector<Minted> minted;
};

// A call that worked and that destroys, or cuts others off: what the rule says of impact, but for
// the theft of computing time (ATT&CK T1496), which spoils nothing.
bool is_destructive(const Finding& finding);

// kInvalid if it has no id, or a name that no list knows.
Result<Finding> read_finding(codec::JsonView payload);

}  // namespace stanch::triage

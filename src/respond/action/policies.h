#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "codec/json_value.h"
#include "respond/action/action.h"

// The least that Stanch's three roles in an account must be allowed for a set of actions, derived
// from their calls: never written by hand. Reading is apart from taking evidence, and that from
// changing anything, so that each can be trusted to somebody else.

namespace stanch::respond {

struct RolePolicy {
  std::string role;  // "stanch-read", "stanch-evidence", "stanch-respond"
  std::string description;
  codec::JsonValue policy;  // an IAM policy document; null if the role needs nothing
};

// In this order: read, evidence, respond. `reads`: what the program itself asks in an account as
// stanch-read, whatever the actions. `parameters`: what the organisation says of them, by name.
// `unknown`: what the policies lack, since nobody has looked up which permission an operation
// takes, or nobody said which document an action runs.
std::vector<RolePolicy> policies_for(std::span<const Action* const> actions,
                                     std::span<const OperationName> reads,
                                     const std::map<std::string, std::string>& parameters,
                                     std::vector<std::string>& unknown);

}  // namespace stanch::respond

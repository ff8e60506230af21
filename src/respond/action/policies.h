#pragma once

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
// stanch-read, whatever the actions. `unknown`: operations whose permission nobody has looked up,
// which the policies lack.
std::vector<RolePolicy> policies_for(std::span<const Action* const> actions,
                                     std::span<const OperationName> reads,
                                     std::vector<std::string>& unknown);

}  // namespace stanch::respond

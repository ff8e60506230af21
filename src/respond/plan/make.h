#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "cloud/call.h"
#include "respond/action/action.h"
#include "respond/plan/plan.h"

// From what is wanted to a plan: looks at each target as it is, writes nothing.

namespace stanch::respond {

struct Wanted {
  std::string action;
  Target target;  // `given`: what was said for this; more than the action takes is left out
};

struct PlanRequest {
  model::IncidentId incident;
  std::vector<Wanted> wanted;  // in their order
  std::string playbook = {};
  std::vector<std::string> because = {};
  std::string contain_first = {};  // why containment does not wait for evidence; "": it does
  std::string guards = {};         // Plan::guards
  std::optional<Envelope> envelope = {};
  // What the organisation says of parameters, by name, where nobody says it for a target.
  std::map<std::string, std::string> parameters = {};
  Time now{};
  // Waits before a target is looked at again that only for the moment could not be; empty: it is
  // looked at once.
  std::function<void(Duration)> pause = {};
  bool is_offline = false;  // the cloud is not read: no calls, and nothing can be applied
};

// A plan of all that is wanted, evidence before what needs it. A target that cannot be looked at,
// or that lacks what its action needs, is a step that says so. kInvalid if an action is not known
// or not for that target. `is_known`: whether a target is in the inventory.
Result<Plan> make_plan(const PlanRequest& request, const Actions& actions,
                       const std::function<bool(const Target&)>& is_known, cloud::Caller& caller);

// The class that an action has for a target, and why it is not the action's own.
struct Risk {
  RiskClass risk;
  std::vector<std::string> because;
};
Risk risk_for(const Action& action, bool is_known);

}  // namespace stanch::respond

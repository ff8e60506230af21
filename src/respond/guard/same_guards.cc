// Who approved a plan, and who asked for it, saw it under the guards of that day: under others it
// is another plan. So nobody lets a step through by guards of their own. What has begun goes on,
// and is contained again.

#include "respond/guard/guard.h"

namespace stanch::respond {

std::optional<GuardStop> same_guards(const GuardInput& input) {
  const bool matters = changes_something(input.plan, input.step) || input.step.restores_access;
  const bool has_begun = input.plan.step(input.step.id).saved.has_value();
  if (!matters || has_begun) return std::nullopt;
  if (input.plan.plan.guards == guards_hash(input.tables)) return std::nullopt;
  return GuardStop{"same-guards",
                   GuardAsks::kNothing,
                   {"guards.yaml or approvers are not what they were when the plan was made: plan "
                    "it anew."}};
}

}  // namespace stanch::respond

// The engine never cuts off itself: its role, user, key, host, account and evidence.

#include <fmt/format.h>

#include <algorithm>

#include "respond/guard/guard.h"

namespace stanch::respond {

namespace {

// What is done within our own account, to its mail for one, leaves us alone. What is done to the
// account from outside does not.
bool is_within(const std::string& entity, const Step& step) {
  return entity.starts_with("aws:account/") &&
         std::ranges::none_of(
             step.calls, [](const PlannedCall& call) { return call.service == "organizations"; });
}

}  // namespace

std::optional<GuardStop> own_identity(const GuardInput& input) {
  const bool takes_back = input.plan.plan.mode == PlanMode::kUndo;
  if (!changes_something(input.plan, input.step) && !takes_back) return std::nullopt;
  for (const std::string& entity : hit_by(input.step)) {
    if (!input.own.contains(entity) || is_within(entity, input.step)) continue;
    return GuardStop{
        "own-identity",
        GuardAsks::kNothing,
        {fmt::format(
            "{} is what Stanch itself works with; contain it by hand, from another identity.",
            entity)}};
  }
  return std::nullopt;
}

}  // namespace stanch::respond

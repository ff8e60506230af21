// The engine never cuts off itself: its role, user, key, host, account and evidence.

#include <fmt/format.h>

#include "respond/guard/guard.h"

namespace stanch::respond {

std::optional<GuardStop> own_identity(const GuardInput& input) {
  const bool takes_back = input.plan.plan.mode == PlanMode::kUndo;
  if (!changes_something(input.plan, input.step) && !takes_back) return std::nullopt;
  for (const std::string& entity : hit_by(input.step)) {
    if (!input.own.contains(entity)) continue;
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

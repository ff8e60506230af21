// The engine never cuts off itself: its role, user, key, host, account and evidence.

#include <fmt/format.h>

#include "respond/guard/guard.h"

namespace stanch::respond {

std::optional<GuardStop> own_identity(const GuardInput& input) {
  if (!input.own.contains(input.step.target.entity)) return std::nullopt;
  return GuardStop{
      "own-identity",
      GuardAsks::kNothing,
      {fmt::format(
          "{} is what Stanch itself works with; contain it by hand, from another identity.",
          input.step.target.entity)}};
}

}  // namespace stanch::respond

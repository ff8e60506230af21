// What the organisation protects is never touched automatically, and by people only if two agree.
// The list is the reviewed inventory's and guards.yaml's; tags in a cloud say nothing here.

#include <fmt/format.h>

#include <algorithm>

#include "respond/guard/guard.h"

namespace stanch::respond {

std::optional<GuardStop> protected_list(const GuardInput& input) {
  if (!changes_something(input.plan, input.step)) return std::nullopt;
  const Target& target = input.step.target;
  const auto& patterns = input.tables.protected_entities;
  const auto& accounts = input.tables.protected_accounts;
  const auto hit = std::ranges::find_if(
      patterns, [&](const std::string& pattern) { return fits_pattern(pattern, target.entity); });
  std::string why;
  if (input.is_protected) {
    why = fmt::format("{} is protected by the inventory.", target.entity);
  } else if (hit != patterns.end()) {
    why = fmt::format("{} is protected: guards.yaml names {}.", target.entity, *hit);
  } else if (std::ranges::find(accounts, target.account) != accounts.end()) {
    why = fmt::format("Account {} is protected as a whole.", target.account);
  } else {
    return std::nullopt;
  }
  const auto asks = input.is_automatic ? GuardAsks::kNothing : GuardAsks::kTwo;
  return GuardStop{"protected-list", asks, {why}};
}

}  // namespace stanch::respond

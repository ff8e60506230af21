// What the organisation protects is never touched automatically, and by people only if two agree.
// The list is the reviewed inventory's and guards.yaml's; tags in a cloud say nothing here.

#include <fmt/format.h>

#include <algorithm>

#include "respond/guard/guard.h"

namespace stanch::respond {

namespace {

// Why it is protected; "" if it is not.
std::string why_protected(const GuardInput& input, const std::string& entity) {
  if (input.protects && input.protects(entity)) {
    return fmt::format("{} is protected by the inventory.", entity);
  }
  for (const std::string& pattern : input.tables.protected_entities) {
    if (fits_pattern(pattern, entity)) {
      return fmt::format("{} is protected: guards.yaml names {}.", entity, pattern);
    }
  }
  return "";
}

}  // namespace

std::optional<GuardStop> protected_list(const GuardInput& input) {
  if (!changes_something(input.plan, input.step)) return std::nullopt;
  std::string why;
  for (const std::string& entity : hit_by(input.step)) {
    if (why.empty()) why = why_protected(input, entity);
  }
  const auto& accounts = input.tables.protected_accounts;
  for (const std::string& account : accounts_of(input.step)) {
    if (why.empty() && std::ranges::find(accounts, account) != accounts.end()) {
      why = fmt::format("Account {} is protected as a whole.", account);
    }
  }
  if (why.empty()) return std::nullopt;
  const auto asks = input.is_automatic ? GuardAsks::kNothing : GuardAsks::kTwo;
  return GuardStop{"protected-list", asks, {why}};
}

}  // namespace stanch::respond

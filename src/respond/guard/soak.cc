// What cannot be taken back waits a while after as many approved it as it takes, so that somebody
// who knows better can still refuse.

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "codec/timestamp.h"
#include "respond/guard/guard.h"

namespace stanch::respond {

std::optional<GuardStop> soak(const GuardInput& input) {
  const auto people = input.tables.approvals.find(RiskClass::kIrreversible);
  const bool matters = input.step.risk == RiskClass::kIrreversible &&
                       changes_something(input.plan, input.step) &&
                       people != input.tables.approvals.end() && people->second > 0;
  if (!matters || input.plan.step(input.step.id).has_begun()) return std::nullopt;
  const Approvers approvers = approvers_of(input);
  std::vector<Time> times;
  for (const auto& [person, at] : approvers.proven) times.push_back(at);
  if (people->second == 1) {
    for (const auto& [person, at] : approvers.unverified) times.push_back(at);
  }
  std::ranges::sort(times);
  if (times.size() < static_cast<size_t>(people->second)) return std::nullopt;
  const Time until = times[static_cast<size_t>(people->second) - 1] + input.tables.soak;
  if (input.now >= until) return std::nullopt;
  return GuardStop{
      "soak",
      GuardAsks::kNothing,
      {fmt::format("It cannot be taken back, so it waits until {} for somebody to refuse.",
                   codec::format_timestamp(std::chrono::ceil<std::chrono::seconds>(until)))}};
}

}  // namespace stanch::respond

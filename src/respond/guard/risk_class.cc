// The riskier a step is for this target, the more people agree first. Giving an identity back what
// it could do takes two, whatever its class. How far goes what nobody asked for, autonomy says.

#include <fmt/format.h>

#include "respond/guard/guard.h"

namespace stanch::respond {

std::optional<GuardStop> risk_class(const GuardInput& input) {
  const Step& step = input.step;
  if (input.is_automatic && changes_something(input.plan, step)) return std::nullopt;
  if (input.plan.plan.mode == PlanMode::kUndo && step.restores_access) {
    return GuardStop{"risk-class",
                     GuardAsks::kTwo,
                     {fmt::format("It gives {} back what it could do.", step.target.entity)}};
  }
  const auto people = input.tables.approvals.find(step.risk);
  if (people == input.tables.approvals.end() || people->second == 0) return std::nullopt;
  const GuardAsks asks = people->second == 1 ? GuardAsks::kOne : GuardAsks::kTwo;
  if (is_enveloped(input, asks)) return std::nullopt;
  std::string why = fmt::format("The step is {} for this target.", name_of(step.risk));
  if (!step.because.empty()) why += fmt::format(" ({})", fmt::join(step.because, "; "));
  return GuardStop{"risk-class", asks, {why}};
}

}  // namespace stanch::respond

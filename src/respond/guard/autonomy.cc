#include "respond/guard/autonomy.h"

#include <fmt/format.h>

#include <algorithm>

#include "respond/guard/guard.h"

namespace stanch::respond {

namespace {

constexpr std::string_view kCritical = "critical";

template <typename T>
bool fits(const std::vector<T>& any, const T& value) {
  return any.empty() || std::ranges::find(any, value) != any.end();
}

Autonomy by_table(const AutonomyTable& table, RiskClass risk, const Circumstances& of,
                  const std::string& criticality) {
  for (const AutonomyRow& row : table.rows) {
    if (fits(row.severities, of.severity) && fits(row.classes, risk) &&
        fits(row.criticalities, criticality) &&
        (!row.is_confirmed || *row.is_confirmed == of.is_confirmed)) {
      return row.then;
    }
  }
  return Autonomy::kOne;
}

std::string people(Autonomy what) {
  switch (what) {
    case Autonomy::kTwo: return "it asks for two people";
    case Autonomy::kNever: return "it is never done without people";
    default: return "it asks for one person";
  }
}

}  // namespace

AutonomyDecision decide_autonomy(const AutonomyTable& table, const Control& control,
                                 const Step& step, const Circumstances& of, Time now) {
  const std::string criticality(of.criticality.empty() ? kCritical
                                                       : std::string_view(of.criticality));
  const std::string what = fmt::format(
      "{} incident, {}{}, {} step on {}", name_of(of.severity),
      of.is_confirmed ? "two rules say so of the target" : "no two rules say so of the target",
      of.is_recent ? "" : ", more than a day ago", name_of(step.risk),
      of.criticality.empty() ? "what nobody inventoried" : criticality + " criticality");
  AutonomyDecision decision{by_table(table, step.risk, of, criticality), false, ""};
  const bool may_run = step.risk == RiskClass::kReversible && of.is_confirmed && of.is_recent;
  if (decision.what == Autonomy::kRun && !may_run) decision.what = Autonomy::kOne;
  if (decision.what != Autonomy::kRun) {
    decision.because = fmt::format("Nobody asked for it: {}, so {}.", what, people(decision.what));
    return decision;
  }
  const AutonomySetting* set =
      control.find_autonomy(step.action, step.target.account, of.environment, now);
  if (set == nullptr || set->autonomy == "shadow") {
    decision.what = Autonomy::kOne;
    decision.is_shadow = true;
    decision.because =
        fmt::format("In shadow: it would have run ({}), and nobody promoted {} in account {}{}.",
                    what, step.action, step.target.account,
                    of.environment.empty() ? "" : ", environment " + of.environment);
    return decision;
  }
  decision.what = find_autonomy(set->autonomy).value_or(Autonomy::kNever);
  decision.because = fmt::format("{} set it to {}: {}", set->by, set->autonomy, set->reason);
  return decision;
}

// What nobody asked for runs as far as autonomy goes. What people said yes to is theirs, if as many
// did as it takes; what is never to be done without people takes two here.
std::optional<GuardStop> autonomy(const GuardInput& input) {
  if (!changes_something(input.plan, input.step)) return std::nullopt;
  const bool takes_two = input.alone != nullptr && (input.alone->what == Autonomy::kTwo ||
                                                    input.alone->what == Autonomy::kNever);
  if (takes_two && is_enveloped(input, GuardAsks::kTwo)) return std::nullopt;
  if (takes_two) return GuardStop{"autonomy", GuardAsks::kTwo, {input.alone->because}};
  if (!input.is_automatic || is_enveloped(input, GuardAsks::kOne)) return std::nullopt;
  const AutonomyDecision none{Autonomy::kOne, false, "Nobody asked for it."};
  const AutonomyDecision& decision = input.alone == nullptr ? none : *input.alone;
  if (decision.what == Autonomy::kRun) return std::nullopt;
  return GuardStop{"autonomy", GuardAsks::kOne, {decision.because}};
}

}  // namespace stanch::respond

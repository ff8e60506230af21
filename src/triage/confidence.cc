#include "triage/confidence.h"

#include <set>
#include <string>

namespace stanch::triage {

bool is_confirmed(const IncidentState& state) {
  std::set<std::string> rules, events;
  for (const auto& [id, joined] : state.findings) {
    const Finding& finding = joined.finding;
    const bool counts = !joined.gone && finding.level >= model::Level::kMedium &&
                        finding.outcome == model::Outcome::kOk;
    if (!counts) continue;
    rules.insert(finding.rule);
    events.insert(finding.events.begin(), finding.events.end());
  }
  return rules.size() >= 2 && events.size() >= 2;
}

}  // namespace stanch::triage

#include "triage/lineage.h"

namespace stanch::triage {

bool is_minted_by(const IncidentState& state, std::string_view entity,
                  std::set<std::string, std::less<>> makers, uint64_t since) {
  std::set<std::string, std::less<>> minted;
  // What is made by what was made is found by a later round.
  for (size_t before = 0;;) {
    for (const auto& [id, joined] : state.findings) {
      const Finding& finding = joined.finding;
      const bool is_theirs = makers.contains(finding.actor) ||
                             makers.contains(finding.credential) ||
                             makers.contains(finding.session);
      const bool counts = !joined.gone && joined.sequence > since &&
                          finding.outcome == model::Outcome::kOk && is_theirs;
      if (!counts) continue;
      for (const Minted& each : finding.minted) {
        for (const std::string& made : {each.entity, each.session}) {
          if (!made.empty() && minted.insert(made).second) makers.insert(made);
        }
      }
    }
    if (minted.contains(entity)) return true;
    if (minted.size() == before) return false;
    before = minted.size();
  }
}

}  // namespace stanch::triage

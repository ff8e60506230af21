// An approval may let go what nobody could name yet: the same action on what the contained make
// meanwhile. Everything else holds for it as for any other step.

#include <algorithm>
#include <set>
#include <utility>

#include "respond/guard/guard.h"

namespace stanch::respond {

bool lets_go(const PlanState& plan, const Step& approved, const Step& step) {
  return approved.action == step.action && approved.action_version == step.action_version &&
         approved.target.given == step.target.given && step.risk <= approved.risk &&
         !plan.refused.contains(approved.id);
}

bool is_in_envelope(const PlanState& plan, const Step& step) {
  const bool is_withdrawn = plan.ended && plan.ended->outcome != "done";
  return plan.plan.envelope && plan.plan.mode == PlanMode::kLive && plan.is_intact &&
         !plan.is_paused && !is_withdrawn && step.risk != RiskClass::kIrreversible &&
         std::ranges::any_of(plan.plan.steps,
                             [&](const Step& each) { return lets_go(plan, each, step); });
}

size_t enveloped_before(const PlanBook& book, const std::string& within, const std::string& plan,
                        const Step& step) {
  std::set<std::string> targets;
  for (const std::string& hash : book.order()) {
    for (const Step& each : book.find(hash)->plan.steps) {
      if (each.within != within) continue;
      targets.insert(each.target.entity);
      if (hash == plan && each.id == step.id) {
        targets.erase(step.target.entity);
        return targets.size();
      }
    }
  }
  return targets.size();
}

}  // namespace stanch::respond

#include "host/envelope.h"

#include <algorithm>
#include <ranges>
#include <set>

#include "triage/lineage.h"

namespace stanch::host {

namespace {

using respond::PlanState;
using respond::Step;

// Since the plan was made, by what people approved to contain.
bool is_minted(const triage::IncidentState& state, const PlanState& plan, const Step& step) {
  std::set<std::string, std::less<>> makers;
  for (const Step& each : plan.plan.steps) {
    const bool is_approved = std::ranges::any_of(
        plan.approvals, [&](const auto& approval) { return approval.steps.contains(each.id); });
    if (is_approved && !plan.refused.contains(each.id)) makers.insert(each.target.entity);
  }
  return triage::is_minted_by(state, step.target.entity, std::move(makers), plan.sequence);
}

bool is_open(const PlanState& plan, Time now) {
  return plan.plan.envelope && std::ranges::any_of(plan.approvals, [&](const auto& approval) {
           return now - approval.at < plan.plan.envelope->lasts;
         });
}

}  // namespace

void put_within(const respond::PlanBook& book, const triage::IncidentState& state, Time now,
                respond::Plan& plan) {
  for (Step& step : plan.steps) {
    for (const std::string& hash : std::views::reverse(book.order())) {
      const PlanState& earlier = *book.find(hash);
      const bool has_room =
          is_open(earlier, now) && is_in_envelope(earlier, step) &&
          enveloped_before(book, hash, "", step) < earlier.plan.envelope->targets_max;
      if (!has_room || !is_minted(state, earlier, step)) continue;
      step.within = hash;
      break;
    }
  }
}

std::optional<respond::Enveloped> envelope_of(const respond::PlanBook& book,
                                              const triage::IncidentState& state,
                                              const std::string& plan, const Step& step) {
  const PlanState* const within = step.within.empty() ? nullptr : book.find(step.within);
  if (within == nullptr) return std::nullopt;
  return respond::Enveloped{.plan = within,
                            .before = enveloped_before(book, step.within, plan, step),
                            .is_minted = is_minted(state, *within, step)};
}

}  // namespace stanch::host

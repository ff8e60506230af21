#include "triage/confidence.h"

#include <algorithm>
#include <set>
#include <string>

namespace stanch::triage {

namespace {

constexpr std::string_view kIdentities[] = {"aws:user/",    "aws:role/", "aws:access-key/",
                                            "aws:session/", "aws:root/", "aws:group/",
                                            "aws:account/"};

bool did(const Finding& finding, std::string_view entity) {
  return finding.actor == entity || finding.credential == entity || finding.session == entity ||
         finding.issuer == entity || finding.issued_to == entity;
}

bool was_made(const Finding& finding, std::string_view entity) {
  return std::ranges::any_of(finding.minted, [&](const Minted& each) {
    return each.entity == entity || each.session == entity;
  });
}

bool concerns(const Finding& finding, std::string_view entity) {
  if (did(finding, entity) || was_made(finding, entity)) return true;
  const bool is_identity = std::ranges::any_of(
      kIdentities, [&](std::string_view type) { return entity.starts_with(type); });
  return !is_identity && (std::ranges::find(finding.targets, entity) != finding.targets.end() ||
                          std::ranges::find(finding.entities, entity) != finding.entities.end());
}

}  // namespace

Confidence confidence_in(const IncidentState& state, std::string_view entity) {
  std::set<std::string> rules, events;
  Confidence confidence;
  for (const auto& [id, joined] : state.findings) {
    const Finding& finding = joined.finding;
    const bool counts = !joined.gone && finding.level >= model::Level::kMedium &&
                        finding.outcome == model::Outcome::kOk && concerns(finding, entity);
    if (!counts) continue;
    rules.insert(finding.rule);
    events.insert(finding.events.begin(), finding.events.end());
    if (finding.event_time) {
      confidence.latest =
          std::max(confidence.latest.value_or(*finding.event_time), *finding.event_time);
    }
  }
  confidence.is_confirmed = rules.size() >= 2 && events.size() >= 2;
  return confidence;
}

}  // namespace stanch::triage

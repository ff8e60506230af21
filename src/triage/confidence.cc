#include "triage/confidence.h"

#include <algorithm>
#include <string>
#include <vector>

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

// Two rules, and nothing in common of what they saw: what several events lead to says little more
// than what one of them led to before.
bool are_independent(const Finding& a, const Finding& b) {
  return a.rule != b.rule && std::ranges::none_of(a.events, [&](const std::string& event) {
           return std::ranges::find(b.events, event) != b.events.end();
         });
}

}  // namespace

Confidence confidence_in(const IncidentState& state, std::string_view entity) {
  std::vector<const Finding*> counted;
  Confidence confidence;
  for (const auto& [id, joined] : state.findings) {
    const Finding& finding = joined.finding;
    const bool counts = !joined.gone && finding.level >= model::Level::kMedium &&
                        finding.outcome == model::Outcome::kOk && concerns(finding, entity);
    if (!counts) continue;
    confidence.is_confirmed =
        confidence.is_confirmed || std::ranges::any_of(counted, [&](const Finding* other) {
          return are_independent(*other, finding);
        });
    counted.push_back(&finding);
    if (finding.event_time) {
      confidence.latest =
          std::max(confidence.latest.value_or(*finding.event_time), *finding.event_time);
    }
  }
  return confidence;
}

}  // namespace stanch::triage

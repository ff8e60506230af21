#include <fmt/format.h>

#include <algorithm>

#include "host/coverage.h"

// What of a coverage is missing. Data events are none of it: most organizations pay for few, and
// know why. Management events are, reads too: sessions begin with AssumeRole, which only reads.

namespace stanch::host {

namespace {

std::string because(std::string_view what, const Refused& why) {
  return fmt::format("{}: {}", what, why.code);
}

bool any(const std::vector<Trail>& trails, bool (*is_so)(const Trail&)) {
  return std::ranges::any_of(trails, is_so);
}

std::optional<CoverageGap> gap_of(const RegionCoverage& in) {
  const auto gap = [](std::string_view kind, std::string words) {
    return CoverageGap{.account = {}, .region = {}, .kind = kind, .words = std::move(words)};
  };
  if (in.trails_refused) {
    return gap("trails-unknown", because("its trails are unknown", *in.trails_refused));
  }
  if (in.trails.empty()) return gap("no-trail", "there is no trail");
  if (!any(in.trails, [](const Trail& trail) { return trail.records(); })) {
    const auto unknown =
        std::ranges::find_if(in.trails, [](const Trail& trail) { return !trail.is_logging; });
    if (unknown != in.trails.end()) {
      return gap("logging-unknown",
                 because("whether a trail is logging is unknown",
                         unknown->status_refused.value_or(Refused{"no answer", ""})));
    }
    const auto failing =
        std::ranges::find_if(in.trails, [](const Trail& trail) { return *trail.is_logging; });
    if (failing == in.trails.end()) return gap("not-logging", "no trail is logging");
    return gap("delivery-fails", fmt::format("no log files arrive: {}", failing->delivery_error));
  }
  const Recorded recorded = in.recorded();
  const auto& [reads, writes] = recorded.management;
  if (recorded.management.whole() == Share::kAll) return std::nullopt;
  if (reads == Share::kUnknown || writes == Share::kUnknown) {
    return gap("management-unknown", "which management events are recorded is unknown");
  }
  return gap("management-incomplete", fmt::format("management events: reads {}, writes {}",
                                                  name_of(reads), name_of(writes)));
}

void add_gaps(const AccountCoverage& of, std::vector<CoverageGap>& gaps) {
  const auto add = [&](std::string_view kind, std::string region, std::string words) {
    gaps.push_back({of.account, std::move(region), kind, std::move(words)});
  };
  for (const RoleCoverage& role : of.roles) {
    if (!role.refused) continue;
    add("role-not-assumable", "", because(role.name + " cannot be assumed", *role.refused));
  }
  if (of.unseen) add("account-unseen", "", "nothing can be looked at");
  if (of.regions_refused) {
    add("regions-unknown", "", because("its enabled regions are unknown", *of.regions_refused));
  }
  for (const std::string& region : of.not_existing) {
    add("no-such-region", region, "there is no such region");
  }
  for (const RegionCoverage& region : of.regions) {
    if (auto gap = gap_of(region)) add(gap->kind, region.region, std::move(gap->words));
  }
}

}  // namespace

Recorded RegionCoverage::recorded() const {
  Recorded all = trails_refused ? unknown_recorded() : Recorded();
  for (const Trail& trail : trails) {
    if (!trail.may_record()) continue;
    all.add(trail.records() ? trail.selected : trail.selected.at_most(Share::kUnknown));
  }
  return all;
}

std::optional<Time> RegionCoverage::delivered() const {
  std::optional<Time> latest;
  for (const Trail& trail : trails) {
    if (trail.delivered) latest = std::max(latest.value_or(*trail.delivered), *trail.delivered);
  }
  return latest;
}

std::string_view name_of(AccountsFrom from) {
  switch (from) {
    case AccountsFrom::kNamed: return "named";
    case AccountsFrom::kOrganization: return "organization";
    case AccountsFrom::kOwn: return "own";
  }
  return "";
}

std::vector<CoverageGap> gaps_of(const Coverage& coverage) {
  std::vector<CoverageGap> gaps;
  if (coverage.organization_refused) {
    gaps.push_back({.account = {},
                    .region = {},
                    .kind = "organization-unknown",
                    .words = because("the organization's accounts are unknown",
                                     *coverage.organization_refused)});
  }
  for (const AccountCoverage& account : coverage.accounts) add_gaps(account, gaps);
  return gaps;
}

}  // namespace stanch::host

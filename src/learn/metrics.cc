#include "learn/metrics.h"

#include <algorithm>
#include <utility>

#include "learn/limits.h"

namespace stanch::learn {

namespace {

using CasesById = std::map<std::string, Case>;

// The case in which that one goes on in the end; null if it leads nowhere, or in a circle.
Case* survivor_of(CasesById& cases, const Case& of) {
  const std::string* next = &of.merged_into;
  for (size_t i = 0; i < kMergesFollowed; ++i) {
    const auto found = cases.find(*next);
    if (found == cases.end()) return nullptr;
    if (found->second.merged_into.empty()) return &found->second;
    next = &found->second.merged_into;
  }
  return nullptr;
}

CasesById by_id(std::vector<Case> cases) {
  CasesById found;
  for (Case& each : cases) found.emplace(each.id.text(), std::move(each));
  return found;
}

// One severity's cases, before they are numbers.
struct Gathered {
  MetricsRow row;
  std::array<std::vector<Lasted>, kMeasures> times;

  void add(const Case& of, Time now) {
    ++row.cases;
    row.open += !of.closed && of.merged_into.empty();
    row.no_attack += of.was_no_attack();
    for (size_t i = 0; i < kMeasures; ++i) {
      const auto measured = measure(of, static_cast<Measure>(i), now);
      if (measured) times[i].push_back({measured->time, measured->open});
    }
  }
  MetricsRow finish() && {
    for (size_t i = 0; i < kMeasures; ++i) row.measures[i] = distribution_of(times[i]);
    return std::move(row);
  }
};

struct Group {
  std::map<int, Gathered> severities;  // S1 … S4, then none
  Gathered all;

  void add(const Case& of, Time now) {
    constexpr int kNone = 5;
    Gathered& gathered = severities[of.severity ? static_cast<int>(*of.severity) : kNone];
    gathered.row.severity = of.severity;
    gathered.add(of, now);
    all.add(of, now);
  }
  MetricsGroup finish() && {
    MetricsGroup group;
    for (auto& [severity, gathered] : severities) {
      group.severities.push_back(std::move(gathered).finish());
    }
    group.all = std::move(all).finish();
    return group;
  }
};

bool is_wanted(const Case& of, const MetricsOptions& options) {
  return (!options.since || *of.opened >= *options.since) &&
         (!options.until || *of.opened < *options.until) &&
         (!options.severity || of.severity == options.severity);
}

}  // namespace

Metrics metrics_of(std::vector<Case> cases, const MetricsOptions& options, Time now) {
  Metrics metrics;
  CasesById all = by_id(std::move(cases));
  for (const auto& [id, each] : all) {
    if (each.merged_into.empty()) continue;
    if (Case* survivor = survivor_of(all, each)) {
      absorb(each, *survivor);
      ++metrics.merged;
    }
  }
  Group real, drills;
  for (const auto& [id, each] : all) {
    if (!each.merged_into.empty() && survivor_of(all, each) != nullptr) continue;
    if (!each.opened) {
      ++metrics.unopened;
    } else if (!is_wanted(each, options)) {
      ++metrics.outside;
    } else {
      (each.drill ? drills : real).add(each, now);
      metrics.undetected += !each.first_event;
      metrics.unreceived += !each.opening_received;
      metrics.erased += each.erased;
      metrics.foreign += each.foreign;
    }
  }
  metrics.real = std::move(real).finish();
  metrics.drills = std::move(drills).finish();
  return metrics;
}

}  // namespace stanch::learn

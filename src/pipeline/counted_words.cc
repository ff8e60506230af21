#include "pipeline/counted_words.h"

#include <fmt/format.h>

#include <algorithm>

#include "pipeline/output/text.h"
#include "triage/words.h"

namespace stanch::pipeline {

std::string bounds_words(const detect::sigma::Correlation& tree) {
  std::string words;
  for (const auto& bound : tree.bounds) {
    words += fmt::format("{}{} {}", words.empty() ? "" : " and ", name_of(bound.op), bound.number);
  }
  return words;
}

std::string measure_words(const detect::sigma::Correlation& tree) {
  using enum detect::sigma::CorrelationType;
  const std::string field = fmt::format("{}", fmt::join(tree.fields, ", "));
  switch (tree.type) {
    case kEventCount:
    case kSurge: return "events";
    case kValueCount: return "different values of " + field;
    case kTemporal:
    case kTemporalOrdered: return "rules";
    case kValueSum: return "sum of " + field;
    case kValueAvg: return "average of " + field;
    case kValuePercentile: return fmt::format("percentile {} of {}", tree.percentile, field);
    case kValueMedian: return "median of " + field;
    case kFirstSeen:
    case kRare:
    case kSilence: break;
  }
  return "events";
}

model::Counted counted_of(const detect::sigma::Correlation& tree, const FiredAt& fired,
                          TextArena& arena) {
  using enum detect::sigma::CorrelationType;
  std::string words = output::counted(fired.events, "event");
  const bool counts_events = tree.type == kEventCount || tree.type == kSurge;
  if (!fired.value.empty() && !counts_events) {
    words = fmt::format("{}: {} in {}", measure_words(tree), fired.value, words);
  }
  const std::string asked = bounds_words(tree);
  words += " within " + triage::duration_words(tree.timespan);
  if (!asked.empty()) words += fmt::format(" (asked for: {})", asked);
  for (size_t i = 0; i < std::min(tree.group_by.size(), fired.group.size()); ++i) {
    words += fmt::format("{} {} '{}'", i == 0 ? ", by" : ",", tree.group_by[i], fired.group[i]);
  }
  return {.type = name_of(tree.type),
          .value = arena.store(fired.value),
          .asked = arena.store(asked),
          .timespan = tree.timespan,
          .words = arena.store(words)};
}

}  // namespace stanch::pipeline

#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "detect/sigma/rule.h"
#include "model/rule.h"

// The checked tree of one Sigma correlation: what the author wrote, with names of rules
// resolved and aliases put in their place. As rule.h, it is what the engine (correlate/)
// and the naive recomputation (tests/naive) share.
// https://github.com/SigmaHQ/sigma-specification, version 2.1.0, "Sigma Correlation Rules"

namespace stanch::detect::sigma {

enum class CorrelationType : uint8_t {
  kEventCount,
  kValueCount,
  kTemporal,
  kTemporalOrdered,
  kValueSum,
  kValueAvg,
  kValuePercentile,
  kValueMedian,
  // Of Stanch (docs/formats/sigma.md, W11, W12): what a group never did, or seldom; that it does
  // more than ever, or nothing.
  kFirstSeen,
  kRare,
  kSurge,
  kSilence,
};
std::string_view name_of(CorrelationType type);
// Whether it is about values that are new; and whether it first has to learn, as all of ours do.
inline bool is_about_news(CorrelationType type) {
  return type == CorrelationType::kFirstSeen || type == CorrelationType::kRare;
}
inline bool is_learning(CorrelationType type) { return type >= CorrelationType::kFirstSeen; }

// One comparison of a condition. For counts the number is a whole one, not negative.
struct Bound {
  enum class Operator : uint8_t { kGt, kGte, kLt, kLte, kEq, kNeq };
  Operator op = Operator::kGte;
  std::string number;  // as JSON writes numbers
};
std::string_view name_of(Bound::Operator op);

// In events of one rule, `name` stands for the first of `fields` that an event has: the one that
// was written, or those that field maps make of it.
struct Alias {
  std::string name;
  std::vector<std::string> fields;  // never empty
  At at;
};

// A rule, or a correlation, that a correlation looks at.
struct Reference {
  std::string text;  // its id or name, as written
  bool is_correlation = false;
  uint32_t index = 0;          // into LoadedRules::rules, or ::correlations
  std::vector<Alias> aliases;  // what is no alias is the name of a field of the rule's events
  At at;
};

struct Correlation {
  model::RuleInfo info;
  std::string name;
  CorrelationType type = CorrelationType::kEventCount;
  std::vector<Reference> rules;       // never empty, none twice
  std::vector<std::string> group_by;  // fields or aliases; empty: all events are one group
  std::vector<std::string> fields;    // `field` of the condition: for value_… and x_…, else empty
  std::vector<At> group_by_at, fields_at;  // where they stand
  Duration timespan{};                     // above zero
  Duration learning{};                     // for x_…: how long a group is known before it fires
  std::vector<Bound> bounds;               // all must hold; empty for temporal types without any
  uint32_t percentile = 0;                 // of value_percentile: 1 to 100
  uint32_t factor = 0;                     // of x_surge and x_silence: so many times the usual
  // Of the extended temporal: over `rules`, by their index (Condition::detections).
  std::optional<Condition> expression;
  bool generate = false;  // its rules also show what they find themselves
  uint32_t depth = 0;     // above the depths of all correlations that it looks at
};

// By rule, then by correlation: whether what it finds is told by itself. What is there only for
// correlations, none of which has `generate`, is not.
std::vector<bool> find_shown(std::span<const Correlation> correlations, size_t rules);

}  // namespace stanch::detect::sigma

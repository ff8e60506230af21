#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "detect/correlate/fixed.h"
#include "detect/sigma/correlation.h"

namespace stanch::detect::correlate {

// Where what a rule or a correlation finds goes: to be an event of `correlation`, as one of its
// rule number `slot`.
struct Feed {
  uint32_t correlation = 0;
  uint32_t slot = 0;
  // For each of the correlation's names: which of what comes; the first of these that is there.
  std::vector<std::vector<uint32_t>> values;
};

// One correlation, ready to run. `names` are the fields it keeps of its events: `group-by`
// first, then `field`, then what correlations of it ask for.
struct Compiled {
  sigma::Correlation tree;
  std::vector<std::string> names;
  std::vector<Fixed> bounds;  // parallel to tree.bounds
  bool at_close = false;      // decided when its window is over (docs/formats/sigma.md, W3)
  size_t seldom = 0;          // of those that learn: so many times are news yet
  std::vector<Feed> feeds;

  size_t groups() const { return tree.group_by.size(); }
  size_t fields() const { return tree.fields.size(); }
  bool is_about_news() const { return sigma::is_about_news(tree.type); }
  bool is_silence() const { return tree.type == sigma::CorrelationType::kSilence; }
  // How long a group is remembered that is quiet.
  Duration memory() const {
    return tree.type == sigma::CorrelationType::kSurge ? tree.learning : tree.timespan;
  }
};

struct Plan {
  std::vector<Compiled> correlations;
  // By rule: who is told, and the fields of its events that they need; both empty for most.
  std::vector<std::vector<Feed>> rule_feeds;
  std::vector<std::vector<std::string>> rule_fields;
};

Plan make_plan(std::span<const sigma::Correlation> correlations, size_t rules);

// So many plans with all these correlations, each of which is told of events in one of them alone:
// those that ask one another in the same. Together they find what the whole does.
std::vector<Plan> split(const Plan& plan, size_t parts);

}  // namespace stanch::detect::correlate

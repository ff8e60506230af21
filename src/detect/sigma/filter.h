#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "codec/yaml.h"
#include "detect/sigma/reporter.h"
#include "detect/sigma/rule.h"

// A Sigma filter: what rules find is no finding where the filter says so. It is counted, and
// still goes to correlations (docs/formats/sigma.md, E1 to E4).
// https://github.com/SigmaHQ/sigma-specification, version 2.1.0, "Sigma Filters"

namespace stanch::detect::sigma {

// A rule that a filter is for.
struct FilteredRule {
  std::string text;  // its id or name, as written
  At at;
};

struct Filter {
  Rule rule;           // its detections and conditions; its log source is that of the rules
  bool hides = false;  // where the condition holds; else where it does not
  bool any = false;    // all rules of its log source
  std::vector<FilteredRule> named;  // empty with `any`
  std::vector<uint32_t> rules;      // what was named, or is meant: into LoadedRules::rules, rising
  std::string owner, reason;        // `stanch.owner`, `stanch.reason`
  std::optional<Time> expires;      // events from then on are not hidden
};

// Reads a document with `filter`, and reports what is wrong.
Filter read_filter(const codec::YamlNode& root, Reporter& reporter);

}  // namespace stanch::detect::sigma

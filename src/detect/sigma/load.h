#pragma once

#include <span>
#include <vector>

#include "base/diagnostic.h"
#include "detect/detect.h"
#include "detect/sigma/correlation.h"
#include "detect/sigma/filter.h"
#include "detect/sigma/rule.h"

// Texts of rule files -> checked rules: the face of this folder.
//
//   YAML (codec/yaml) ─▶ collection ─▶ metadata, detection, condition ─▶ expand ─▶ fields/ ─▶ bind
//                                 ├──▶ read_correlation ──▶ link_correlations, after all files
//                                 └──▶ read_filter ──▶ link_filters, likewise
//
// Every problem of every file is reported; a rule with an error is left out, the others go on.

namespace stanch::detect::sigma {

struct LoadedRules {
  std::vector<Rule> rules;                      // those that loaded, in the order of `reports`
  std::vector<uint32_t> report_of;              // index into `reports`, one a rule
  std::vector<Correlation> correlations;        // in the order of `reports` too
  std::vector<uint32_t> correlation_report_of;  // index into `reports`, one a correlation
  std::vector<Filter> filters;                  // in that order too
  std::vector<RuleReport> reports;              // by (path, document); `indexed` is not known here
  Diagnostics diagnostics;                      // by (path, line)
};

LoadedRules load(std::span<const RuleText> texts, const Placeholders& placeholders,
                 std::span<const LogSchema> logs = {}, std::span<const FieldMap> maps = {});

}  // namespace stanch::detect::sigma

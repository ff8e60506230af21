#pragma once

#include <span>
#include <vector>

#include "base/diagnostic.h"
#include "detect/detect.h"
#include "detect/fields/apply.h"
#include "detect/sigma/correlation.h"
#include "detect/sigma/rule.h"

namespace stanch::detect::sigma {

// The rules that correlations look at, and what field maps did to each of them.
struct MappedRules {
  std::span<const Rule> rules;
  std::span<const fields::Renamings> renamings;  // parallel to rules
};

// Fields of `group-by`, `field` and `aliases` become those that events of each rule have: an alias
// of that rule, where a map makes something else of it. Those that no event of the rule's log can
// have are reported; without `logs` nothing is. `files` are those that the correlations stand in.
void map_correlation_fields(std::vector<Correlation>& correlations,
                            std::span<const RuleText* const> files, const MappedRules& rules,
                            std::span<const LogSchema> logs, Diagnostics& diagnostics);

}  // namespace stanch::detect::sigma

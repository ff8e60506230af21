#pragma once

#include <span>
#include <vector>

#include "detect/sigma/filter.h"
#include "detect/sigma/link_correlations.h"

namespace stanch::detect::sigma {

// A filter whose own text was read, without an error. `file` outlives this.
struct ReadFilter {
  Filter filter;
  const RuleText* file = nullptr;
  uint32_t report = 0;  // index of its RuleReport
  At at;                // of its document
};

// Finds out which of `rules` each filter is meant for. One that names what is not there is
// reported and refused. The others come back in the order of `read`.
struct LinkedFilters {
  std::vector<Filter> filters;
  std::vector<uint32_t> report_of;
};
LinkedFilters link_filters(std::vector<ReadFilter> read, std::span<const Rule> rules,
                           const RuleNames& names, Diagnostics& diagnostics);

}  // namespace stanch::detect::sigma

#include "pipeline/hiding_filter.h"

#include <algorithm>

#include "detect/sigma/filter.h"
#include "pipeline/never_excepted.h"

namespace stanch::pipeline {

std::optional<uint32_t> find_hiding_filter(const detect::RuleSet& rules,
                                           std::span<const uint32_t> filters,
                                           const model::Facts& facts) {
  const auto found = std::ranges::find_if(filters, [&](uint32_t filter) {
    const std::optional<Time> expires = detect::filters(rules)[filter].expires;
    return !expires || (facts.time && *facts.time < *expires);
  });
  if (found == filters.end() || is_never_excepted(facts)) return std::nullopt;
  return *found;
}

}  // namespace stanch::pipeline

#pragma once

#include <optional>
#include <span>
#include <vector>

#include "codec/yaml.h"
#include "detect/sigma/correlation.h"
#include "detect/sigma/reporter.h"

namespace stanch::detect::sigma {

// Reads everything of a correlation document but what its rules are: their `index`,
// `is_correlation` and `depth` are link_correlations()'s. What comes back is of use only where
// nothing was reported as an error.
Correlation read_correlation(const codec::YamlNode& root, Reporter& reporter);

// "5m" -> five minutes; nothing if it is none, or out of bounds.
std::optional<Duration> parse_timespan(std::string_view text);

}  // namespace stanch::detect::sigma

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "detect/correlate/nearest.h"
#include "env/env.h"
#include "host/rule_set.h"

// What one correlation made of given events: what it fired at, and how near it came.

namespace stanch::host {

struct CorrelationLook {
  uint64_t events = 0;        // read, each once
  uint64_t matched = 0;       // of these, by a rule that the correlation looks at
  uint64_t without_time = 0;  // of these, not counted
  std::vector<detect::correlate::Firing> firings;
  detect::correlate::Nearness nearness;
};

// `correlation` is an index into the plan's. Fails if the events at `path` cannot be read, or too
// many of them are matched to be looked at together.
Result<CorrelationLook> look_at_correlation(env::Env& env, const LoadedRules& rules,
                                            uint32_t correlation, const std::string& path);

}  // namespace stanch::host

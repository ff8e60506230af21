#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "detect/detect.h"
#include "model/event.h"

namespace stanch::pipeline {

// The filter that hides what a rule found in an event: of `filters`, which say to hide it
// (detect::Match), the first that is in force. None if it may not be hidden
// (docs/formats/sigma.md, E3 and E4).
std::optional<uint32_t> find_hiding_filter(const detect::RuleSet& rules,
                                           std::span<const uint32_t> filters,
                                           const model::Facts& facts);

}  // namespace stanch::pipeline

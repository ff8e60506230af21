#pragma once

#include <cstdint>

#include "cli/context.h"
#include "host/rule_set.h"

namespace stanch::cli {

// `rules explain` of a correlation, by its index: why it fired at the events of EVENT, or what the
// group lacked that came nearest.
int explain_correlation(Context& context, const host::LoadedRules& rules, uint32_t correlation);

}  // namespace stanch::cli

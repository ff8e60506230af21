#pragma once

#include <span>
#include <string>

#include "detect/sigma/load.h"

namespace stanch::detect::sigma {

// Leaves out the rules and correlations whose status is none of `statuses`, without which none is.
// What a correlation that stays looks at stays too, for it alone. Filters stay.
void keep_status(LoadedRules& loaded, std::span<const std::string> statuses);

}  // namespace stanch::detect::sigma

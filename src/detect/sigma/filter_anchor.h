#pragma once

#include "detect/sigma/rule.h"

namespace stanch::detect::sigma {

// Whether a filter hides only what holds something that an attacker does not choose: each way to
// be hidden by `filter` has an item that says who, where or what it is. With `hides` it hides
// what its conditions hold for, else the rest.
bool is_anchored(const Rule& filter, bool hides);

}  // namespace stanch::detect::sigma

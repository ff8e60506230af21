#pragma once

#include "cases.h"
#include "env/env.h"
#include "line_scan.h"

namespace stanch::bench {

// The rules of the speed rows, and says which: all of the content and all public ones, but for
// those that fire on a larger share of ordinary events: one that says "a role was used" would
// leave nothing to measure.
RuleSetPtr speed_rules(env::Env& env, const Settings& settings, double share_max = 0.001);

}  // namespace stanch::bench

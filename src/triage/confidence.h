#pragma once

#include "triage/state.h"

namespace stanch::triage {

// Two independent rules say so: findings of level medium or above, of calls that succeeded, by two
// rules and about two events. One rule alone, or many about one event, may be one mistake.
bool is_confirmed(const IncidentState& state);

}  // namespace stanch::triage

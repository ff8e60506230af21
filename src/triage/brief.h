#pragma once

#include <string>

#include "base/time.h"
#include "triage/state.h"

namespace stanch::triage {

// What the receiver of a role has to know: what is known, ruled out, thought, pending, running, and
// when news is due. Markdown; privileged notes are left out.
std::string brief_of(const IncidentState& state, Time now);

}  // namespace stanch::triage

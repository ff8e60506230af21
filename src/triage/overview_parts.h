#pragma once

#include "triage/overview.h"

// The parts of an overview that read what its other parts say; of overview.cc alone.

namespace stanch::triage {

// Fills in next, ask and breaks.
void say_next(const IncidentState& state, const Assets& assets, Overview& overview);
std::vector<std::string> unknown_of(const IncidentState& state, const Assets& assets,
                                    const Activity& activity);

bool has_tactic(const Finding& finding, std::initializer_list<std::string_view> tactics);

}  // namespace stanch::triage

#pragma once

#include <string>

#include "base/time.h"
#include "triage/overview.h"
#include "triage/state.h"

// What somebody who takes over must be told: known, ruled out, hypotheses, pending, running, the
// next update, what cannot be known. It goes into the handover's entry, so that it can be read
// later what was said then.

namespace stanch::triage {

// Plain text: headings at the left, an item a line. What others wrote is made harmless (it cannot
// begin a line, nor move a cursor) and cut to kBriefItemBytes; a heading has kBriefItems lines at
// most and says how many more there are. Privileged notes are not in it.
std::string brief_of(const IncidentState& state, const Overview& overview, Time now);

}  // namespace stanch::triage

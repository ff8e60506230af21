#pragma once

// The face of this stage: what the ledger tells of incidents afterwards.

#include "learn/case.h"      // one incident: when which thing happened
#include "learn/metrics.h"   // many as numbers
#include "learn/sentence.h"  // what an entry says, in words
#include "learn/timeline.h"  // the entries of an incident, each in a line

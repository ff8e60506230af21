#pragma once

#include "base/result.h"
#include "cli/context.h"
#include "host/triage_tables.h"

namespace stanch::cli {

// The tables of triage from --content. Says on standard error what is wrong with them; fails if
// that is an error.
Result<host::TriageTables> load_triage_loudly(Context& context);

}  // namespace stanch::cli

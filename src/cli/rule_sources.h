#pragma once

#include <string>

#include "base/diagnostic.h"
#include "base/result.h"
#include "cli/context.h"
#include "host/rule_set.h"

// What the commands that load rules share.

namespace stanch::cli {

// --rules, --no-builtin-rules, --content as settings have them.
host::RuleSources rule_sources(const Context& context);

// Loads, and says on standard error what is wrong: problems of the context always, of rules
// only as a count (lint shows them), notes on empty lists in one line, or each with -v. Fails if
// the context has errors or not one rule could be loaded.
Result<host::LoadedRules> load_rules_loudly(Context& context, const host::RuleSources& sources);

// For people: what is worst first. An empty list is said once, with how many rules use
// it, unless all places are wanted.
std::string diagnostics_text(const Diagnostics& diagnostics, bool all_places);

}  // namespace stanch::cli

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

// Loads, and says on standard error what is wrong. Problems of the context always; its empty
// lists as a count, or each with -v. Of rules how many were refused (lint shows why); with -v
// their errors and warnings, with -vv notes too. Fails if the context has errors or not one rule
// could be loaded.
Result<host::LoadedRules> load_rules_loudly(Context& context, const host::RuleSources& sources);
// The same, with host::load_with_what_is_named().
Result<host::LoadedRules> load_named_rules_loudly(Context& context,
                                                  const host::RuleSources& sources);

}  // namespace stanch::cli

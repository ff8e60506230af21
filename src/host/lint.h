#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/diagnostic.h"
#include "base/result.h"
#include "env/env.h"
#include "host/rule_set.h"

// All that can be said about rules without a match: problems of their text, rules that
// no event can satisfy, rules that cost more, rules that are blind on given logs.

namespace stanch::host {

struct LintReport {
  Diagnostics diagnostics;  // of the context, of the rules, and the codes below
  uint64_t sampled_events = 0;
  bool sample_has_data_events = false;
};

// `against`: logs to look for data events in; empty for none. Fails if they cannot be read.
Result<LintReport> lint(env::Env& env, const LoadedRules& rules,
                        std::span<const std::string> against);

// The table of diagnostics that lint() adds.
std::span<const DiagnosticCode> lint_codes();

}  // namespace stanch::host

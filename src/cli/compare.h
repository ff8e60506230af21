#pragma once

#include <string>
#include <vector>

#include "cli/context.h"
#include "cli/progress.h"
#include "codec/json_writer.h"
#include "host/backtest.h"

// What `rules backtest` and `rules diff` share.

namespace stanch::cli {

// --on, --jobs, --examples. Fails if --on is missing.
Result<host::BacktestOptions> backtest_options(Context& context, ProgressLine& progress);

bool shows_progress(Context& context);

// The rules at `paths` alone, and beside them what their correlations and filters name of those
// that are built in; what is wrong with them is said. Fails if none loads.
Result<host::LoadedRules> load_given_rules(Context& context, std::vector<std::string> paths);

// "      2026-03-01T02:03:04Z alice iam:CreateUser bob (file record 3)", one line each.
std::string examples_text(std::string_view mark, const std::vector<host::EventExample>& examples,
                          const pipeline::output::Style& style);

void append_examples(std::string_view name, const std::vector<host::EventExample>& examples,
                     codec::JsonWriter& json);

// What could not be read, on standard error; the exit code that says so.
int say_unread(Context& context, const pipeline::ScanSummary& summary);

}  // namespace stanch::cli

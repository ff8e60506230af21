#include "cli/compare.h"

#include <fmt/format.h>

#include "cli/rule_sources.h"
#include "host/ledger.h"
#include "pipeline/output/text.h"

namespace stanch::cli {

namespace output = pipeline::output;

Result<host::BacktestOptions> backtest_options(Context& context, ProgressLine& progress) {
  host::BacktestOptions options;
  options.on = context.settings().list("on");
  if (options.on.empty()) {
    return Error(
        ErrorCode::kInvalid,
        fmt::format("'stanch {}' needs --on PATH: the logs to run over", context.command().name));
  }
  options.jobs = context.settings().number("jobs");
  options.spool_folder = host::spool_folder(context.env().variables, "");
  options.examples = context.settings().number("examples");
  options.progress = [&progress](const pipeline::Progress& now) { progress.update(now); };
  return options;
}

bool shows_progress(Context& context) {
  return context.env().terminal.error_is_terminal() && !context.quiet() &&
         !context.settings().flag("no-progress");
}

Result<host::LoadedRules> load_given_rules(Context& context, std::vector<std::string> paths) {
  return load_named_rules_loudly(
      context,
      {.builtin = false, .content = context.settings().text("content"), .paths = std::move(paths)});
}

std::string examples_text(std::string_view mark, const std::vector<host::EventExample>& examples,
                          const output::Style& style) {
  std::string text;
  for (const host::EventExample& example : examples) {
    const std::string line =
        fmt::format("    {} {} {} {} {} {} ({} record {})", mark, example.time, example.actor,
                    example.action, example.source, example.target, example.file, example.record);
    text += output::fit(line, style.columns, style) + "\n";
  }
  return text;
}

void append_examples(std::string_view name, const std::vector<host::EventExample>& examples,
                     codec::JsonWriter& json) {
  json.key(name).begin_array();
  for (const host::EventExample& example : examples) {
    json.begin_object()
        .field("time", example.time)
        .field("event_id", example.event_id)
        .field("actor", example.actor)
        .field("action", example.action)
        .field("source", example.source)
        .field("target", example.target)
        .field("file", example.file)
        .field("record", example.record)
        .end_object();
  }
  json.end_array();
}

int say_unread(Context& context, const pipeline::ScanSummary& summary) {
  for (const ingest::InputError& error : summary.errors) {
    if (!error.loss) continue;
    context.env().terminal.write_error(error_text(error.message, ""));
  }
  return pipeline::has_lost_input(summary) ? kExitInput : kExitOk;
}

}  // namespace stanch::cli

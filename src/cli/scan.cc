#include "host/scan.h"

#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/context.h"
#include "cli/levels.h"
#include "cli/progress.h"
#include "cli/rule_sources.h"
#include "cli/version.h"
#include "host/ledger.h"
#include "pipeline/output/summary.h"
#include "pipeline/output/text.h"

namespace stanch::cli {

namespace {

namespace output = pipeline::output;

host::ScanRequest request_of(Context& context) {
  const Settings& settings = context.settings();
  const auto paths = context.arguments("PATH");
  host::ScanRequest request;
  request.options.paths.assign(paths.begin(), paths.end());
  request.options.jobs = settings.number("jobs");
  request.options.spool_folder =
      host::spool_folder(context.env().variables, settings.text("state"));
  request.options.dedup = !settings.flag("no-dedup");
  request.options.keep_raw = settings.flag("raw");
  request.output = settings.text("output");
  request.dead_letter = settings.text("dead-letter");
  request.journal.path = settings.text("journal");
  if (settings.is_set("summary-json") && settings.text("summary-json") != "-") {
    request.options.own_files.push_back(settings.text("summary-json"));
  }
  const bool on_screen = request.output.empty() && context.env().terminal.out_is_terminal();
  request.format = on_screen ? output::Format::kTable : output::Format::kNdjson;
  if (settings.is_set("format")) request.format = *output::find_format(settings.text("format"));
  request.style = context.style();
  if (!request.output.empty()) request.style.color = settings.text("color") == "always";
  request.program_version = program_version();
  request.min_level = *find_level(settings.text("min-level"));
  return request;
}

int write_summary_file(Context& context, const host::ScanOutcome& outcome) {
  const std::string path = context.settings().text("summary-json");
  if (path.empty()) return kExitOk;
  const auto write = [&]() -> Result<> {
    const std::string text = output::summary_json(outcome.summary, outcome.run);
    if (path == "-") return context.env().terminal.write_out(text);
    TRY(const auto file, context.env().files.create(path));
    TRY(file->append(text));
    return {};
  };
  const Result<> written = write();
  if (written) return kExitOk;
  return context.fail(fmt::format("the summary: {}", written.error().message()), "", kExitInternal);
}

int exit_code_of(Context& context, const host::ScanOutcome& outcome) {
  const std::string fail_level = context.settings().text("fail-level");
  const auto highest = host::highest_level(outcome.summary);
  // A broken file must not hide an attack: findings go first.
  if (fail_level != "never" && highest && *highest >= *find_level(fail_level)) {
    return kExitFindings;
  }
  return pipeline::has_lost_input(outcome.summary) ? kExitInput : kExitOk;
}

}  // namespace

int run_scan(Context& context) {
  auto rules = load_rules_loudly(context, rule_sources(context));
  if (!rules) return context.fail(rules.error(), kExitUsage);

  const host::ScanRequest request = request_of(context);
  if (context.settings().text("summary-json") == "-" && host::is_standard_output(request.output)) {
    return context.fail("--summary-json - would mix the summary with the findings",
                        "Write one of them to a file: --output FILE, or --summary-json FILE.",
                        kExitUsage);
  }
  env::Terminal& terminal = context.env().terminal;
  ProgressLine progress(
      context.env(), context.error_style(),
      terminal.error_is_terminal() && !context.quiet() && !context.settings().flag("no-progress"));
  host::ScanObserver observer;
  observer.progress = [&](const pipeline::Progress& now) { progress.update(now); };
  observer.before_output = [&] { progress.clear(); };
  observer.conflict = [&](const model::Origin& origin) {
    if (context.verbosity() == 0) return;
    progress.clear();
    constexpr size_t kColumns = 200;
    context.note(
        fmt::format("note: {} record {}: its event id was seen before with other content\n",
                    output::fit(origin.file, kColumns, context.error_style()), origin.record));
  };

  const auto outcome = host::scan(context.env(), *rules, request, observer);
  progress.clear();
  if (!outcome) return context.fail(outcome.error(), kExitUsage);
  if (outcome->reader_gone) return kExitReaderGone;
  if (outcome->failed) {
    return context.fail(
        fmt::format("the scan could not be finished: {}", outcome->failed->message()),
        request.journal.path.empty()
            ? "What was written is not complete. Remove the cause and scan again."
            : "Remove the cause and give the same command: the scan goes on where it was.",
        kExitInternal);
  }
  // The table ends with the summary; beside the other forms it stands on standard error.
  if (request.format != output::Format::kTable || !request.output.empty()) {
    context.note(output::summary_text(outcome->summary, outcome->run, context.error_style()));
  }
  if (const int failed = write_summary_file(context, *outcome); failed != kExitOk) return failed;
  return exit_code_of(context, *outcome);
}

}  // namespace stanch::cli

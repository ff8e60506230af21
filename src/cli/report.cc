#include "host/report.h"

#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/incident.h"
#include "cli/ledger.h"
#include "cli/triage_tables.h"
#include "cli/version.h"
#include "codec/utf8.h"
#include "host/incident.h"
#include "host/scan.h"

namespace stanch::cli {

namespace {

host::ReportFormat format_of(const Settings& settings) {
  if (settings.flag("json")) return host::ReportFormat::kJson;
  return settings.text("report-format") == "html" ? host::ReportFormat::kHtml
                                                  : host::ReportFormat::kMarkdown;
}

// What is for few is written so that few can read it.
Result<> write_file(env::Files& files, const std::string& path, const host::MadeReport& report,
                    bool for_few) {
  TRY(const auto file, for_few ? files.create_private(path) : files.create(path));
  TRY(file->append(report.bytes));
  return file->sync();
}

}  // namespace

int run_report(Context& context) {
  const Settings& settings = context.settings();
  const auto tables = load_triage_loudly(context);
  if (!tables) return context.fail(tables.error(), kExitUsage);
  const auto opened = open_incident_argument(context);
  if (!opened) return fail_incident(context, opened.error());
  const auto state = host::load_incident(*opened->store, opened->id);
  if (!state) return fail_incident(context, state.error());
  if (const auto seen = check_restricted(context, *state); !seen) {
    return fail_incident(context, seen.error());
  }
  const host::ReportRequest request{.incident = opened->id,
                                    .format = format_of(settings),
                                    .privileged = settings.flag("privileged"),
                                    .now = context.env().clock.now(),
                                    .program_version = std::string(program_version())};
  const auto report = host::make_report(*opened->store, *tables, request);
  if (!report) return fail_incident(context, report.error());
  const std::string path = settings.text("report-output");
  const bool to_screen = host::is_standard_output(path);
  if (to_screen) {
    if (const int code = context.print(report->bytes); code != kExitOk) return code;
  } else if (const auto written = write_file(context.env().files, path, *report,
                                             report->restricted || request.privileged);
             !written) {
    return context.fail(fmt::format("the report: {}", written.error().message()), "",
                        kExitInternal);
  }
  if (settings.flag("record-report")) {
    const auto recorded =
        host::record_report(context.env(), *opened->store, request, *report, ledger_actor(context));
    if (!recorded) return fail_incident(context, recorded.error());
  }
  if (!to_screen) context.note(fmt::format("wrote {}\n", codec::for_terminal(path)));
  return kExitOk;
}

}  // namespace stanch::cli

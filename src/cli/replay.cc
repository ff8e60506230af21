#include "host/replay.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/commands.h"
#include "cli/context.h"
#include "cli/ledger.h"
#include "cli/progress.h"
#include "cli/rule_sources.h"
#include "cli/triage_tables.h"
#include "cli/version.h"
#include "codec/json_writer.h"
#include "codec/utf8.h"
#include "host/incident.h"
#include "pipeline/output/summary.h"
#include "pipeline/output/text.h"
#include "triage/state.h"

namespace stanch::cli {

namespace {

namespace output = pipeline::output;

// Without --ledger, the first replay makes the ledger of this machine.
Result<std::unique_ptr<ledger::Store>> open_or_make_ledger(Context& context) {
  auto store = open_ledger(context);
  const bool missing = !store && store.error().code() == ErrorCode::kNotFound;
  if (!missing || context.settings().is_set("ledger")) return store;
  TRY(const host::LedgerPlace place, ledger_place(context));
  TRY(const host::InitResult made,
      host::init_ledger(context.env(), {.place = place,
                                        .origin = "",
                                        .actor = ledger_actor(context),
                                        .program = std::string(program_version())}));
  context.note(
      fmt::format("note: made ledger {} at {}\n", made.id, codec::for_terminal(place.path)));
  return open_ledger(context);
}

struct Row {
  model::IncidentId id;
  std::string title, status, severity;
  uint64_t findings = 0;
  bool restricted = false;  // of such a one, only id and severity are told
};

Result<std::vector<Row>> rows_of(ledger::Ledger& ledger,
                                 const std::vector<model::IncidentId>& incidents) {
  std::vector<Row> rows;
  for (const model::IncidentId& id : incidents) {
    const auto loaded = host::load_incident(ledger, id);
    if (!loaded && loaded.error().code() == ErrorCode::kNotFound) continue;
    if (!loaded) return loaded.error();
    const triage::IncidentState& state = *loaded;
    if (!state.merged_into.empty()) continue;
    Row& row = rows.emplace_back();
    row.id = id;
    row.severity = state.severity ? std::string(name_of(*state.severity)) : "-";
    row.restricted = state.restricted;
    if (state.restricted) continue;
    row.title = state.headline();
    row.status = caption_of(state.status);
    row.findings = state.finding_count();
  }
  std::ranges::stable_sort(rows, [](const Row& a, const Row& b) {
    return std::tuple(a.severity, b.findings, a.id) < std::tuple(b.severity, a.findings, b.id);
  });
  return rows;
}

std::string table_of(const std::vector<Row>& rows, const output::Style& style) {
  constexpr size_t kId = 30, kSeverity = 3, kFindings = 8, kStatus = 14;
  std::string text = fmt::format("{:<{}} {:<{}} {:>{}} {:<{}} {}\n", "SEV", kSeverity, "INCIDENT",
                                 kId, "FINDINGS", kFindings, "STATUS", kStatus, "TITLE");
  const size_t used = kSeverity + kId + kFindings + kStatus + 4;
  const size_t title = style.columns > used + 10 ? style.columns - used : 10;
  for (const Row& row : rows) {
    text += fmt::format("{:<{}} {:<{}} {:>{}} {} {}\n", row.severity, kSeverity, row.id.text(), kId,
                        row.restricted ? "-" : output::grouped(row.findings), kFindings,
                        output::fit_padded(row.restricted ? "-" : row.status, kStatus, style),
                        output::fit(row.restricted ? "(restricted)" : row.title, title, style));
  }
  return text;
}

std::string recorded_text(const pipeline::RecorderCounts& counts) {
  std::string text = fmt::format("incidents  {} opened", output::grouped(counts.opened));
  if (counts.merged > 0) text += fmt::format(", {} merged", output::grouped(counts.merged));
  text += fmt::format("; {}", output::counted(counts.findings, "finding"));
  if (counts.known > 0) {
    text += fmt::format(", {} of them known before", output::grouped(counts.known));
  }
  if (counts.own > 0) {
    text += fmt::format(", {} of our own calls", output::grouped(counts.own));
  }
  if (counts.folded > 0) {
    text += fmt::format(", {} of floods only counted", output::grouped(counts.folded));
  }
  if (counts.aside > 0) {
    text += fmt::format("\naside      {} informational that belong to no incident",
                        output::grouped(counts.aside));
  }
  if (counts.forgotten > 0) {
    text += fmt::format("\nforgotten  {} things, to stay within the limits of grouping",
                        output::grouped(counts.forgotten));
  }
  return text + "\n";
}

int print_rows(Context& context, const host::ReplayOutcome& outcome, const std::vector<Row>& rows,
               int exit_code) {
  if (!context.settings().flag("json")) {
    return rows.empty() ? exit_code : context.print(table_of(rows, context.style()), exit_code);
  }
  return print_json(context, "stanch.replay/1", exit_code, [&](codec::JsonWriter& json) {
    json.field("events", outcome.summary.events)
        .field("findings", outcome.counts.findings)
        .field("known", outcome.counts.known)
        .field("own", outcome.counts.own)
        .field("folded", outcome.counts.folded)
        .field("aside", outcome.counts.aside)
        .field("opened", outcome.counts.opened)
        .field("merged", outcome.counts.merged)
        .field("forgotten", outcome.counts.forgotten);
    json.key("incidents").begin_array();
    for (const Row& row : rows) {
      json.begin_object()
          .field("incident", row.id.text())
          .field("severity", row.severity)
          .field("restricted", row.restricted);
      if (!row.restricted) {
        json.field("status", row.status).field("findings", row.findings).field("title", row.title);
      }
      json.end_object();
    }
    json.end_array();
  });
}

}  // namespace

int run_replay(Context& context) {
  const auto rules = load_rules_loudly(context, rule_sources(context));
  if (!rules) return context.fail(rules.error(), kExitUsage);
  auto tables = load_triage_loudly(context);
  if (!tables) return context.fail(tables.error(), kExitUsage);
  const auto store = open_or_make_ledger(context);
  if (!store) return fail_ledger(context, store.error());

  const Settings& settings = context.settings();
  const auto paths = context.arguments("PATH");
  host::ReplayRequest request;
  request.options.paths.assign(paths.begin(), paths.end());
  request.options.jobs = settings.number("jobs");
  request.options.dedup = !settings.flag("no-dedup");
  request.program_version = program_version();
  request.options.spool_folder =
      host::spool_folder(context.env().variables, settings.text("state"));
  request.recorder = {.grouping = std::move(tables->grouping),
                      .matrix = std::move(tables->matrix),
                      .assets = std::move(tables->assets),
                      .content_version = rules->content_version};

  ProgressLine progress(context.env(), context.error_style(),
                        context.env().terminal.error_is_terminal() && !context.quiet() &&
                            !settings.flag("no-progress"));
  host::ReplayObserver observer;
  observer.scanning = [&](const pipeline::Progress& now) { progress.update(now); };
  const auto outcome = host::replay(context.env(), *rules, **store, std::move(request), observer);
  progress.clear();
  if (!outcome && outcome.error().code() == ErrorCode::kUnavailable) {
    return context.fail(outcome.error().message(),
                        "What is in the ledger stays. Repeat the command once that is mended: it "
                        "goes on where it was.",
                        kExitInternal);
  }
  if (!outcome) return fail_ledger(context, outcome.error());
  const auto rows = rows_of(**store, outcome->incidents);
  if (!rows) return fail_ledger(context, rows.error());
  context.note(output::summary_text(outcome->summary, outcome->run, context.error_style()) +
               recorded_text(outcome->counts));
  const int exit_code = pipeline::has_lost_input(outcome->summary) ? kExitInput : kExitOk;
  return print_rows(context, *outcome, *rows, exit_code);
}

}  // namespace stanch::cli

#include "host/trace.h"

#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/compare.h"
#include "cli/context.h"
#include "cli/incident.h"
#include "cli/progress.h"
#include "codec/timestamp.h"
#include "codec/utf8.h"
#include "pipeline/content.h"
#include "pipeline/output/text.h"
#include "pipeline/output/trace/trace_writer.h"

namespace stanch::cli {

namespace {

namespace output = pipeline::output;
namespace scope = triage::scope;

constexpr size_t kCandidatesShown = 10;

// A day is its first moment, or its last.
Result<std::optional<Time>> time_of(Context& context, std::string_view option, bool last) {
  const std::string text = context.settings().text(option);
  if (text.empty()) return std::optional<Time>();
  TRY(Time time, past_time_of(text, context.env().clock.now()));
  const bool is_day = codec::parse_timestamp(text + "T00:00:00Z").has_value();
  if (is_day && last) time += std::chrono::days(1) - Duration(1);
  return std::optional(time);
}

Result<host::TraceRequest> trace_request(Context& context) {
  const Settings& settings = context.settings();
  host::TraceRequest request;
  request.entity = context.argument("ENTITY");
  const auto paths = settings.list("logs");
  request.options.paths.assign(paths.begin(), paths.end());
  if (request.options.paths.empty()) {
    return Error(ErrorCode::kInvalid, "'stanch trace' needs the logs to read: --logs PATH");
  }
  request.options.jobs = settings.number("jobs");
  TRY(request.window.since, time_of(context, "since", false));
  TRY(request.window.until, time_of(context, "trace-until", true));
  if (request.window.since && request.window.until &&
      *request.window.until < *request.window.since) {
    return Error(ErrorCode::kInvalid, "--until is before --since; exchange them");
  }
  TRY(const auto content, pipeline::load_content(context.env().files, settings.text("content")));
  Diagnostics diagnostics;
  request.options.sources = pipeline::own_sources_of(content, diagnostics);
  for (const Diagnostic& diagnostic : diagnostics) {
    context.env().terminal.write_error(to_text(diagnostic));
  }
  if (!diagnostics.empty()) return Error(ErrorCode::kInvalid, "the sources have errors");
  request.geo_database = settings.text("geo-database");
  request.network_database = settings.text("asn-database");
  request.timeline = settings.text("trace-format") == "csv";
  return request;
}

std::string line_of(const std::string& id, const output::Style& style) {
  return "  " + output::fit(id, std::max(style.columns, 60u) - 4, style) + "\n";
}

int say_not_one(Context& context, const host::TraceRequest& request, const scope::Lookup& lookup) {
  const output::Style& style = context.error_style();
  const std::string wanted = output::fit(request.entity, 100, style);
  std::string list;
  if (!lookup.matches.empty()) {
    const size_t shown = std::min(lookup.matches.size(), kCandidatesShown);
    for (size_t i = 0; i < shown; ++i) list += line_of(lookup.matches[i].id, style);
    if (lookup.matches.size() > shown) {
      list += fmt::format("  and {} more\n", lookup.matches.size() - shown);
    }
    context.env().terminal.write_error(
        error_text(fmt::format("'{}' may be any of these:", wanted), "") + list +
        "Give one of them as ENTITY; the most active stands first.\n");
    return kExitUsage;
  }
  std::string todo = "Give an entity id, an ARN, an access key id, an address, or a name.";
  if (!lookup.near.empty()) {
    for (const std::string& id : lookup.near) list += line_of(id, style);
    todo = "";
  }
  context.env().terminal.write_error(
      error_text(fmt::format("'{}' is not in these logs", wanted), todo) +
      (list.empty() ? "" : "Nearest to it are:\n" + list));
  return kExitUsage;
}

std::string text_of(Context& context, const host::TraceOutcome& outcome) {
  const std::string format = context.settings().text("trace-format");
  if (context.settings().flag("json")) return output::trace_json(outcome.trace);
  if (format == "json") return output::trace_json(outcome.trace);
  if (format == "dot") return output::trace_dot(outcome.trace);
  if (format == "mermaid") return output::trace_mermaid(outcome.trace);
  if (format == "csv") {
    std::string text(output::timeline_header());
    for (const std::string& row : outcome.timeline) text += row;
    return text;
  }
  output::Style style = context.style();
  // Trees are read, and kept in tickets: as wide as on a small terminal.
  if (!context.env().terminal.out_is_terminal()) style.columns = 80;
  return output::trace_tree(outcome.trace, style);
}

}  // namespace

int run_trace(Context& context) {
  const auto request = trace_request(context);
  if (!request) return context.fail(request.error(), kExitUsage);
  ProgressLine progress(context.env(), context.error_style(), shows_progress(context));
  const auto outcome = host::trace(context.env(), *request,
                                   [&](const pipeline::Progress& now) { progress.update(now); });
  progress.clear();
  if (!outcome) return context.fail(outcome.error(), kExitUsage);
  const int code = say_unread(context, outcome->summary);
  if (outcome->lookup.matches.size() != 1) {
    const int usage = say_not_one(context, *request, outcome->lookup);
    return code != kExitOk ? code : usage;
  }
  if (outcome->timeline_more > 0) {
    context.note(fmt::format("note: {} later events are not in the timeline; use --since\n",
                             output::grouped(outcome->timeline_more)));
  }
  return context.print(text_of(context, *outcome), code);
}

}  // namespace stanch::cli

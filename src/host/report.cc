#include "host/report.h"

#include "codec/hash.h"
#include "host/incident.h"
#include "host/metrics.h"
#include "pipeline/output/text.h"
#include "pipeline/report/report.h"
#include "triage/overview.h"

namespace stanch::host {

namespace {

namespace report = pipeline::report;

std::string json_of(const report::Source& source) {
  std::string text = json_object([&](codec::JsonWriter& json) {
    json.field("schema", "stanch.report/1");
    report::append_json(source, json);
  });
  pipeline::output::escape_hidden(text, 0);
  return text + "\n";
}

std::string written(const report::Source& source, ReportFormat format) {
  switch (format) {
    case ReportFormat::kMarkdown: return report::markdown_of(report::report_of(source));
    case ReportFormat::kHtml: return report::html_of(report::report_of(source));
    case ReportFormat::kJson: return json_of(source);
  }
  return {};
}

}  // namespace

std::string_view name_of(ReportFormat format) {
  switch (format) {
    case ReportFormat::kMarkdown: return "markdown";
    case ReportFormat::kHtml: return "html";
    case ReportFormat::kJson: return "json";
  }
  return "";
}

Result<MadeReport> make_report(ledger::Ledger& ledger, const TriageTables& tables,
                               const ReportRequest& request) {
  // One reading of the stream for all of it: somebody may be appending.
  TRY(const auto entries, ledger::read_all(ledger, incident_stream(request.incident)));
  triage::IncidentFold fold(request.incident);
  for (const model::Entry& entry : entries) fold.apply(entry);
  const triage::IncidentState& state = fold.state();
  if (!state.exists()) {
    return Error(ErrorCode::kNotFound, "there is no incident " + request.incident.text());
  }
  TRY(const auto times, load_whole_case(ledger, request.incident, entries));
  const triage::Overview overview =
      triage::overview_of(state, tables.matrix, tables.assets, request.now);
  learn::TimelineOptions options;
  options.privileged = request.privileged;
  const auto timeline = learn::timeline_of(entries, options);
  const report::Source source{.state = state,
                              .overview = overview,
                              .times = times,
                              .timeline = timeline,
                              .now = request.now,
                              .privileged = request.privileged,
                              .ledger = ledger.id(),
                              .last_hash = codec::to_hex(model::citation_of(entries.back()).hash),
                              .program_version = request.program_version,
                              .content_version = tables.content_version};
  return MadeReport{.bytes = written(source, request.format),
                    .through = entries.back().sequence,
                    .restricted = state.restricted};
}

Result<> record_report(env::Env& env, ledger::Ledger& ledger, const ReportRequest& request,
                       const MadeReport& report, const std::string& actor) {
  const std::string payload = json_object([&](codec::JsonWriter& json) {
    json.field("format", name_of(request.format))
        .field("sha256", codec::to_hex(codec::sha256(report.bytes)))
        .field("through", report.through);
  });
  const auto recorded = act(env, ledger, request.incident, actor,
                            [&](const triage::IncidentState&) -> Result<std::vector<Said>> {
                              return std::vector<Said>{{.kind = "report_made", .payload = payload}};
                            });
  if (!recorded) return recorded.error();
  return {};
}

}  // namespace stanch::host

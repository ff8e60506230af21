#include "pipeline/report/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <ranges>

#include "codec/timestamp.h"
#include "pipeline/output/text.h"
#include "pipeline/report/sections.h"

namespace stanch::pipeline::report {

namespace {

using learn::Topic;
using triage::IncidentState;

Measure measure_of(const Source& source, learn::Measure which, std::string name) {
  const auto measured = learn::measure(source.times, which, source.now);
  if (!measured) return {std::move(name), "–", "not known, or not wanted"};
  return {std::move(name), span_text(measured->time), measured->open ? "so far, still open" : ""};
}

std::vector<Measure> measures_of(const Source& source) {
  using enum learn::Measure;
  return {measure_of(source, kDetect, "to detect"),
          measure_of(source, kAcknowledge, "to acknowledge"),
          measure_of(source, kContain, "to contain, verified"),
          measure_of(source, kRecover, "to recover")};
}

Chart chart_of(const Source& source) {
  Chart chart;
  const std::string attack = "Attack";
  for (const triage::JoinedFinding& joined : std::views::values(source.state.findings)) {
    if (joined.gone || !joined.finding.event_time) continue;
    chart.marks.push_back({*joined.finding.event_time, attack, joined.finding.title});
  }
  std::map<Topic, size_t> seen;
  for (const learn::TimelineLine& line : source.timeline) {
    // Findings are where their events are.
    if (line.kind == "finding_joined" || line.topic == Topic::kLedger) continue;
    ++seen[line.topic];
    chart.marks.push_back({line.time, std::string(caption_of(line.topic)), line.text});
  }
  if (std::ranges::find(chart.marks, attack, &Mark::lane) != chart.marks.end()) {
    chart.lanes.push_back(attack);
  }
  for (const Topic topic : std::views::keys(seen)) chart.lanes.emplace_back(caption_of(topic));
  const auto milestone = [&](std::optional<Time> at, std::string_view text) {
    if (at) chart.milestones.push_back({*at, std::string(text)});
  };
  milestone(source.times.first_event, "first event");
  milestone(source.times.opened, "alert");
  milestone(source.times.acknowledged, "acknowledged");
  milestone(source.times.contained, "contained");
  milestone(source.times.eradicated, "eradicated");
  milestone(source.times.recovered, "recovered");
  milestone(source.times.closed, "closed");
  return chart;
}

}  // namespace

std::string span_text(Duration duration) {
  using namespace std::chrono;
  const auto two = [](int64_t large, char unit, int64_t small, char small_unit) {
    return small == 0 ? fmt::format("{}{}", large, unit)
                      : fmt::format("{}{} {}{}", large, unit, small, small_unit);
  };
  if (duration > Duration{} && duration < seconds(1)) return "< 1s";
  if (duration < minutes(1)) return fmt::format("{}s", duration / seconds(1));
  if (duration < minutes(10)) {
    return two(duration / minutes(1), 'm', duration % minutes(1) / seconds(1), 's');
  }
  if (duration < hours(1)) return fmt::format("{}m", duration / minutes(1));
  if (duration < hours(48)) {
    return two(duration / hours(1), 'h', duration % hours(1) / minutes(1), 'm');
  }
  return two(duration / hours(24), 'd', duration % hours(24) / hours(1), 'h');
}

Report report_of(const Source& source) {
  const IncidentState& state = source.state;
  Report report;
  report.incident = state.id.text();
  report.headline = state.headline();
  report.sentence = source.overview.sentence;
  if (state.tlp) report.tlp = name_of(*state.tlp);
  if (state.severity) {
    report.severity = fmt::format("{} {}", name_of(*state.severity), caption_of(*state.severity));
  }
  report.standing = caption_of(state.status);
  report.drill = state.drill;
  report.restricted = state.restricted;
  report.closed = state.is_closed();
  report.privileged = source.privileged;
  report.withheld = static_cast<size_t>(std::ranges::count(
      source.timeline, learn::Telling::kWithheld, &learn::TimelineLine::telling));
  for (const std::string& person : state.people) {
    report.restricted_to += (report.restricted_to.empty() ? "" : ", ") + person;
  }
  report.measures = measures_of(source);
  report.chart = chart_of(source);
  report.graph = scope_graph_of(state);
  report.timeline.assign(source.timeline.begin(), source.timeline.end());
  report.sections = sections_of(source, report);
  report.made = fmt::format("Made {} by Stanch {}", time_text(source.now), source.program_version);
  const uint64_t last = source.timeline.empty() ? 0 : source.timeline.back().sequence;
  report.provenance = fmt::format(
      "From the entries 0 to {} of the stream incident/{} of the ledger {}. The hash of the last "
      "is "
      "{}. 'stanch ledger verify' checks the ledger, 'stanch ledger prove incident/{}/{}' that "
      "this "
      "entry is in it.",
      last, report.incident, source.ledger, source.last_hash, report.incident, last);
  return report;
}

void append_json(const Source& source, codec::JsonWriter& json) {
  json.field("made", codec::format_timestamp(source.now)).field("privileged", source.privileged);
  json.field("sentence", source.overview.sentence);
  json.key("incident").begin_object();
  triage::append_json(source.state, source.privileged, json);
  json.end_object();
  json.key("metrics").begin_object();
  learn::append_json(source.times, source.now, json);
  json.end_object();
  json.key("timeline").begin_object();
  learn::append_json(
      std::vector<learn::TimelineLine>(source.timeline.begin(), source.timeline.end()), json);
  json.end_object();
  json.key("unknown").begin_array();
  for (const std::string& text : source.overview.unknown) json.string(text);
  json.end_array();
  json.field("ledger", source.ledger).field("last_hash", source.last_hash);
}

}  // namespace stanch::pipeline::report

#include "pipeline/output/summary.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <numeric>

#include "codec/json_writer.h"
#include "codec/timestamp.h"
#include "codec/utf8.h"
#include "detect/sigma/filter.h"
#include "pipeline/output/text.h"

namespace stanch::pipeline::output {

namespace {

using codec::JsonWriter;
using model::Level;

constexpr Level kLevels[] = {Level::kCritical, Level::kHigh, Level::kMedium, Level::kLow,
                             Level::kInformational};
constexpr size_t kErrorsShown = 10;
constexpr size_t kHiddenShown = 10;

double seconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }

// ", 3 refused", or nothing for none.
std::string some(uint64_t number, std::string_view one, std::string_view many) {
  return number == 0 ? "" : ", " + counted(number, one, many);
}
std::string some(uint64_t number, std::string_view what) { return some(number, what, what); }

uint64_t filtered_in_all(const ScanSummary& summary) {
  uint64_t all = 0;
  for (const auto& [by, count] : summary.findings_hidden) all += count;
  return all;
}

std::string findings_line(const ScanSummary& summary, const RunInfo& run, const Style& style) {
  const uint64_t all = findings_in_all(summary);
  std::string line = colored(counted(all, "finding"), Color::kBold, style);
  char separator = ':';
  for (const Level level : kLevels) {
    const uint64_t number = summary.findings[static_cast<size_t>(level)];
    if (number == 0) continue;
    line += fmt::format("{} {} {}", separator, grouped(number), name_of(level));
    separator = ',';
  }
  if (const uint64_t filtered = filtered_in_all(summary); filtered > 0) {
    line += fmt::format(" ({} hidden by filters)", grouped(filtered));
  }
  if (const uint64_t hidden = findings_not_written(summary, run.min_level); hidden > 0) {
    line += fmt::format(" ({} below {} not written)", grouped(hidden), name_of(run.min_level));
  }
  return line + "\n";
}

std::string read_line(const ScanSummary& summary) {
  std::string line = "read       " + counted(summary.files, "file");
  if (summary.files_empty > 0) line += fmt::format(" ({} empty)", grouped(summary.files_empty));
  line += ", " + bytes_text(summary.bytes_read);
  if (summary.bytes_text != summary.bytes_read) {
    line += fmt::format(" ({} of text)", bytes_text(summary.bytes_text));
  }
  const double time = seconds(summary.elapsed);
  line += fmt::format(" in {:.1f} s", time);
  if (time > 0.05) {
    line += fmt::format(", {} events/s",
                        grouped(static_cast<uint64_t>(static_cast<double>(summary.events) / time)));
  }
  line += some(summary.digests_skipped, "digest file skipped", "digest files skipped");
  return line + "\n";
}

uint64_t unparsed_in_all(const ScanSummary& summary) {
  return std::accumulate(summary.unparsed.begin(), summary.unparsed.end(), uint64_t{0});
}

// What did not count in correlations.
std::string correlations_line(const CorrelationCounts& counts) {
  const uint64_t lost = counts.without_time + counts.without_group + counts.without_value +
                        counts.evicted + counts.groups_evicted + counts.late;
  if (lost == 0) {
    return "";
  }
  return fmt::format(
      "correlated {}{}{}{}{}{}{}\n", counted(counts.events, "event"),
      some(counts.without_time, "without a time, not counted"),
      some(counts.without_group, "time not counted for want of a field of `group-by`",
           "times not counted for want of a field of `group-by`"),
      some(counts.without_value, "time not counted for want of a value",
           "times not counted for want of a value"),
      some(counts.groups_evicted, "group forgotten early", "groups forgotten early"),
      some(counts.evicted, "event forgotten early", "events forgotten early"),
      some(counts.late, "not counted: too many at one moment"));
}

std::string events_line(const ScanSummary& summary) {
  std::string line = fmt::format("events     {} of {}", grouped(summary.events),
                                 counted(summary.records, "record"));
  line += some(summary.duplicates, "duplicate dropped", "duplicates dropped");
  line += some(summary.conflicts, "with a known id but other content kept");
  line += some(summary.gated, "that no rule is for");
  line += some(summary.tolerated, "with damaged JSON read anyway");
  line += some(summary.duplicate_keys, "event of a finding with a key twice",
               "events of findings with a key twice");
  line += '\n';
  if (const uint64_t unparsed = unparsed_in_all(summary); unparsed > 0) {
    line += fmt::format("unparsed   {}:", counted(unparsed, "record"));
    char separator = ' ';
    for (size_t i = 0; i < summary.unparsed.size(); ++i) {
      if (summary.unparsed[i] == 0) continue;
      line += fmt::format("{}{} {}", separator == ' ' ? " " : ", ", grouped(summary.unparsed[i]),
                          name_of(static_cast<Unparsed>(i)));
      separator = ',';
    }
    line += " ('stanch scan --dead-letter FILE' keeps them)\n";
  }
  if (summary.dedup_forgotten > 0) {
    line += fmt::format("note       {} forgotten again: duplicates far apart may be kept\n",
                        counted(summary.dedup_forgotten, "event id was", "event ids were"));
  }
  line += correlations_line(summary.correlations);
  if (const uint64_t lost = summary.correlations.groups_evicted + summary.correlations.late) {
    line += fmt::format(
        "note       correlations had to forget {}: what they would have found is not there; scan "
        "a shorter time, or take out the rule that too much matches\n",
        counted(lost, "group or event", "groups or events"));
  }
  if (summary.threads_missing > 0) {
    line += fmt::format("note       the system gave {} fewer than were asked for\n",
                        counted(summary.threads_missing, "thread"));
  }
  return line;
}

std::string rules_line(const RuleCounts& rules) {
  return fmt::format("rules      {} loaded{}{}{}{}{}\n", grouped(rules.loaded),
                     some(rules.left_out, "left out by their status"),
                     some(rules.unbindable, "of them can never match here"),
                     some(rules.refused, "refused"),
                     some(rules.refused_placeholder, "refused for a placeholder without value"),
                     some(rules.filters, "filter", "filters"));
}

// "hidden     12 of 'Bucket opened' by the filter 'Our website'": a line for each.
std::string hidden_lines(const std::vector<Hidden>& all) {
  std::string lines;
  for (size_t i = 0; i < std::min(all.size(), kHiddenShown); ++i) {
    lines += fmt::format("{:<10} {} of '{}' by the filter '{}'\n", i == 0 ? "hidden" : "",
                         grouped(all[i].findings), codec::for_terminal(all[i].rule->title),
                         codec::for_terminal(all[i].filter->title));
  }
  if (all.size() > kHiddenShown) {
    lines += fmt::format("{:<10} and what {} hid (--summary-json FILE lists it)\n", "",
                         counted(all.size() - kHiddenShown, "other pair of filter and rule",
                                 "other pairs of filter and rule"));
  }
  return lines;
}

// Input that was lost; or, with `loss` false, files beside the logs that are none.
std::string errors_text(const ScanSummary& summary, bool loss, const Style& style) {
  const auto all =
      static_cast<size_t>(std::ranges::count(summary.errors, loss, &ingest::InputError::loss));
  if (all == 0) return "";
  std::string text =
      loss ? colored(fmt::format("NOT READ   {}:\n", counted(all, "input")), Color::kBoldRed, style)
           : fmt::format("no log     {}:\n", counted(all, "input"));
  size_t shown = 0;
  for (const ingest::InputError& error : summary.errors) {
    if (error.loss != loss) continue;
    if (++shown > kErrorsShown) {
      return text + fmt::format("  ... and {} more (--summary-json FILE lists them all)\n",
                                grouped(all - kErrorsShown));
    }
    constexpr size_t kMessageColumns = 400;
    text += fmt::format("  {}\n", fit(error.message, kMessageColumns, style));
  }
  return text;
}

void append_rules(const RuleCounts& rules, JsonWriter& json) {
  json.key("rules")
      .begin_object()
      .field("loaded", rules.loaded)
      .field("refused", rules.refused)
      .field("refused_placeholder", rules.refused_placeholder)
      .field("left_out", rules.left_out)
      .field("filters", rules.filters)
      .field("unbindable", rules.unbindable)
      .field("unindexed", rules.unindexed)
      .end_object();
}

void append_hidden(const std::vector<Hidden>& all, JsonWriter& json) {
  json.key("filtered").begin_array();
  for (const Hidden& hidden : all) {
    json.begin_object()
        .field("filter", hidden.filter->id.text())
        .field("filter_title", hidden.filter->title)
        .field("rule", hidden.rule->id.text())
        .field("rule_title", hidden.rule->title)
        .field("findings", hidden.findings)
        .end_object();
  }
  json.end_array();
}

void append_correlations(const CorrelationCounts& counts, JsonWriter& json) {
  json.key("correlations")
      .begin_object()
      .field("events", counts.events)
      .field("without_time", counts.without_time)
      .field("without_group", counts.without_group)
      .field("without_value", counts.without_value)
      .field("evicted", counts.evicted)
      .field("groups_evicted", counts.groups_evicted)
      .field("late", counts.late)
      .end_object();
}

void append_errors(const ScanSummary& summary, JsonWriter& json) {
  json.key("errors").begin_array();
  for (const ingest::InputError& error : summary.errors) {
    json.begin_object()
        .field("path", error.path)
        .field("problem", name_of(error.problem))
        .field("message", error.message)
        .field("loss", error.loss)
        .end_object();
  }
  json.end_array();
}

}  // namespace

std::vector<Hidden> hidden_in(const ScanSummary& summary, const detect::RuleSet& rules) {
  std::vector<Hidden> all;
  for (const auto& [by, count] : summary.findings_hidden) {
    all.push_back({&detect::filters(rules)[by.first].rule.info,
                   detect::rule_infos(rules)[by.second].get(), count});
  }
  std::ranges::stable_sort(all, std::ranges::greater(), &Hidden::findings);
  return all;
}

uint64_t findings_in_all(const ScanSummary& summary) {
  return std::accumulate(summary.findings.begin(), summary.findings.end(), uint64_t{0});
}

uint64_t findings_not_written(const ScanSummary& summary, Level min_level) {
  const auto end = summary.findings.begin() + static_cast<ptrdiff_t>(min_level);
  return std::accumulate(summary.findings.begin(), end, uint64_t{0});
}

std::string summary_text(const ScanSummary& summary, const RunInfo& run, const Style& style) {
  constexpr size_t kIndent = 11;
  std::string text = findings_line(summary, run, style);
  const std::string lines =
      read_line(summary) + events_line(summary) + rules_line(run.rules) + hidden_lines(run.hidden);
  for (std::string_view rest = lines; !rest.empty();) {
    const size_t end = rest.find('\n');
    text += wrapped(rest.substr(0, end), kIndent, style.columns) + "\n";
    rest.remove_prefix(end + 1);
  }
  return text + errors_text(summary, false, style) + errors_text(summary, true, style);
}

std::string summary_json(const ScanSummary& summary, const RunInfo& run) {
  std::string out;
  JsonWriter json(out);
  json.begin_object()
      .field("schema", "stanch.scan-summary/1")
      .field("program_version", run.program_version)
      .field("content_version", run.content_version)
      .field("files", summary.files)
      .field("files_failed", summary.files_failed)
      .field("files_empty", summary.files_empty)
      .field("digests_skipped", summary.digests_skipped)
      .field("bytes_read", summary.bytes_read)
      .field("bytes_text", summary.bytes_text)
      .field("records", summary.records)
      .field("events", summary.events)
      .field("duplicates", summary.duplicates)
      .field("conflicts", summary.conflicts)
      .field("dedup_forgotten", summary.dedup_forgotten)
      .field("tolerated", summary.tolerated)
      .field("duplicate_keys", summary.duplicate_keys)
      .field("gated", summary.gated);
  append_correlations(summary.correlations, json);
  json.key("unparsed").begin_object();
  for (size_t i = 0; i < summary.unparsed.size(); ++i) {
    json.field(name_of(static_cast<Unparsed>(i)), summary.unparsed[i]);
  }
  json.end_object().key("findings").begin_object();
  for (const Level level : kLevels) {
    json.field(name_of(level), summary.findings[static_cast<size_t>(level)]);
  }
  json.end_object();
  json.field("findings_filtered", filtered_in_all(summary));
  append_hidden(run.hidden, json);
  json.field("min_level", name_of(run.min_level));
  json.field("findings_not_written", findings_not_written(summary, run.min_level));
  append_rules(run.rules, json);
  if (summary.first_event) {
    json.field("first_event", codec::format_timestamp(*summary.first_event));
  }
  if (summary.last_event) json.field("last_event", codec::format_timestamp(*summary.last_event));
  append_errors(summary, json);
  json.field("elapsed_seconds", seconds(summary.elapsed)).end_object();
  escape_hidden(out, 0);
  return out + "\n";
}

}  // namespace stanch::pipeline::output

#include <fmt/format.h>

#include <algorithm>

#include "cli/commands.h"
#include "cli/incident.h"
#include "cli/ledger.h"
#include "codec/timestamp.h"
#include "codec/utf8.h"
#include "host/incident.h"
#include "learn/learn.h"
#include "pipeline/output/text.h"

namespace stanch::cli {

namespace {

namespace output = pipeline::output;
using learn::Telling;
using learn::TimelineLine;

std::string csv_of(const std::vector<TimelineLine>& lines) {
  std::string text = "sequence,time,actor,kind,topic,telling,text\r\n";
  for (const TimelineLine& line : lines) {
    text += fmt::format("{},{}", line.sequence, codec::format_timestamp(line.time));
    for (const std::string_view cell :
         {std::string_view(line.actor), std::string_view(line.kind), name_of(line.topic),
          name_of(line.telling), std::string_view(line.text)}) {
      text += "," + output::csv_cell(cell);
    }
    text += "\r\n";
  }
  return text;
}

// Days are headings, so that lines have room for words.
std::string text_of(const std::vector<TimelineLine>& lines, const output::Style& style) {
  constexpr size_t kDay = 10, kActor = 10, kBeside = 2 + 8 + 2 + kActor + 1;
  std::string text, day;
  for (const TimelineLine& line : lines) {
    const std::string time =
        codec::format_timestamp(std::chrono::floor<std::chrono::seconds>(line.time));
    if (time.substr(0, kDay) != day) {
      if (!day.empty()) text += '\n';
      day = time.substr(0, kDay);
      text += output::colored(day + " UTC", output::Color::kBold, style) + "\n";
    }
    const std::string actor = line.actor.substr(line.actor.find('/') + 1);
    const std::string words = output::wrapped(
        fmt::format("  {}  {} {}", time.substr(kDay + 1, 8),
                    output::fit_padded(actor, kActor, style), codec::for_terminal(line.text)),
        kBeside, style.columns);
    const bool gap = line.telling != Telling::kTold;
    text += output::colored(words, gap ? output::Color::kDim : output::Color::kNone, style) + "\n";
  }
  return text;
}

std::string remarks_on(const std::vector<TimelineLine>& lines, size_t entries) {
  std::string text;
  const auto remark = [&](uint64_t count, std::string_view what) {
    if (count > 0) text += fmt::format("{} {}\n", output::counted(count, "entry", "entries"), what);
  };
  const auto count = [&](Telling telling) {
    return static_cast<uint64_t>(std::ranges::count(lines, telling, &TimelineLine::telling));
  };
  remark(entries - lines.size(), "before --since or after --until");
  remark(count(Telling::kWithheld), "for counsel, left out: --privileged shows them");
  remark(count(Telling::kErased), "erased: the ledger keeps that they were there");
  remark(count(Telling::kForeign), "of a newer program");
  remark(count(Telling::kUnclear), "that make no sense");
  return text;
}

}  // namespace

int run_timeline(Context& context) {
  const auto period = period_of(context);
  if (!period) return context.fail(period.error(), kExitUsage);
  const auto opened = open_incident_argument(context);
  if (!opened) return fail_incident(context, opened.error());
  const auto state = host::load_incident(*opened->store, opened->id);
  if (!state) return fail_incident(context, state.error());
  if (const auto seen = check_restricted(context, *state); !seen) {
    return fail_incident(context, seen.error());
  }
  const auto entries = ledger::read_all(*opened->store, host::incident_stream(opened->id));
  if (!entries) return fail_incident(context, entries.error());
  const bool json_wanted = context.settings().flag("json");
  const bool csv_wanted = context.settings().text("timeline-format") == "csv";
  learn::TimelineOptions options{.since = period->since,
                                 .until = period->until,
                                 .privileged = context.settings().flag("privileged"),
                                 .limits = {}};
  if (!json_wanted && !csv_wanted) options.limits = learn::brief();
  const auto lines = learn::timeline_of(*entries, options);
  if (json_wanted) {
    return print_json(context, "stanch.timeline/1", kExitOk, [&](codec::JsonWriter& json) {
      json.field("incident", opened->id.text());
      learn::append_json(lines, json);
      json.field("outside", uint64_t{entries->size() - lines.size()});
    });
  }
  context.note(remarks_on(lines, entries->size()));
  return context.print(csv_wanted ? csv_of(lines) : text_of(lines, context.style()));
}

}  // namespace stanch::cli

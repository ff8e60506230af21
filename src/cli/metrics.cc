#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/incident.h"
#include "cli/ledger.h"
#include "codec/timestamp.h"
#include "host/metrics.h"
#include "learn/learn.h"
#include "pipeline/output/text.h"

namespace stanch::cli {

namespace {

namespace output = pipeline::output;
using learn::Distribution;
using learn::MetricsGroup;
using learn::MetricsRow;

// 80 columns: the label, how many, and four durations.
constexpr size_t kLabel = 26, kCounted = 5, kSpan = 13, kMax = 11, kOldest = 7;
static_assert(kLabel + 2 * kCounted + 2 * kSpan + kMax + kOldest == 80);

// Two units while both matter, and narrow.
std::string narrow(const std::optional<Duration>& duration) {
  using namespace std::chrono;
  if (!duration) return "-";
  const auto two = [](int64_t large, char unit, int64_t small, char small_unit) {
    return small == 0 ? fmt::format("{}{}", large, unit)
                      : fmt::format("{}{} {}{}", large, unit, small, small_unit);
  };
  const Duration d = *duration;
  if (d > Duration{} && d < seconds(1)) return "<1s";
  if (d < minutes(1)) return fmt::format("{}s", d / seconds(1));
  if (d < minutes(10)) return two(d / minutes(1), 'm', d % minutes(1) / seconds(1), 's');
  if (d < hours(1)) return fmt::format("{}m", d / minutes(1));
  if (d < hours(10)) return two(d / hours(1), 'h', d % hours(1) / minutes(1), 'm');
  if (d < hours(48)) return fmt::format("{}h", d / hours(1));
  if (d < hours(24 * 10)) return two(d / hours(24), 'd', d % hours(24) / hours(1), 'h');
  return fmt::format("{}d", d / hours(24));
}

// The oldest open one alone: one unit.
std::string narrowest(const std::optional<Duration>& duration) {
  const std::string text = narrow(duration);
  return text.substr(0, text.find(' '));
}

// A quantile that too many open cases hide is longer than the oldest of them.
std::string quantile(const std::optional<Duration>& of, const Distribution& times) {
  if (of || !times.oldest) return narrow(of);
  return "> " + narrow(times.oldest);
}

std::string table_line(std::string_view label, std::string_view n, std::string_view open,
                       std::string_view median, std::string_view p90, std::string_view max,
                       std::string_view oldest) {
  return fmt::format("{:<{}}{:>{}}{:>{}}{:>{}}{:>{}}{:>{}}{:>{}}\n", label, kLabel, n, kCounted,
                     open, kCounted, median, kSpan, p90, kSpan, max, kMax, oldest, kOldest);
}

std::string row_text(std::string_view label, const Distribution& times) {
  return table_line(label, std::to_string(times.done), std::to_string(times.open),
                    quantile(times.median, times), quantile(times.p90, times), narrow(times.max),
                    narrowest(times.oldest));
}

bool is_part(learn::Measure measure) { return caption_of(measure).starts_with(' '); }

std::string group_text(const MetricsGroup& group, std::string_view noun,
                       const output::Style& style) {
  std::string text =
      fmt::format("{}, {} open", output::counted(group.all.cases, noun), group.all.open);
  if (group.all.no_attack > 0) text += fmt::format(", {} no attack", group.all.no_attack);
  text += "\n\n" + output::colored(table_line("", "n", "open", "median", "p90", "max", "oldest"),
                                   output::Color::kDim, style);
  for (size_t i = 0; i < learn::kMeasures; ++i) {
    const auto measure = static_cast<learn::Measure>(i);
    const Distribution& all = group.all.of(measure);
    // Parts of a time are of all severities together: the table stays short.
    if (is_part(measure)) {
      text += row_text(caption_of(measure), all);
      continue;
    }
    text += output::colored(row_text(caption_of(measure), all), output::Color::kBold, style);
    if (group.severities.size() < 2 && !group.severities.empty() &&
        !group.severities.front().severity) {
      continue;
    }
    for (const MetricsRow& row : group.severities) {
      text += row_text(
          row.severity ? fmt::format("  {} {}", name_of(*row.severity), caption_of(*row.severity))
                       : "  no severity",
          row.of(measure));
    }
  }
  return text;
}

std::string text_of(const learn::Metrics& metrics, const output::Style& style) {
  std::string text = group_text(metrics.real, "incident", style);
  if (metrics.drills.all.cases > 0) {
    text += "\n" + output::colored("Exercises", output::Color::kBold, style) + ": " +
            group_text(metrics.drills, "exercise", style);
  }
  std::string remarks;
  const auto remark = [&](uint64_t count, std::string_view one, std::string_view many,
                          std::string_view what) {
    if (count == 0) return;
    remarks += output::wrapped(fmt::format("{} {}", output::counted(count, one, many), what), 2,
                               style.columns) +
               "\n";
  };
  remark(metrics.merged, "incident", "incidents", "went on in another, and count there");
  remark(metrics.outside, "incident", "incidents", "of other times or severities");
  remark(metrics.unopened, "stream", "streams", "that no entry opens");
  remark(metrics.undetected, "incident", "incidents",
         "where no finding tells when the attack began");
  remark(metrics.unreceived, "incident", "incidents",
         "where nothing tells when the first record was received");
  remark(metrics.erased, "entry", "entries", "erased: what they told of times is in no number");
  remark(metrics.foreign, "entry", "entries", "of a newer program, or that make no sense");
  return remarks.empty() ? text : text + "\n" + remarks;
}

}  // namespace

int run_metrics(Context& context) {
  const auto period = period_of(context);
  if (!period) return context.fail(period.error(), kExitUsage);
  const auto store = open_ledger(context);
  if (!store) return fail_ledger(context, store.error());
  auto cases = host::load_cases(**store);
  if (!cases) return fail_ledger(context, cases.error());
  const Time now = context.env().clock.now();
  const learn::MetricsOptions options{
      .since = period->since,
      .until = period->until,
      .severity = model::find_severity(context.settings().text("metrics-severity"))};
  const learn::Metrics metrics = learn::metrics_of(*std::move(cases), options, now);
  if (context.settings().flag("json")) {
    return print_json(context, "stanch.metrics/1", kExitOk, [&](codec::JsonWriter& json) {
      json.field("now", codec::format_timestamp(now));
      if (options.since) json.field("since", codec::format_timestamp(*options.since));
      if (options.until) json.field("until", codec::format_timestamp(*options.until));
      if (options.severity) json.field("severity", name_of(*options.severity));
      learn::append_json(metrics, json);
    });
  }
  return context.print(text_of(metrics, context.style()));
}

}  // namespace stanch::cli

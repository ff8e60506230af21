// Correlations: what they cost in a scan of many kinds of logs, in time by themselves, and in
// memory.

#include <fmt/format.h>
#include <malloc.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "cases.h"
#include "codec/json.h"
#include "corpus.h"
#include "detect/correlate/correlator.h"
#include "detect/sigma/load.h"
#include "env/os/os.h"
#include "line_scan.h"
#include "measure.h"
#include "speed_rules.h"

namespace stanch::bench {

namespace {

namespace correlate = detect::correlate;
using std::chrono::milliseconds;

constexpr size_t kValues = 100'000;
constexpr size_t kKeys = 1'000'000;

// One correlation of a rule that tells it `u` and `v`.
struct Correlated {
  explicit Correlated(std::string_view map) {
    const detect::RuleText file{
        "bench.yml",
        "title: A\nname: a\nlogsource: {product: x}\ndetection: {s: {f: x}, condition: s}\n---\n"
        "title: B\ncorrelation: " +
            std::string(map) + "\n"};
    const detect::sigma::LoadedRules loaded = detect::sigma::load({&file, 1}, {});
    CHECK(loaded.correlations.size() == 1);
    plan = correlate::make_plan(loaded.correlations, loaded.rules.size());
  }
  correlate::Plan plan;
};

std::string event_id(size_t number) {
  return fmt::format("aws_cloudtrail/{:08x}-1234-1234-1234-123456789012", number);
}

// Three windows' events in one group, each window with 100,000 values, two events a value.
void run_values(const correlate::Plan& plan) {
  correlate::Correlator correlator(plan, {}, {});
  for (size_t i = 0; i < 3 * 2 * kValues; ++i) {
    correlate::Seen seen{Time(milliseconds(i)), event_id(i), 0, {}};
    for (const std::string& field : plan.rule_fields[0]) {
      seen.values.emplace_back(field == "v" ? fmt::format("value-{}", i % kValues) : "one");
    }
    correlator.add(std::move(seen));
  }
  correlator.finish();
  CHECK(correlator.tally().entries_evicted == 0);
}

Row values_row(const Settings& settings, const std::string& name) {
  const Correlated counted(
      "{type: event_count, rules: a, group-by: u, timespan: 200s, "
      "condition: {gte: 250000}}");
  const Correlated distinct(
      "{type: value_count, rules: a, group-by: u, timespan: 200s, "
      "condition: {gte: 250000, field: v}}");
  const auto timings =
      measure({[&] { run_values(counted.plan); }, [&] { run_values(distinct.plan); }},
              settings.rounds, ClockKind::kThread);
  return {name,
          paired_ratio(timings[1], timings[0]),
          "x event_count",
          1.5,
          false,
          fmt::format("{:.0f}k events/s", 6.0 * kValues / timings[1].median() / 1e3)};
}

size_t bytes_in_use() {
  const auto info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

Row keys_row(const std::string& name) {
  const Correlated counted(
      "{type: event_count, rules: a, group-by: u, timespan: 20d, "
      "condition: {gte: 250000}}");
  const size_t before = bytes_in_use();
  correlate::Correlator correlator(counted.plan, {.groups_max = kKeys, .entries_max = kKeys}, {});
  for (size_t i = 0; i < kKeys; ++i) {
    correlator.add({Time(milliseconds(i)), event_id(i), 0, {fmt::format("203.0.113.{}", i)}});
  }
  correlator.advance(Time(milliseconds(kKeys)));
  CHECK(correlator.tally().groups_evicted == 0);
  const double mib = static_cast<double>(bytes_in_use() - before) / (1 << 20);
  // Half as many again come: the stalest give way, and are counted.
  for (size_t i = kKeys; i < kKeys + kKeys / 2; ++i) {
    correlator.add({Time(milliseconds(i)), event_id(i), 0, {fmt::format("203.0.113.{}", i)}});
  }
  const double flooded = static_cast<double>(bytes_in_use() - before) / (1 << 20);
  CHECK(correlator.tally().groups_evicted >= kKeys / 2 - 1);
  return {name,
          mib,
          "MiB",
          250,
          false,
          fmt::format("{:.0f} MiB after half as many again, {} evicted", flooded,
                      correlator.tally().groups_evicted)};
}

// Records of AWS, and between them the events of every kind that the golden pairs have, but for
// those in which something is found.
Corpus mixed(size_t events, const RuleSetPtr& rules) {
  std::vector<std::string> others;
  codec::JsonParser parser;
  normalize::Normalizer normalizer;
  detect::Matcher matcher(rules, codec::HashSecret{1});
  const std::filesystem::path folder = std::string(STANCH_SOURCE_DIR) + "/tests/golden/normalize";
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (!entry.path().string().ends_with(".in.json")) continue;
    std::ifstream file(entry.path());
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    const codec::JsonView event = parser.parse(text);
    if (!event.exists() || !event.is_object()) continue;
    const auto source = pipeline::event_source(normalizer, normalizer.recognise(event));
    const auto is_shown = [&](const detect::Match& match) {
      return detect::is_shown(*rules, match.rule);
    };
    if (std::ranges::any_of(matcher.match(event, source).matches, is_shown)) continue;
    others.emplace_back();
    codec::append_compact(event, others.back());
  }
  CHECK(!others.empty());
  std::ranges::sort(others);
  const Corpus trail = generated(events / 2, 0.01);
  std::string text;
  size_t number = 0;
  for_each_line(trail, [&](std::string_view line) {
    text.append(line).append(1, '\n').append(others[number++ % others.size()]).append(1, '\n');
  });
  return of_text(std::move(text));
}

Row mixed_row(const Settings& settings, const std::string& name) {
  env::OsEnv os;
  env::Env env = os.env();
  const RuleSetPtr rules = speed_rules(env, settings);
  const Corpus corpus = mixed(settings.events, rules);
  LineScan scan(rules, false);
  const auto timings = measure({[&] { parse_floor(corpus); }, [&] { scan.run(corpus); }},
                               settings.rounds, ClockKind::kThread);
  return {
      name,
      paired_ratio(timings[0], timings[1]),
      "x floor",
      0.4,
      true,
      fmt::format("{} rules; {:.0f}k events/s; {:.1f} findings per 100 events",
                  detect::rule_infos(*rules).size(),
                  static_cast<double>(corpus.lines) / timings[1].median() / 1e3,
                  100.0 * static_cast<double>(scan.findings) / static_cast<double>(corpus.lines))};
}

}  // namespace

std::vector<Row> correlation_rows(const Settings& settings) {
  std::vector<Row> rows;
  if (const std::string name = "mixed sources, all rules and correlations"; settings.wants(name)) {
    rows.push_back(mixed_row(settings, name));
  }
  if (const std::string name = "correlation: 100,000 values a window"; settings.wants(name)) {
    rows.push_back(values_row(settings, name));
  }
  if (const std::string name = "correlation: a million live keys"; settings.wants(name)) {
    rows.push_back(keys_row(name));
  }
  return rows;
}

}  // namespace stanch::bench

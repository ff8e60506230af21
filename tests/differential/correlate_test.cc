// Generated correlations × generated streams: the engine, whatever the order of arrival within the
// lateness, against the naive recomputation. A failure prints its seed and the rules.
// STANCH_DIFFERENTIAL_CASES makes the run longer, STANCH_DIFFERENTIAL_SEED makes it another.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <iterator>
#include <memory>
#include <random>
#include <string>
#include <tuple>
#include <vector>

#include "detect/correlate/correlator.h"
#include "detect/sigma/load.h"
#include "detect/sigma/print.h"
#include "naive/correlate.h"

namespace stanch::differential {
namespace {

namespace correlate = detect::correlate;
namespace sigma = detect::sigma;
using detect::FieldMap;

constexpr size_t kRules = 4;
constexpr int64_t kSecond = 1'000'000'000;

class Generator {
 public:
  explicit Generator(uint64_t seed) : random_(seed) {}

  int64_t pick(int64_t least, int64_t most) {
    return std::uniform_int_distribution<int64_t>(least, most)(random_);
  }
  bool chance(int percent) { return pick(1, 100) <= percent; }
  template <typename T>
  T one_of(const std::vector<T>& choices) {
    return choices[static_cast<size_t>(pick(0, static_cast<int64_t>(choices.size()) - 1))];
  }

  std::string rules() {
    std::string text;
    std::vector<std::string> names;
    for (size_t i = 0; i < kRules; ++i) {
      names.push_back("r" + std::to_string(i));
      text += "title: T\nname: " + names.back() +
              "\nlogsource: {product: test, service: " + (i < 2 ? "one" : "two") +
              "}\ndetection: {s: {f: x}, condition: s}\n---\n";
    }
    const int64_t count = pick(1, 5);
    for (int64_t i = 0; i < count; ++i) {
      text += correlation("c" + std::to_string(i), names);
      names.push_back("c" + std::to_string(i));
    }
    return text;
  }

  std::vector<naive::Event> events() {
    std::vector<naive::Event> events;
    int64_t time = 0;
    const int64_t count = pick(0, 60);
    for (int64_t i = 0; i < count; ++i) {
      // Mostly close, often in one second, sometimes far.
      if (chance(70)) time += kSecond * (chance(8) ? pick(20, 90) : pick(1, 6));
      naive::Event event;
      event.time = time;
      event.id = "e" + std::to_string(pick(0, 9)) + "-" + std::to_string(i);
      for (uint32_t rule = 0; rule < kRules; ++rule) {
        if (chance(45)) event.rules.push_back(rule);
      }
      if (chance(90)) event.fields.emplace_back("u", one_of<std::string>({"ann", "bob"}));
      if (chance(90)) event.fields.emplace_back("v", one_of<std::string>({"x", "y", "z"}));
      if (chance(50)) event.fields.emplace_back("w", one_of<std::string>({"ann", "x"}));
      if (chance(90)) {
        event.fields.emplace_back(
            "n", one_of<std::string>({"1", "2", "3.5", "-4", "10", "0.25", "many", "2"}));
      }
      events.push_back(event);
    }
    return events;
  }

 private:
  std::string correlation(const std::string& name, const std::vector<std::string>& names) {
    static const std::vector<std::string> kTypes = {
        "event_count",  "value_count", "temporal",         "temporal_ordered",
        "value_sum",    "value_avg",   "value_percentile", "value_median",
        "x_first_seen", "x_rare",      "x_surge",          "x_silence"};
    const std::string type = one_of(kTypes);
    std::vector<std::string> rules = names;
    std::shuffle(rules.begin(), rules.end(), random_);
    rules.resize(static_cast<size_t>(pick(1, 3)));
    std::string list;
    for (const std::string& rule : rules) list += (list.empty() ? "" : ", ") + rule;
    std::string text = "title: C\nname: " + name + "\ncorrelation:\n  type: " + type +
                       "\n  rules: [" + list + "]\n  timespan: ";
    const bool usual = type == "x_surge" || type == "x_silence";
    const int64_t timespan = pick(1, usual ? 8 : 30);
    text += std::to_string(timespan) + "s\n";
    if (type.starts_with("x_") && (usual || chance(80))) {
      const int64_t learning = usual ? pick(timespan, timespan + 20) : pick(0, timespan);
      text += "  learning: " + std::to_string(learning) + "s\n";
    }
    std::string group = one_of<std::string>({"", "u", "u, v", "alias", "Who", "v, Who"});
    text += "  group-by: [" + group + "]\n";
    if (group == "alias") {
      text += "  aliases: {alias: {";
      for (const std::string& rule : rules)
        text += rule + ": " + one_of<std::string>({"u, ", "v, ", "Who, "});
      text += "}}\n";
    }
    return text + condition(type, rules) + "---\n";
  }

  std::string condition(const std::string& type, const std::vector<std::string>& rules) {
    if (type == "temporal_ordered") return "";
    if (type == "x_silence") {
      return chance(30) ? "" : "  condition: {factor: " + std::to_string(pick(2, 3)) + "}\n";
    }
    if (type == "x_surge") {
      const std::string factor = chance(10) ? "" : ", factor: " + std::to_string(pick(2, 3));
      return "  condition: {gte: " + std::to_string(pick(1, 3)) + factor + "}\n";
    }
    if (type.starts_with("x_")) {
      const std::string fields = one_of<std::string>({"v", "n", "[v, n]"});
      const std::string rare = "lte: " + std::to_string(pick(1, 3)) + ", ";
      return "  condition: {" + (type == "x_rare" ? rare : "") + "field: " + fields + "}\n";
    }
    if (type == "temporal" && chance(35)) return "";
    if (type == "temporal" && chance(70)) {
      std::string text = "  condition: ";
      for (size_t i = 0; i < rules.size(); ++i) {
        if (i != 0) text += chance(60) ? " and " : " or ";
        if (chance(35)) text += "not ";
        text += rules[i];
      }
      return text + "\n";
    }
    const bool counts = type == "event_count" || type == "value_count" || type == "temporal";
    const auto most = type == "temporal" ? static_cast<int64_t>(rules.size()) : 5;
    const auto number = [&](int64_t least) {
      return std::to_string(pick(std::min(least, most), most));
    };
    std::string text = "  condition: {";
    if (chance(50)) {
      text += "gte: " + number(counts ? 1 : -3);
    } else if (chance(30) && most > 2) {
      const int64_t low = pick(1, most - 1);
      text += "gt: " + std::to_string(low) + ", lte: " + number(low + 1);
    } else {
      const std::string op = one_of<std::string>({"lte", "eq", "neq", "gte"});
      text += op + ": " + number(counts ? 1 : -3);
    }
    if (type.starts_with("value_"))
      text += ", field: " + std::string(counts ? chance(50) ? "[v, n]" : "[Who, v]" : "n");
    if (type == "value_percentile") text += ", percentile: " + std::to_string(pick(1, 100));
    return text + "}\n";
  }

  std::mt19937_64 random_;
};

std::vector<naive::Fired> as_fired(const std::vector<correlate::Firing>& firings) {
  std::vector<naive::Fired> out;
  for (const correlate::Firing& firing : firings) {
    naive::Fired fired{firing.time.time_since_epoch().count(),
                       firing.correlation,
                       firing.group,
                       {},
                       firing.counted};
    for (const correlate::Named& named : firing.events) fired.events.push_back(named.event);
    out.push_back(fired);
  }
  return out;
}

// All matches, some twice, in an order in which none is late.
std::vector<correlate::Seen> stream(const correlate::Plan& plan,
                                    const std::vector<naive::Event>& events, int64_t lateness,
                                    Generator& generate) {
  std::vector<std::pair<int64_t, correlate::Seen>> arriving;
  for (const naive::Event& event : events) {
    for (const uint32_t rule : event.rules) {
      correlate::Seen seen{Time(Duration(event.time)), event.id, rule, {}};
      for (const std::string& field : plan.rule_fields[rule]) {
        const auto found =
            std::ranges::find(event.fields, field, &std::pair<std::string, std::string>::first);
        seen.values.push_back(found == event.fields.end() ? std::nullopt
                                                          : std::optional(found->second));
      }
      for (int copies = generate.chance(15) ? 2 : 1; copies > 0; --copies) {
        arriving.emplace_back(event.time + generate.pick(0, lateness), seen);
      }
    }
  }
  std::ranges::stable_sort(arriving, {}, &std::pair<int64_t, correlate::Seen>::first);
  std::vector<correlate::Seen> out;
  for (auto& [arrival, seen] : arriving) out.push_back(std::move(seen));
  return out;
}

std::vector<correlate::Firing> run(const correlate::Plan& plan,
                                   const std::vector<correlate::Seen>& seen, int64_t lateness,
                                   Generator& generate) {
  const correlate::Options options{.lateness = Duration(lateness)};
  auto correlator = std::make_unique<correlate::Correlator>(plan, options, codec::HashSecret{7});
  std::vector<correlate::Firing> firings;
  const auto take = [&] {
    for (correlate::Firing& firing : correlator->take_firings()) firings.push_back(firing);
  };
  Time newest = Time::min();
  for (const correlate::Seen& one : seen) {
    correlator->add(one);
    newest = std::max(newest, one.time);
    if (generate.chance(10)) correlator->advance(newest);
    if (generate.chance(20)) take();
    if (generate.chance(5)) {
      // Another process goes on.
      take();
      const std::string saved = correlator->save();
      correlator = std::make_unique<correlate::Correlator>(plan, options, codec::HashSecret{8});
      EXPECT_TRUE(correlator->load(saved).has_value());
      EXPECT_EQ(correlator->save(), saved);
    }
  }
  correlator->finish();
  take();
  EXPECT_EQ(correlator->tally().late, 0u);
  return firings;
}

std::string show(const std::vector<naive::Fired>& fired) {
  std::string text;
  for (const naive::Fired& one : fired) {
    text += "  " + std::to_string(one.time / kSecond) + "s c" + std::to_string(one.correlation);
    for (const std::string& value : one.group) text += " " + value;
    text += ":";
    for (const std::string& event : one.events) text += " " + event;
    text += " (" + std::to_string(one.counted) + ")\n";
  }
  return text;
}

// What the map below says, for each of the rules.
const naive::Renamed kOne = {{"Who", {"w", "u"}}}, kTwo = {{"Who", {"v"}}};
constexpr std::string_view kMap = R"(
transformations:
  - type: field_name_mapping
    mapping: {Who: [w, u]}
    rule_conditions: [{type: logsource, product: test, service: one}]
  - type: field_name_mapping
    mapping: {Who: v}
    rule_conditions: [{type: logsource, product: test, service: two}]
)";

uint64_t number_of(const char* variable, uint64_t otherwise) {
  const char* text = std::getenv(variable);
  return text != nullptr ? std::strtoull(text, nullptr, 10) : otherwise;
}

TEST(CorrelateDifferential, AnyOrderWithinTheLatenessFiresAsTheNaiveRecomputation) {
  const uint64_t cases = number_of("STANCH_DIFFERENTIAL_CASES", 800);
  const uint64_t first = number_of("STANCH_DIFFERENTIAL_SEED", 1);
  size_t firings = 0, fired_cases = 0, inner = 0;
  detect::FieldContent maps;
  Diagnostics diagnostics;
  detect::read_fields({"map.yml", std::string(kMap)}, maps, diagnostics);
  ASSERT_EQ(maps.maps.size(), 1u) << (diagnostics.empty() ? "" : to_text(diagnostics.front()));
  std::vector<size_t> by_type(static_cast<size_t>(sigma::CorrelationType::kSilence) + 1);
  for (uint64_t seed = first; seed < first + cases; ++seed) {
    Generator generate(seed);
    const detect::RuleText file{"r.yml", generate.rules()};
    // The naive recomputation has names as they are written, and maps them itself.
    const bool is_mapped = generate.chance(60);
    const sigma::LoadedRules written = sigma::load({&file, 1}, {});
    const sigma::LoadedRules loaded =
        sigma::load({&file, 1}, {}, {}, is_mapped ? std::span(maps.maps) : std::span<FieldMap>());
    std::string wrong;
    for (const Diagnostic& diagnostic : loaded.diagnostics) {
      if (diagnostic.code->severity == Severity::kError) wrong += to_text(diagnostic);
    }
    ASSERT_EQ(wrong, "") << file.text;
    const std::vector<naive::Event> events = generate.events();
    const std::vector<naive::Fired> expected = naive::correlate(
        written.correlations, events,
        is_mapped ? std::vector{kOne, kOne, kTwo, kTwo} : std::vector<naive::Renamed>());
    firings += expected.size();
    fired_cases += !expected.empty();
    for (const naive::Fired& fired : expected) {
      const sigma::Correlation& tree = loaded.correlations[fired.correlation];
      ++by_type[static_cast<size_t>(tree.type)];
      inner += tree.depth > 0;
    }
    const correlate::Plan plan = correlate::make_plan(loaded.correlations, loaded.rules.size());
    for (const int64_t lateness : {int64_t{0}, 10 * kSecond, 200 * kSecond}) {
      const auto got =
          as_fired(run(plan, stream(plan, events, lateness, generate), lateness, generate));
      ASSERT_EQ(got, expected) << "seed " << seed << ", lateness " << lateness / kSecond << "s\n"
                               << file.text << "the engine:\n"
                               << show(got) << "naive:\n"
                               << show(expected);
    }
    // In parts that know nothing of each other.
    std::vector<correlate::Firing> together;
    for (const correlate::Plan& part : correlate::split(plan, 3)) {
      std::ranges::move(run(part, stream(part, events, kSecond, generate), kSecond, generate),
                        std::back_inserter(together));
    }
    std::ranges::sort(together, {}, [](const correlate::Firing& firing) {
      return std::tie(firing.time, firing.correlation, firing.group);
    });
    ASSERT_EQ(as_fired(together), expected) << "seed " << seed << " in parts\n" << file.text;
  }
  std::cout << firings << " firings in " << fired_cases << " of " << cases << " cases, " << inner
            << " of correlations of correlations\n";
  // A test in which nothing fires, or one type never, would prove little.
  EXPECT_GT(fired_cases * 2, cases);
  EXPECT_GT(inner * 20, firings);
  for (const size_t count : by_type) EXPECT_GT(count * 200, firings);
}

}  // namespace
}  // namespace stanch::differential

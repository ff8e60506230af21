#include "detect/correlate/correlator.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "detect/correlate/fixed.h"
#include "detect/correlate/limits.h"
#include "detect/sigma/load.h"

namespace stanch::detect::correlate {
namespace {

// What meanings there are is pinned by tests/golden/sigma/correlations.yaml, and how they go
// together by tests/differential/correlate_test.cc; here is what is late, missing, too much, or
// damaged.

Plan plan_of(const std::string& lines) {
  const RuleText file{"r.yml",
                      "title: T\nname: a\nlogsource: {product: test}\n"
                      "detection: {s: {f: x}, condition: s}\n---\n"
                      "title: C\ncorrelation: {rules: a, timespan: 10s, " +
                          lines + "}\n"};
  const sigma::LoadedRules loaded = sigma::load({&file, 1}, {});
  EXPECT_EQ(loaded.correlations.size(), 1u);
  return make_plan(loaded.correlations, loaded.rules.size());
}

Time at(int64_t seconds) { return Time(std::chrono::seconds(seconds)); }

Seen seen(int64_t seconds, const std::string& event,
          std::vector<std::optional<std::string>> values = {}) {
  return {at(seconds), event, 0, std::move(values)};
}

TEST(Correlator, WaitsForTheLatenessAndCountsWhatComesLater) {
  const Plan plan = plan_of("type: event_count, condition: {gte: 2}");
  Correlator correlator(plan, {.lateness = std::chrono::seconds(60)}, {});
  correlator.add(seen(100, "e2"));
  correlator.add(seen(95, "e1"));
  correlator.advance(at(160));
  EXPECT_TRUE(correlator.take_firings().empty()) << "one of second 100 may still come";
  correlator.advance(at(161));
  const std::vector<Firing> firings = correlator.take_firings();
  ASSERT_EQ(firings.size(), 1u);
  EXPECT_EQ(firings[0].time, at(100));
  EXPECT_EQ(firings[0].events, (std::vector<Named>{{at(95), "e1"}, {at(100), "e2"}}));
  EXPECT_EQ(firings[0].counted, 2u);
  correlator.add(seen(100, "e3"));
  EXPECT_EQ(correlator.tally().late, 1u);
  correlator.add(seen(101, "e4"));
  EXPECT_EQ(correlator.tally().late, 1u);
}

TEST(Correlator, AbsenceIsDecidedWhenTimeHasPassedTheWindow) {
  const Plan plan = plan_of("type: event_count, condition: {lte: 1}");
  Correlator correlator(plan, {.lateness = std::chrono::seconds(5)}, {});
  correlator.add(seen(100, "e1"));
  correlator.advance(at(115));
  EXPECT_TRUE(correlator.take_firings().empty()) << "one of second 110 may still come";
  correlator.advance(at(116));
  const std::vector<Firing> firings = correlator.take_firings();
  ASSERT_EQ(firings.size(), 1u);
  EXPECT_EQ(firings[0].time, at(110));
}

TEST(Correlator, TellsWhatDidNotCount) {
  const Plan plan = plan_of("type: value_sum, group-by: u, condition: {gte: 2, field: n}");
  ASSERT_EQ(plan.rule_fields[0], (std::vector<std::string>{"u", "n"}));
  Correlator correlator(plan, {}, {});
  correlator.add(seen(1, "e1", {std::nullopt, "5"}));
  correlator.add(seen(2, "e2", {"x", std::nullopt}));
  correlator.add(seen(3, "e3", {"x", "five"}));
  correlator.add(seen(4, "e4", {"x", "5"}));
  correlator.finish();
  EXPECT_EQ(correlator.take_firings().size(), 1u);
  EXPECT_EQ(correlator.tally().of[0], (Tally::Of{.no_group = 1, .no_value = 2}));
}

TEST(Correlator, TheStalestGroupGivesWayAndInOneGroupTheOldestEvent) {
  const Plan plan = plan_of("type: event_count, group-by: u, condition: {gte: 3}");
  Correlator groups(plan, {.groups_max = 2}, {});
  groups.add(seen(1, "e1", {"x"}));
  groups.add(seen(1, "e2", {"x"}));
  groups.add(seen(2, "e3", {"y"}));
  groups.add(seen(3, "e4", {"z"}));  // x goes
  groups.add(seen(4, "e5", {"x"}));  // y goes
  groups.finish();
  EXPECT_TRUE(groups.take_firings().empty());
  EXPECT_EQ(groups.tally().groups_evicted, 2u);
  EXPECT_EQ(groups.tally().entries_evicted, 3u);

  Correlator entries(plan, {.group_entries_max = 2}, {});
  for (int i = 1; i <= 3; ++i) entries.add(seen(i, "e" + std::to_string(i), {"x"}));
  entries.finish();
  EXPECT_TRUE(entries.take_firings().empty());
  EXPECT_EQ(entries.tally().entries_evicted, 1u);
}

// What fills one correlation costs another nothing of what it knows.
TEST(Correlator, AFloodCostsOnlyTheCorrelationThatItGoesTo) {
  const RuleText file{
      "r.yml",
      "title: A\nname: a\nlogsource: {product: x}\ndetection: {s: {f: x}, condition: s}\n---\n"
      "title: B\nname: b\nlogsource: {product: x}\ndetection: {s: {f: y}, condition: s}\n---\n"
      "title: C\ncorrelation: {type: x_first_seen, rules: a, group-by: u, timespan: 30d, "
      "learning: 1s, condition: {field: n}}\n---\n"
      "title: D\ncorrelation: {type: event_count, rules: b, group-by: u, timespan: 30d, "
      "condition: {gte: 2}}\n"};
  const sigma::LoadedRules loaded = sigma::load({&file, 1}, {});
  const Plan plan = make_plan(loaded.correlations, loaded.rules.size());
  Correlator correlator(plan, {.groups_max = 10}, {});
  correlator.add({at(1), "e1", 0, {"ann", "old"}});
  for (int i = 0; i < 100; ++i) {
    correlator.add({at(2), "f" + std::to_string(i), 1, {std::to_string(i)}});
  }
  correlator.add({at(9), "e2", 0, {"ann", "new"}});
  correlator.finish();
  ASSERT_EQ(correlator.take_firings().size(), 1u);
  EXPECT_GE(correlator.tally().groups_evicted, 90u);
}

TEST(Correlator, TooMuchThatWaitsMovesTimeOn) {
  const Plan plan = plan_of("type: event_count, condition: {gte: 2}");
  Correlator correlator(plan, {.lateness = std::chrono::hours(1), .waiting_max = 2}, {});
  for (int i = 1; i <= 4; ++i) correlator.add(seen(i, "e" + std::to_string(i)));
  EXPECT_EQ(correlator.take_firings().size(), 1u) << "two of four were counted";
  EXPECT_EQ(correlator.tally().hurried, 2u);
  correlator.add(seen(2, "e5"));
  EXPECT_EQ(correlator.tally().late, 1u);
}

TEST(Correlator, NamesTheFirstEventsAndTheLastAndCountsAll) {
  const Plan plan = plan_of("type: event_count, condition: {gte: 30}");
  Correlator correlator(plan, {}, {});
  for (int i = 10; i < 40; ++i) correlator.add(seen(1, "e" + std::to_string(i)));
  correlator.finish();
  const std::vector<Firing> firings = correlator.take_firings();
  ASSERT_EQ(firings.size(), 1u);
  EXPECT_EQ(firings[0].counted, 30u);
  ASSERT_EQ(firings[0].events.size(), kNamedOfRuleMax);
  EXPECT_EQ(firings[0].events.front().event, "e10");
  EXPECT_EQ(firings[0].events[kNamedOfRuleMax - 2].event, "e28");
  EXPECT_EQ(firings[0].events.back().event, "e39") << "it is about the last";
}

TEST(Correlator, TimesAtTheEdgesDoNotOverflow) {
  const Plan plan = plan_of("type: event_count, condition: {lte: 5}");
  Correlator correlator(plan, {.lateness = std::chrono::hours(1)}, {});
  correlator.add({Time::min(), "e1", 0, {}});
  correlator.add({Time::max(), "e2", 0, {}});
  correlator.finish();
  EXPECT_EQ(correlator.take_firings().size(), 2u);
}

TEST(Correlator, StateThatIsNotWhatWasSavedIsRefused) {
  const Plan plan = plan_of("type: value_median, group-by: u, condition: {lt: 2, field: n}");
  Correlator correlator(plan, {.lateness = std::chrono::seconds(2)}, {});
  for (int i = 1; i <= 5; ++i) correlator.add(seen(i, "e" + std::to_string(i), {"x", "1.5"}));
  const std::string saved = correlator.save();
  for (size_t i = 0; i < saved.size(); ++i) {
    std::string damaged = saved;
    damaged[i] = static_cast<char>(damaged[i] ^ 1);
    const Result<> result = Correlator(plan, {}, {}).load(damaged);
    ASSERT_FALSE(result.has_value()) << i;
    EXPECT_EQ(result.error().code(), ErrorCode::kCorrupt);
    EXPECT_FALSE(Correlator(plan, {}, {}).load(saved.substr(0, i)).has_value());
  }
  const Plan other = plan_of("type: value_median, group-by: u, condition: {lt: 3, field: n}");
  const Result<> result = Correlator(other, {}, {}).load(saved);
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().code(), ErrorCode::kInvalid);
}

TEST(CorrelateFixed, ReadsNumbersAsJsonWritesThem) {
  const struct {
    const char* text;
    std::optional<int64_t> billionths;
  } cases[] = {
      {"0", 0},
      {"-1.5", -1'500'000'000},
      {"1e2", 100'000'000'000},
      {"25E-1", 2'500'000'000},
      {"0.0000000019", 1},
      {"1e-400", 0},
      {"0e99999999999", 0},
      {"007", std::nullopt},
      {"1.", std::nullopt},
      {".5", std::nullopt},
      {"+1", std::nullopt},
      {"1e", std::nullopt},
      {"1 ", std::nullopt},
      {"", std::nullopt},
      {"-", std::nullopt},
      {"1e20", std::nullopt},
      {"1e99999999999", std::nullopt},
  };
  for (const auto& c : cases) {
    const auto value = parse_fixed(c.text);
    ASSERT_EQ(value.has_value(), c.billionths.has_value()) << c.text;
    EXPECT_TRUE(!value || *value == *c.billionths) << c.text;
  }
  EXPECT_TRUE(*parse_fixed("99999999999999999999") > *parse_fixed("9999999999999999999"));
}

TEST(Fixed, IsWrittenWithAtMostThreePlaces) {
  for (const char* text : {"0", "-1.5", "12.05", "-0.001", "99999999999999999999", "100"}) {
    EXPECT_EQ(to_text(*parse_fixed(text)), text);
  }
  EXPECT_EQ(to_text(*parse_fixed("0.0019")), "0.001");
}

}  // namespace
}  // namespace stanch::detect::correlate

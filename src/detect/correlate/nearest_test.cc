#include "detect/correlate/nearest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "detect/sigma/load.h"

namespace stanch::detect::correlate {
namespace {

using testing::ElementsAre;

// Of two rules, a and b.
Plan plan_of(const std::string& lines) {
  const auto rule = [](const std::string& name) {
    return "title: T\nname: " + name +
           "\nlogsource: {product: test}\ndetection: {s: {f: x}, condition: s}\n---\n";
  };
  const RuleText file{"r.yml", rule("a") + rule("b") +
                                   "title: C\ncorrelation: {rules: [a, b], timespan: 10s, " +
                                   lines + "}\n"};
  const sigma::LoadedRules loaded = sigma::load({&file, 1}, {});
  EXPECT_EQ(loaded.correlations.size(), 1u);
  return make_plan(loaded.correlations, loaded.rules.size());
}

Arrived arrived(int64_t seconds, uint32_t slot, std::vector<std::optional<std::string>> values) {
  return {Time(std::chrono::seconds(seconds)), "e" + std::to_string(seconds), slot,
          std::move(values)};
}

Nearness find(const std::string& lines, const std::vector<Arrived>& arrivals) {
  const Plan plan = plan_of(lines);
  return find_nearest(plan.correlations[0], arrivals);
}

TEST(Nearest, IsTheWindowThatHasMost) {
  const Nearness found =
      find("type: event_count, group-by: u, condition: {gte: 5}",
           {arrived(0, 0, {"ann"}), arrived(20, 0, {"ann"}), arrived(21, 0, {std::nullopt}),
            arrived(25, 1, {"ann"}), arrived(26, 0, {"bob"}), arrived(30, 1, {"ann"})});
  EXPECT_THAT(found.of_slot, ElementsAre(4, 2));
  EXPECT_THAT(found.without_group, ElementsAre(1));
  EXPECT_EQ(found.groups, 2u);
  ASSERT_TRUE(found.nearest);
  EXPECT_THAT(found.nearest->group, ElementsAre("ann"));
  EXPECT_EQ(found.nearest->counted, 3u);
  EXPECT_EQ(found.nearest->in_group, 4u);
  EXPECT_EQ(found.nearest->value, "3");
  EXPECT_EQ(found.nearest->from, Time(std::chrono::seconds(20)));
  EXPECT_EQ(found.nearest->to, Time(std::chrono::seconds(30)));
}

TEST(Nearest, CountsDifferentValuesNotEvents) {
  const Nearness found = find("type: value_count, group-by: u, condition: {gte: 3, field: f}",
                              {arrived(0, 0, {"ann", "1"}), arrived(1, 0, {"ann", "1"}),
                               arrived(2, 0, {"ann", "1"}), arrived(3, 0, {"bob", "1"}),
                               arrived(4, 0, {"bob", "2"}), arrived(5, 0, {"bob", std::nullopt})});
  EXPECT_THAT(found.without_value, ElementsAre(1));
  ASSERT_TRUE(found.nearest);
  EXPECT_THAT(found.nearest->group, ElementsAre("bob"));
  EXPECT_EQ(found.nearest->value, "2");
}

// Where too much is what keeps it from firing, the least is nearest, and windows follow each other.
TEST(Nearest, OfAnUpperBoundIsWhatExceedsItLeast) {
  const Nearness found =
      find("type: event_count, group-by: u, condition: {lt: 2}",
           {arrived(0, 0, {"ann"}), arrived(1, 0, {"ann"}), arrived(2, 0, {"ann"}),
            arrived(11, 0, {"ann"}), arrived(12, 0, {"ann"})});
  ASSERT_TRUE(found.nearest);
  EXPECT_EQ(found.nearest->value, "2");
  EXPECT_EQ(found.nearest->from, Time(std::chrono::seconds(11)));
}

TEST(Nearest, SaysWhereAMissingRuleIs) {
  using Where = MissingRule::Where;
  const struct {
    const char* name;
    const char* type;
    std::vector<Arrived> arrivals;
    MissingRule missing;
  } cases[] = {
      {"nowhere", "temporal", {arrived(0, 0, {"ann"})}, {1, Where::kNowhere}},
      {"other group",
       "temporal",
       {arrived(0, 0, {"ann"}), arrived(1, 1, {"bob"})},
       {1, Where::kOtherGroup}},
      {"too far",
       "temporal",
       {arrived(0, 0, {"ann"}), arrived(11, 1, {"ann"})},
       {1, Where::kOutside}},
      {"order",
       "temporal_ordered",
       {arrived(0, 1, {"ann"}), arrived(1, 0, {"ann"})},
       {1, Where::kBefore}},
      {"ordered, too far",
       "temporal_ordered",
       {arrived(0, 0, {"ann"}), arrived(11, 1, {"ann"})},
       {1, Where::kOutside}},
  };
  for (const auto& each : cases) {
    SCOPED_TRACE(each.name);
    const Nearness found = find("type: " + std::string(each.type) + ", group-by: u", each.arrivals);
    ASSERT_TRUE(found.nearest);
    EXPECT_THAT(found.nearest->missing, ElementsAre(each.missing));
  }
}

TEST(Nearest, SaysForHowLongAGroupIsKnown) {
  const Nearness found =
      find("type: x_first_seen, group-by: u, learning: 8s, condition: {field: f}",
           {arrived(0, 0, {"ann", "1"}), arrived(3, 0, {"ann", "2"}), arrived(5, 0, {"ann", "2"})});
  ASSERT_TRUE(found.nearest);
  EXPECT_EQ(found.nearest->known, std::chrono::seconds(5));
  EXPECT_EQ(found.nearest->gap, std::chrono::seconds(3));
}

TEST(Nearest, IsNothingWhereNothingCounts) {
  const Nearness found = find("type: value_sum, group-by: u, condition: {gte: 3, field: n}",
                              {arrived(0, 0, {std::nullopt, "1"}), arrived(1, 0, {"ann", "many"})});
  EXPECT_FALSE(found.nearest);
  EXPECT_THAT(found.without_group, ElementsAre(1));
  EXPECT_THAT(found.without_value, ElementsAre(1));
}

}  // namespace
}  // namespace stanch::detect::correlate

#include "learn/distribution.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <numeric>
#include <vector>

namespace stanch::learn {
namespace {

using std::chrono::seconds;

// "3 5+ 7": done after 3 s, open since 5 s, done after 7 s.
std::vector<Lasted> cases(const std::string& text) {
  std::vector<Lasted> found;
  for (size_t at = 0; at < text.size();) {
    size_t digits = 0;
    const int time = std::stoi(text.substr(at), &digits);
    at += digits;
    const bool open = at < text.size() && text[at] == '+';
    found.push_back({seconds(time), open});
    while (at < text.size() && (text[at] == '+' || text[at] == ' ')) ++at;
  }
  return found;
}

std::string text_of(const std::optional<Duration>& time) {
  return time ? std::to_string(std::chrono::duration_cast<seconds>(*time).count()) : "-";
}

TEST(Distribution, CountsWhatIsOpen) {
  struct {
    const char *cases, *median, *p90, *max, *oldest;
  } const table[] = {
      {"", "-", "-", "-", "-"},
      {"4", "4", "4", "4", "-"},
      {"4+", "-", "-", "-", "4"},
      {"1 2", "1", "2", "2", "-"},
      {"1 2 3", "2", "3", "3", "-"},
      {"10 9 8 7 6 5 4 3 2 1", "5", "9", "10", "-"},
      {"1 1 1 1 1 1 1 1 1 5", "1", "1", "5", "-"},
      // Left out, the open one would make the median 1.
      {"1 2 50+", "2", "-", "2", "50"},
      {"1 50+ 50+", "-", "-", "1", "50"},
      // Gone before anybody was done: it says nothing.
      {"1+ 2 3", "2", "3", "3", "1"},
      // S: 3/4, then 3/4 * 1/2 after the open one left.
      {"1 2+ 3 4", "3", "4", "4", "2"},
      // At the same moment, the open one ran as long as the one that is done.
      {"2+ 2", "2", "-", "2", "2"},
      {"0 0 0+", "0", "-", "0", "0"},
  };
  for (const auto& row : table) {
    const Distribution found = distribution_of(cases(row.cases));
    EXPECT_EQ(text_of(found.median), row.median) << row.cases;
    EXPECT_EQ(text_of(found.p90), row.p90) << row.cases;
    EXPECT_EQ(text_of(found.max), row.max) << row.cases;
    EXPECT_EQ(text_of(found.oldest), row.oldest) << row.cases;
    EXPECT_EQ(found.done + found.open, cases(row.cases).size()) << row.cases;
  }
}

// Freireich and others, Blood 21 (1963): weeks of remission under 6-MP, the example of many
// textbooks, which give 23 weeks as the median.
TEST(Distribution, AgreesWithTheTextbook) {
  const Distribution found = distribution_of(
      cases("6 6 6 7 10 13 16 22 23 6+ 9+ 10+ 11+ 17+ 19+ 20+ 25+ 32+ 32+ 34+ 35+"));
  EXPECT_EQ(text_of(found.median), "23");
  EXPECT_EQ(text_of(found.p90), "-");
  EXPECT_EQ(found.done, 9u);
  EXPECT_EQ(found.open, 12u);
}

// The second opinion: Efron's redistribution to the right. Every case weighs the same; in the order
// of time, an open one hands its weight to those behind it in equal parts. The quantile is where
// the weights of those done reach q. In whole numbers: a weight is a multiple of 1 / unit, where
// unit is divisible by all that is ever divided by.
std::optional<Duration> quantile_by_weights(std::vector<Lasted> cases, uint64_t of, uint64_t in) {
  std::ranges::sort(cases, {}, [](const Lasted& each) { return std::tuple(each.time, each.open); });
  // Each handing over divides by at most the number left; 8 cases: (8!) is enough for chains.
  unsigned __int128 unit = 1;
  for (uint64_t i = 2; i <= cases.size(); ++i) unit *= i;
  std::vector<unsigned __int128> weights(cases.size(), unit);
  unsigned __int128 reached = 0;
  for (size_t i = 0; i < cases.size(); ++i) {
    if (cases[i].open) {
      const size_t behind = cases.size() - i - 1;
      for (size_t j = i + 1; j < cases.size(); ++j) {
        RC_ASSERT(weights[i] % behind == 0u);
        weights[j] += weights[i] / behind;
      }
      continue;
    }
    reached += weights[i];
    if (reached * in >= unit * cases.size() * of) return cases[i].time;
  }
  return std::nullopt;
}

std::vector<Lasted> drawn_cases(size_t max) {
  const auto times =
      *rc::gen::resize(static_cast<int>(max),
                       rc::gen::container<std::vector<uint8_t>>(rc::gen::inRange<uint8_t>(0, 24)));
  std::vector<Lasted> cases;
  for (const uint8_t each : times) {
    if (cases.size() < max) cases.push_back({seconds(each / 2), each % 2 == 1});
  }
  return cases;
}

RC_GTEST_PROP(DistributionProperty, AgreesWithRedistributedWeights, ()) {
  const std::vector<Lasted> cases = drawn_cases(20);
  const Distribution found = distribution_of(cases);
  RC_ASSERT(found.median == quantile_by_weights(cases, 1, 2));
  RC_ASSERT(found.p90 == quantile_by_weights(cases, 9, 10));
}

RC_GTEST_PROP(DistributionProperty, DoesNotDependOnTheOrder, ()) {
  std::vector<Lasted> cases = drawn_cases(40);
  const Distribution found = distribution_of(cases);
  std::ranges::reverse(cases);
  RC_ASSERT(found == distribution_of(cases));
  std::ranges::rotate(cases, cases.begin() + static_cast<long>(cases.size() / 3));
  RC_ASSERT(found == distribution_of(cases));
}

// An open case that runs longer never makes the others look quicker.
RC_GTEST_PROP(DistributionProperty, WaitingLongerNeverLooksQuicker, ()) {
  std::vector<Lasted> cases = drawn_cases(40);
  const Distribution before = distribution_of(cases);
  for (Lasted& each : cases) {
    if (each.open) each.time += seconds(*rc::gen::inRange(0, 10));
  }
  const Distribution after = distribution_of(cases);
  RC_ASSERT(!after.median || (before.median && *before.median <= *after.median));
  RC_ASSERT(!after.p90 || (before.p90 && *before.p90 <= *after.p90));
  RC_ASSERT(after.max == before.max);
}

// Without open cases the quantiles are those of the sorted list, however many there are.
TEST(Distribution, OfManyIsExact) {
  for (size_t count = 1; count <= 1000; ++count) {
    std::vector<Lasted> cases;
    for (size_t i = 1; i <= count; ++i) cases.push_back({seconds(i)});
    const Distribution found = distribution_of(cases);
    EXPECT_EQ(found.median, seconds((count + 1) / 2));
    EXPECT_EQ(found.p90, seconds((count * 9 + 9) / 10));
  }
}

}  // namespace
}  // namespace stanch::learn

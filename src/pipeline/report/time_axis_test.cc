#include "pipeline/report/time_axis.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace stanch::pipeline::report {
namespace {

Time minute(int64_t minutes) { return Time{} + std::chrono::minutes(minutes); }

std::vector<Time> minutes(std::initializer_list<int64_t> all) {
  std::vector<Time> times;
  for (const int64_t one : all) times.push_back(minute(one));
  return times;
}

TEST(TimeAxis, OfOneMomentHasItInTheMiddle) {
  const TimeAxis axis(minutes({7}));
  ASSERT_EQ(axis.pieces().size(), 1u);
  EXPECT_DOUBLE_EQ(axis.place_of(minute(7)), 0.5);
}

TEST(TimeAxis, WithoutLongSilencesIsProportional) {
  const TimeAxis axis(minutes({0, 3, 6, 9, 12}));
  ASSERT_EQ(axis.pieces().size(), 1u);
  EXPECT_DOUBLE_EQ(axis.place_of(minute(0)), 0);
  EXPECT_DOUBLE_EQ(axis.place_of(minute(6)), 0.5);
  EXPECT_DOUBLE_EQ(axis.place_of(minute(12)), 1);
}

// Ten minutes of attack, two weeks of silence, and an hour of work.
TEST(TimeAxis, BreaksLongSilencesOut) {
  const int64_t later = 14 * 24 * 60;
  const TimeAxis axis(minutes({0, 2, 5, 7, 10, later, later + 20, later + 40, later + 60}));
  ASSERT_EQ(axis.pieces().size(), 2u);
  EXPECT_EQ(axis.pieces()[0].to, minute(10));
  EXPECT_EQ(axis.pieces()[1].from, minute(later));
  EXPECT_GT(axis.place_of(minute(10)), 0.2) << "the attack can be seen";
  EXPECT_NEAR(axis.pieces()[1].left - axis.pieces()[0].right, kAxisBreakWidth, 1e-9);
  // A moment of the silence stands at its beginning.
  EXPECT_DOUBLE_EQ(axis.place_of(minute(5000)), axis.pieces()[0].right);
  EXPECT_DOUBLE_EQ(axis.place_of(minute(-5)), 0);
  EXPECT_NEAR(axis.place_of(minute(later + 900)), 1, 1e-9);
}

TEST(TimeAxis, KeepsTheOrderWhateverTheMoments) {
  std::mt19937 random(3);
  for (int round = 0; round < 2000; ++round) {
    std::vector<Time> moments(1 + random() % 20);
    for (Time& moment : moments) {
      moment = minute(static_cast<int64_t>(random() % 2 == 0 ? random() % 60 : random() % 1000000));
    }
    const TimeAxis axis(moments);
    std::ranges::sort(moments);
    double before = -1;
    for (const Time moment : moments) {
      const double place = axis.place_of(moment);
      ASSERT_GE(place, before) << "round " << round;
      ASSERT_GE(place, 0);
      ASSERT_LE(place, 1 + 1e-9);
      before = place;
    }
    ASSERT_LE(axis.pieces().size(), kAxisBreaksMax + 1);
    // Different moments are at different places.
    for (size_t i = 1; i < moments.size(); ++i) {
      if (moments[i] != moments[i - 1]) {
        ASSERT_GT(axis.place_of(moments[i]), axis.place_of(moments[i - 1])) << "round " << round;
      }
    }
    ASSERT_NEAR(axis.pieces().back().right, 1, 1e-9);
  }
}

}  // namespace
}  // namespace stanch::pipeline::report

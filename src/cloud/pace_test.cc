#include "cloud/pace.h"

#include <gtest/gtest.h>

namespace stanch::cloud {
namespace {

using std::chrono::seconds;

constexpr Duration kLong = std::chrono::hours(1);

Steady at(double second) {
  return Steady(std::chrono::round<Duration>(std::chrono::duration<double>(second)));
}

// What botocore's ClientRateLimiter (retries/adaptive.py) came to, given the same answers and these
// times.
TEST(Pace, FollowsBotocore) {
  const struct {
    double when;
    bool throttled;
    double rate;
  } answers[] = {
      {0.2, false, 0.500000}, {0.4, false, 0.500000}, {0.6, false, 0.500000},
      {0.8, false, 0.500000}, {1.0, false, 0.500000}, {1.2, false, 0.691200},
      {1.4, false, 1.097600}, {1.6, false, 1.638400}, {1.8, false, 2.332800},
      {2.0, true, 3.028480},  {2.2, false, 3.486639}, {2.4, false, 3.821874},
      {2.6, false, 4.053386}, {2.8, false, 4.200373}, {3.0, false, 4.282037},
      {3.2, false, 4.317576}, {3.4, false, 4.326192}, {3.6, false, 4.327083},
      {3.8, false, 4.339451}, {4.0, false, 4.382495}, {4.2, false, 4.475415},
      {4.4, true, 3.033326},  {4.6, false, 3.492008}, {5.0, false, 4.059573},
      {7.0, false, 1.893333}, {9.0, false, 1.178667}, {9.1, true, 0.500000},
  };
  Pace pace(at(0));
  for (const auto& each : answers) {
    pace.answered(at(each.when), each.throttled);
    EXPECT_EQ(pace.is_bound(), each.when >= 2) << each.when;
    if (!pace.is_bound()) continue;
    EXPECT_NEAR(pace.rate(), each.rate, 1e-6) << each.when;
  }
}

TEST(Pace, HasNoBoundUntilSomebodyIsThrottled) {
  Pace pace(at(0));
  for (int i = 0; i < 1000; ++i) {
    EXPECT_EQ(pace.take_turn(at(1), {}), Duration{});
    pace.answered(at(1), false);
  }
  pace.answered(at(1), true);
  EXPECT_TRUE(pace.is_bound());
}

TEST(Pace, GivesTurnsInTheOrderInWhichTheyWereAskedFor) {
  Pace pace(at(0));
  pace.answered(at(0), true);  // nothing was measured: one in two seconds
  EXPECT_EQ(pace.rate(), 0.5);
  EXPECT_EQ(pace.take_turn(at(0), kLong), seconds(2));
  EXPECT_EQ(pace.take_turn(at(0), kLong), seconds(4));
  // Who cannot wait so long takes none.
  EXPECT_EQ(pace.take_turn(at(1), seconds(4)), std::nullopt);
  EXPECT_EQ(pace.take_turn(at(1), seconds(5)), seconds(5));
  // What nobody took is kept, but no more than one.
  EXPECT_EQ(pace.take_turn(at(100), kLong), Duration{});
  EXPECT_EQ(pace.take_turn(at(100), kLong), seconds(2));
}

}  // namespace
}  // namespace stanch::cloud

#include "codec/timestamp.h"

#include <gtest/gtest.h>

#include <limits>
#include <random>
#include <vector>

namespace stanch::codec {
namespace {

int64_t nanoseconds_of(std::string_view text) {
  const auto time = parse_timestamp(text);
  return time ? time->time_since_epoch().count() : -1;
}

constexpr int64_t kSecond = 1'000'000'000;

TEST(ParseTimestamp, ReadsDateAndTimeWithZone) {
  struct Case {
    const char *name, *text;
    int64_t expected;
  };
  const std::vector<Case> cases = {
      {"epoch", "1970-01-01T00:00:00Z", 0},
      {"cloudtrail", "2023-07-10T11:47:08Z", 1688989628 * kSecond},
      {"lower case", "2023-07-10t11:47:08z", 1688989628 * kSecond},
      {"space", "2023-07-10 11:47:08Z", 1688989628 * kSecond},
      {"east", "2023-07-10T13:47:08+02:00", 1688989628 * kSecond},
      {"west", "2023-07-10T06:17:08-05:30", 1688989628 * kSecond},
      {"basic offset", "2023-07-10T13:47:08+0200", 1688989628 * kSecond},
      {"hours only", "2023-07-10T13:47:08+02", 1688989628 * kSecond},
      {"unknown local offset", "2023-07-10T11:47:08-00:00", 1688989628 * kSecond},
      {"fraction", "1970-01-01T00:00:01.5Z", kSecond * 3 / 2},
      {"comma", "1970-01-01T00:00:01,5Z", kSecond * 3 / 2},
      {"nanoseconds", "1970-01-01T00:00:00.123456789+00:00", 123456789},
      {"beyond nanoseconds is cut", "1970-01-01T00:00:00.1234567899999Z", 123456789},
      {"leap day", "2000-02-29T00:00:00Z", 951782400 * kSecond},
      {"leap second", "2016-12-31T23:59:60Z", 1483228800 * kSecond},
      {"leap second elsewhere", "2017-01-01T00:59:60+01:00", 1483228800 * kSecond},
      {"before 1970", "1969-12-31T23:59:59Z", -kSecond},
      {"first", "1678-01-01T00:00:00Z", -9214560000 * kSecond},
      {"last", "2261-12-31T23:59:59.999999999Z", 9214646399 * kSecond + 999'999'999},
  };
  for (const auto& [name, text, expected] : cases) {
    const auto time = parse_timestamp(text);
    ASSERT_TRUE(time.has_value()) << name;
    EXPECT_EQ(time->time_since_epoch().count(), expected) << name;
  }
}

TEST(ParseTimestamp, RefusesEverythingElse) {
  for (const char* text : {"",
                           "2023-07-10",
                           "2023-07-10T11:47Z",
                           "2023-07-10T11:47:08",
                           "2023-07-10T11:47:08+",
                           "2023-07-10T11:47:08+2:00",
                           "2023-07-10T11:47:08+24:00",
                           "2023-07-10T11:47:08+02:60",
                           "2023-07-10T11:47:08+02:",
                           "2023-07-10T11:47:08+02:00x",
                           "2023-07-10T11:47:08.Z",
                           "2023-07-10T11:47:08Z ",
                           " 2023-07-10T11:47:08Z",
                           "2023-7-10T11:47:08Z",
                           "2023-00-10T11:47:08Z",
                           "2023-13-10T11:47:08Z",
                           "2023-02-29T00:00:00Z",
                           "2023-07-32T00:00:00Z",
                           "2023-07-10T24:00:00Z",
                           "2023-07-10T11:60:00Z",
                           "2023-07-10T11:47:60Z",
                           "2023-07-10T23:59:61Z",
                           "2016-12-31T23:59:60+01:00",
                           "1677-12-31T23:59:59Z",
                           "2262-01-01T00:00:00Z",
                           "1678-01-01T00:00:00+01:00",
                           "2261-12-31T23:59:59-01:00",
                           "2023/07/10T11:47:08Z",
                           "+023-07-10T11:47:08Z",
                           "1688989628",
                           "2023-07-10T11:47:08UTC",
                           "20230710T114708Z"}) {
    EXPECT_EQ(parse_timestamp(text), std::nullopt) << text;
  }
  EXPECT_EQ(parse_timestamp(std::string_view("2023-07-10T11:47:08Z\0", 21)), std::nullopt);
}

TEST(FormatTimestamp, WritesFractionInGroupsOfThree) {
  const std::vector<std::pair<int64_t, const char*>> cases = {
      {0, "1970-01-01T00:00:00Z"},
      {500'000'000, "1970-01-01T00:00:00.500Z"},
      {1'000, "1970-01-01T00:00:00.000001Z"},
      {1, "1970-01-01T00:00:00.000000001Z"},
      {-1, "1969-12-31T23:59:59.999999999Z"},
      {1688989628 * kSecond, "2023-07-10T11:47:08Z"},
      {std::numeric_limits<int64_t>::min(), "1677-09-21T00:12:43.145224192Z"},
      {std::numeric_limits<int64_t>::max(), "2262-04-11T23:47:16.854775807Z"},
  };
  for (const auto& [count, expected] : cases) {
    EXPECT_EQ(format_timestamp(Time(Duration(count))), expected);
  }
}

TEST(FormatTimestamp, IsReadBackEqual) {
  const int64_t first = nanoseconds_of("1678-01-01T00:00:00Z");
  const int64_t last = nanoseconds_of("2261-12-31T23:59:59.999999999Z");
  std::mt19937_64 random(11);
  std::uniform_int_distribution<int64_t> any(first, last);
  for (int round = 0; round < 50'000; ++round) {
    int64_t count = any(random);
    if (round % 3 == 0) count -= count % kSecond;
    if (round % 3 == 1) count -= count % 1'000'000;
    const Time time{Duration(count)};
    ASSERT_EQ(parse_timestamp(format_timestamp(time)), time) << count;
  }
}

TEST(Duration, IsANumberAndAUnitThatIsTaken) {
  using namespace std::chrono;
  EXPECT_EQ(parse_duration("60s"), seconds(60));
  EXPECT_EQ(parse_duration("15m"), minutes(15));
  EXPECT_EQ(parse_duration("4h"), hours(4));
  EXPECT_EQ(parse_duration("1000d"), hours(24'000));
  for (const char* bad : {"", "s", "0s", "-1m", "1001m", "15", "15 m", "1.5h", "4hh", "4w", "h4"}) {
    EXPECT_FALSE(parse_duration(bad)) << bad;
  }
  EXPECT_FALSE(parse_duration("30s", "mhd"));
  EXPECT_FALSE(parse_duration("2h", "sm"));
}

}  // namespace
}  // namespace stanch::codec

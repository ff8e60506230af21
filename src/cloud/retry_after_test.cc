#include "cloud/retry_after.h"

#include <gtest/gtest.h>

#include "codec/timestamp.h"

namespace stanch::cloud {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(RetryAfter, IsReadOrPassedOver) {
  constexpr const char* kUsual = "Retry-After";
  constexpr const char* kOwn = "x-amz-retry-after";
  const env::HttpHeader date = {"Date", "Sun, 06 Nov 1994 08:49:37 GMT"};
  const struct {
    const char* name;
    std::vector<env::HttpHeader> headers;
    std::optional<Duration> expected;
  } cases[] = {
      {"not said", {}, {}},
      {"seconds", {{kUsual, "7"}}, seconds(7)},
      {"none", {{kUsual, "0"}}, {}},
      {"an hour", {{kUsual, "3600"}}, seconds(3600)},
      {"more", {{kUsual, "3601"}}, {}},
      {"negative", {{kUsual, "-7"}}, {}},
      {"more than any number", {{kUsual, "99999999999999999999999"}}, {}},
      {"no whole number", {{kUsual, "7.5"}}, {}},
      {"a unit", {{kUsual, "7s"}}, {}},
      {"words", {{kUsual, "soon"}}, {}},
      {"nothing", {{kUsual, ""}}, {}},
      {"a date, of our clock", {{kUsual, "Sun, 06 Nov 1994 09:00:07 GMT"}}, seconds(7)},
      {"a date, of theirs", {date, {kUsual, "Sun, 06 Nov 1994 08:49:47 GMT"}}, seconds(10)},
      {"a date that has passed", {date, {kUsual, "Sun, 06 Nov 1994 08:49:36 GMT"}}, {}},
      {"a date far ahead", {date, {kUsual, "Sun, 06 Nov 9994 08:49:47 GMT"}}, {}},
      {"no date", {date, {kUsual, "Sun, 99 Nov 1994 08:49:47 GMT"}}, {}},
      {"milliseconds", {{kOwn, "1500"}}, milliseconds(1500)},
      {"too many", {{kOwn, "3600001"}}, {}},
      {"the own one first", {{kUsual, "7"}, {kOwn, "1500"}}, milliseconds(1500)},
      {"unless it is none", {{kUsual, "7"}, {kOwn, "x"}}, seconds(7)},
  };
  const Time now = *codec::parse_timestamp("1994-11-06T09:00:00Z");
  for (const auto& each : cases) {
    EXPECT_EQ(retry_after_of({.status = 429, .headers = each.headers}, now), each.expected)
        << each.name;
  }
}

}  // namespace
}  // namespace stanch::cloud

#include "codec/http_date.h"

#include <gtest/gtest.h>

#include "codec/timestamp.h"

namespace stanch::codec {
namespace {

TEST(HttpDate, WritesAndReadsTheFormOfRfc9110) {
  const Time time = *parse_timestamp("1994-11-06T08:49:37.9Z");
  EXPECT_EQ(format_http_date(time), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT"),
            parse_timestamp("1994-11-06T08:49:37Z"));
}

TEST(HttpDate, ReadsNoOtherForm) {
  for (const char* text : {"", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994",
                           "Sun, 06 Now 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 UTC",
                           "Sun, 36 Nov 1994 08:49:37 GMT"}) {
    EXPECT_FALSE(parse_http_date(text)) << text;
  }
}

}  // namespace
}  // namespace stanch::codec

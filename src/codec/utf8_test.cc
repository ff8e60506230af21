#include "codec/utf8.h"

#include <gtest/gtest.h>

#include <vector>

namespace stanch::codec {
namespace {

const std::string kBad = "\xEF\xBF\xBD";

TEST(Utf8, RoundTripsEveryCodePoint) {
  for (char32_t c = 0; c < 0x110000; ++c) {
    if (c >= 0xD800 && c < 0xE000) continue;
    std::string text;
    append_utf8(c, text);
    const Utf8Step step = decode_utf8(text);
    ASSERT_TRUE(step.valid) << uint32_t{c};
    ASSERT_EQ(step.code_point, c);
    ASSERT_EQ(step.length, text.size());
  }
}

TEST(Utf8, ReplacesMaximalSubparts) {
  struct Case {
    const char *name, *input;
    std::string expected;
  };
  const std::vector<Case> cases = {
      {"plain", "abc \xC3\xA9", "abc \xC3\xA9"},
      // Unicode 15.0 table 3-8, 3-9, 3-10, 3-11.
      {"overlong", "\xC0\xAF\xE0\x80\xBF\xF0\x81\x82\x41",
       kBad + kBad + kBad + kBad + kBad + kBad + kBad + kBad + "A"},
      {"surrogates", "\xED\xA0\x80\xED\xBF\xBF\xED\xAF\x41",
       kBad + kBad + kBad + kBad + kBad + kBad + kBad + kBad + "A"},
      {"too large", "\xF4\x91\x92\x93\xFF\x41\x80\xBF\x42",
       kBad + kBad + kBad + kBad + kBad + "A" + kBad + kBad + "B"},
      {"cut short", "\xE1\x80\xE2\xF0\x91\x92\xF1\xBF\x41", kBad + kBad + kBad + kBad + "A"},
      {"ends inside", "a\xE2\x82", "a" + kBad},
  };
  for (const auto& [name, input, expected] : cases) {
    EXPECT_EQ(repair_utf8(input), expected) << name;
    EXPECT_EQ(is_utf8(input), input == expected) << name;
    EXPECT_TRUE(is_utf8(expected)) << name;
  }
}

TEST(ForTerminal, ShowsWhatWouldActOnTheTerminal) {
  struct Case {
    const char *name, *input, *expected;
  };
  const std::vector<Case> cases = {
      {"plain", "arn:aws:iam::1:user/J\xC3\xBCrgen \xE6\x97\xA5",
       "arn:aws:iam::1:user/J\xC3\xBCrgen \xE6\x97\xA5"},
      {"colour", "\x1B[31mred", "\\x1b[31mred"},
      {"title", "\x1B]0;owned\x07", "\\x1b]0;owned\\x07"},
      {"line breaks", "a\r\nb\tc", "a\\r\\nb\\tc"},
      {"delete and backspace", "a\x7F\x08", "a\\x7f\\x08"},
      {"C1 sequence start",
       "\xC2\x9B"
       "31m",
       "\\u{9b}31m"},
      {"raw C1 byte",
       "\x9B"
       "31m",
       "\xEF\xBF\xBD"
       "31m"},
      {"override", "user\xE2\x80\xAEnimda", "user\\u{202e}nimda"},
      {"isolate", "\xE2\x81\xA6", "\\u{2066}"},
      {"zero width", "ad\xE2\x80\x8Bmin", "ad\\u{200b}min"},
      {"byte order mark", "\xEF\xBB\xBF", "\\u{feff}"},
      {"tag", "\xF3\xA0\x81\x81", "\\u{e0041}"},
      {"line separator", "\xE2\x80\xA8", "\\u{2028}"},
  };
  for (const auto& [name, input, expected] : cases)
    EXPECT_EQ(for_terminal(input), expected) << name;
  EXPECT_EQ(for_terminal(std::string_view("\0x", 2)), "\\x00x");
}

}  // namespace
}  // namespace stanch::codec

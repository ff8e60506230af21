#include "naive/json.h"

#include <gtest/gtest.h>

namespace naive {
namespace {

TEST(NaiveJson, WritesBackCompactlyWhatItRead) {
  struct {
    std::string_view name, input, expected;
  } cases[] = {
      {"white space", " { \"a\" : [ 1 , true ,\n null ] } ", R"({"a":[1,true,null]})"},
      {"order and duplicates", R"({"b":1,"a":2,"b":3})", R"({"b":1,"a":2,"b":3})"},
      {"number text", "[1.0,1e2,-0,1E+5]", "[1.0,1e2,-0,1E+5]"},
      {"escapes", R"(["\u0041\/\"\\\b\f\n\r\t"])", R"(["A/\"\\\b\f\n\r\t"])"},
      {"surrogate pair", R"(["\ud83d\ude00"])", "[\"\U0001F600\"]"},
      {"lone surrogates", R"(["\ud800x\udc00\ud800\ud83d\ude00"])",
       "[\"\uFFFDx\uFFFD\uFFFD\U0001F600\"]"},
      {"bad UTF-8", "[\"a\xFF\xC3(\xE2\x82z\"]", "[\"a\uFFFD\uFFFD(\uFFFDz\"]"},
      {"raw control character", "[\"a\nb\"]", R"(["a\nb"])"},
      {"byte order mark", "\xEF\xBB\xBF[]", "[]"},
      {"escaped on output", "[\"\x01\x7F\u2028\u2029\"]", "[\"\\u0001\x7F\u2028\u2029\"]"},
      {"empty", R"([{},[],""])", R"([{},[],""])"},
  };
  for (const auto& c : cases) {
    auto json = parse_json(c.input);
    ASSERT_TRUE(json) << c.name;
    EXPECT_EQ(to_utf8(compact(*json)), c.expected) << c.name;
  }
}

TEST(NaiveJson, RefusesWhatIsNotJson) {
  for (std::string_view text :
       {"",        " ",           "{",       "[1,]",      "{\"a\":}", "{a:1}", "01",    "1.",
        ".5",      "+1",          "1e",      "-",         "tru",      "nulll", "[1] 2", "\"a",
        "\"\\x\"", "\"\\u12g4\"", "\"\\u12", "{\"a\" 1}", "[1 2]",    "'a'",   "NaN"}) {
    EXPECT_FALSE(parse_json(text)) << text;
  }
}

}  // namespace
}  // namespace naive

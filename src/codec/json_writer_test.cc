#include "codec/json_writer.h"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

namespace stanch::codec {
namespace {

TEST(JsonString, EscapesWhatMustNotStandRaw) {
  struct Case {
    const char* name;
    std::string input, expected;
  };
  const std::vector<Case> cases = {
      {"empty", "", R"("")"},
      {"plain", "a/b'c", R"("a/b'c")"},
      {"quote and backslash", "\"\\", R"("\"\\")"},
      {"short escapes", "\b\f\n\r\t", R"("\b\f\n\r\t")"},
      {"controls", std::string("\0\x1F\x7F", 3), "\"\\u0000\\u001f\\u007f\""},
      {"line separators", "\u2028\u2029", "\"\\u2028\\u2029\""},
      {"unicode stays", "\u00E9\u65E5\U0001F600", "\"\u00E9\u65E5\U0001F600\""},
      {"bad utf-8",
       "a\xFF"
       "b\xED\xA0\x80",
       "\"a\uFFFDb\uFFFD\uFFFD\uFFFD\""},
  };
  for (const auto& [name, input, expected] : cases) {
    std::string out;
    append_json_string(input, out);
    EXPECT_EQ(out, expected) << name;
  }
}

TEST(JsonWriter, PutsCommasBetweenAndNothingElse) {
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  json.field("text", "a").field("yes", true).field("int", -1).field("big", uint64_t{1} << 63);
  json.key("empty").begin_array().end_array();
  json.key("list").begin_array().number(int64_t{1}).null().string("x");
  json.begin_object().end_object().begin_object().field("k", std::string_view("v")).end_object();
  json.raw(R"({"raw":[1]})").end_array();
  json.field("last", int64_t{7}).end_object();
  EXPECT_EQ(out, R"({"text":"a","yes":true,"int":-1,"big":9223372036854775808,"empty":[],)"
                 R"("list":[1,null,"x",{},{"k":"v"},{"raw":[1]}],"last":7})");
}

TEST(JsonWriter, WritesTheShortestNumberThatReadsBack) {
  const std::vector<std::pair<double, const char*>> cases = {
      {0.0, "0"},
      {-0.0, "-0"},
      {0.1, "0.1"},
      {1e300, "1e+300"},
      {1.0 / 3, "0.3333333333333333"},
      {std::numeric_limits<double>::denorm_min(), "5e-324"},
  };
  for (const auto& [value, expected] : cases) {
    std::string out;
    JsonWriter(out).number(value);
    EXPECT_EQ(out, expected);
  }
  std::string out;
  JsonWriter(out).begin_array().number(std::numeric_limits<int64_t>::min()).end_array();
  EXPECT_EQ(out, "[-9223372036854775808]");
}

TEST(JsonWriterDeathTest, RefusesWhatJsonCannotSay) {
  std::string out;
  EXPECT_DEATH(JsonWriter(out).number(std::numeric_limits<double>::infinity()), "isfinite");
  EXPECT_DEATH(JsonWriter(out).end_object(), "does not hold");
}

}  // namespace
}  // namespace stanch::codec

#include "codec/json_value.h"

#include <gtest/gtest.h>

namespace stanch::codec {
namespace {

JsonValue read(std::string_view text) {
  JsonParser parser;
  return JsonValue::of(parser.parse(text));
}

TEST(JsonValue, ReadsAndWritesWhatItWas) {
  const struct {
    const char* name;
    const char* given;
    const char* written;
  } cases[] = {
      {"null", "null", "null"},
      {"booleans", "[true,false]", "[true,false]"},
      {"integers", "[0,-1,9223372036854775807,-9223372036854775808]",
       "[0,-1,9223372036854775807,-9223372036854775808]"},
      {"beyond int64", "1e300", "1e+300"},
      {"beyond double", "1e999", "null"},
      {"fractions", "[1.5,-0.25]", "[1.5,-0.25]"},
      {"a fraction of nothing", "[1.0,-0.0,1e2]", "[1,0,100]"},
      {"texts", R"(["","a\"b\\\u0000","ü"])", R"(["","a\"b\\\u0000","ü"])"},
      {"members by key", R"({"b":1,"a":{"d":[],"c":{}}})", R"({"a":{"c":{},"d":[]},"b":1})"},
      {"twice", R"({"a":1,"a":2})", R"({"a":2})"},
      {"nothing", "", "null"},
  };
  for (const auto& each : cases) {
    const JsonValue value = read(each.given);
    EXPECT_EQ(to_json(value), each.written) << each.name;
    EXPECT_EQ(read(to_json(value)), value) << each.name;
  }
}

TEST(JsonValue, ComparesValuesAndNotTheirWriting) {
  EXPECT_EQ(read(R"({"a":1,"b":[1.0]})"), read(R"({"b":[1],"a":1.0})"));
  EXPECT_NE(read("1"), read("true"));
  EXPECT_NE(read("\"1\""), read("1"));
  EXPECT_NE(read("[1,2]"), read("[2,1]"));
  EXPECT_NE(read("null"), read("{}"));
}

TEST(JsonValue, OfWhatIsNotThereSaysNothing) {
  const JsonValue value = read(R"({"text":"t","number":2.5,"list":[1]})");
  EXPECT_EQ(value["text"].text_or_empty(), "t");
  EXPECT_EQ(value["number"].number(), 2.5);
  EXPECT_EQ(value["number"].integer(), nullptr);
  EXPECT_EQ(*value["list"].array()[0].integer(), 1);
  EXPECT_TRUE(value["absent"]["deeper"].is_null());
  EXPECT_EQ(value["list"].text_or_empty(), "");
}

}  // namespace
}  // namespace stanch::codec

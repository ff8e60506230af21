#include "codec/pretty_json.h"

#include <gtest/gtest.h>

namespace stanch::codec {
namespace {

TEST(PrettyJson, IsTheSameValueOnManyLines) {
  JsonParser parser;
  const JsonValue value =
      JsonValue::of(parser.parse(R"({"b":[1,{"c":null}],"a":"x\"\n","empty":[],"none":{}})"));
  EXPECT_EQ(pretty_json(value), R"({
  "a": "x\"\n",
  "b": [
    1,
    {
      "c": null
    }
  ],
  "empty": [],
  "none": {}
}
)");
  const std::string text = pretty_json(value);
  EXPECT_EQ(JsonValue::of(JsonParser().parse(text)), value);
}

}  // namespace
}  // namespace stanch::codec

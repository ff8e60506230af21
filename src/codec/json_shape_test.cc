#include "codec/json_shape.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace stanch::codec {
namespace {

std::string kinds_of(std::string_view text) {
  Tokenizer tokenizer;
  EXPECT_TRUE(tokenizer.find(text)) << text;
  return std::string(tokenizer.tokens().kind_bytes());
}

JsonShape shape_of(std::string_view kinds) {
  JsonShape shape;
  EXPECT_TRUE(find_shape(reinterpret_cast<const TokenKind*>(kinds.data()),
                         static_cast<uint32_t>(kinds.size()), shape));
  return shape;
}

TEST(JsonShape, NamesNodesAndScalars) {
  const std::string kinds = kinds_of(R"({"a":[1,"x"],"b":{}})");
  const JsonShape shape = shape_of(kinds);
  ASSERT_EQ(shape.nodes.size(), 7u);  // object, key, array, number, string, key, object
  EXPECT_EQ(shape.nodes[0].next, 7u);
  EXPECT_EQ(shape.nodes[0].last, kinds.size() - 1);
  EXPECT_EQ(shape.nodes[2].type, JsonType::kArray);
  EXPECT_EQ(shape.nodes[2].next, 5u);
  EXPECT_EQ(shape.scalars, std::vector<uint32_t>{4});
}

// What is kept must answer as a walk would, whatever came between.
TEST(ShapeMemory, KeepsWhatIsMetTwice) {
  ShapeMemory memory;
  const std::string kinds = kinds_of(R"({"a":1})");
  bool wanted = true;
  EXPECT_EQ(memory.find(kinds, wanted), nullptr);
  EXPECT_FALSE(wanted);
  EXPECT_EQ(memory.find(kinds, wanted), nullptr);
  EXPECT_TRUE(wanted);
  const ShapeMemory::Known* kept = memory.keep(kinds, shape_of(kinds));
  EXPECT_EQ(kept->kinds, kinds);
  EXPECT_EQ(memory.find(kinds, wanted), kept);
  EXPECT_FALSE(wanted);
}

TEST(ShapeMemory, NumbersAreNeverShared) {
  ShapeMemory one, two;
  const std::string kinds = kinds_of("[1]");
  bool wanted = false;
  one.find(kinds, wanted);
  two.find(kinds, wanted);
  EXPECT_NE(one.keep(kinds, shape_of(kinds))->number, two.keep(kinds, shape_of(kinds))->number);
}

// A flood of shapes that come once leaves those that come again alone.
TEST(ShapeMemory, AFloodDisplacesNothing) {
  ShapeMemory memory;
  const std::string kept = kinds_of(R"({"kept":[]})");
  bool wanted = false;
  memory.find(kept, wanted);
  memory.find(kept, wanted);
  const uint64_t number = memory.keep(kept, shape_of(kept))->number;
  for (size_t i = 1; i < 2000; ++i) memory.find(std::string(i, '\1'), wanted);
  const ShapeMemory::Known* found = memory.find(kept, wanted);
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(found->number, number);
}

TEST(ShapeMemory, IsBounded) {
  ShapeMemory memory;
  bool wanted = false;
  EXPECT_EQ(memory.find(std::string(ShapeMemory::kTokensMax + 1, '\1'), wanted), nullptr);
  EXPECT_EQ(memory.find(std::string(ShapeMemory::kTokensMax + 1, '\1'), wanted), nullptr);
  EXPECT_FALSE(wanted);
  // Far more than fits: it starts anew, and goes on to be right.
  std::set<uint64_t> numbers;
  JsonShape large;
  large.nodes.resize(2000);
  for (size_t i = 0; i < 1000; ++i) {
    std::string kinds(1500 + i % 500, '\1');
    kinds[i % 100] = '\2';
    kinds[100 + i / 100] = '\2';
    memory.find(kinds, wanted);
    numbers.insert(memory.keep(kinds, large)->number);
    const ShapeMemory::Known* found = memory.find(kinds, wanted);
    ASSERT_NE(found, nullptr);
    ASSERT_EQ(found->kinds, kinds);
  }
  EXPECT_EQ(numbers.size(), 1000u);
  EXPECT_LT(memory.bytes(), ShapeMemory::kBytesMax + (size_t{1} << 20));
}

}  // namespace
}  // namespace stanch::codec

#include "codec/json_layout.h"

#include <gtest/gtest.h>

#include <cstring>
#include <memory>
#include <string>
#include <vector>

namespace stanch::codec {
namespace {

// One parser, and the layouts of what it parses. A shape is known from its third text on.
struct Reader {
  JsonParser parser;

  JsonLayouts* layouts(const std::string& text) {
    const JsonView event = parser.parse(text);
    return event.exists() ? at(event) : nullptr;
  }
  static JsonLayouts* at(JsonView event) {
    JsonLayouts* const layouts = event.document()->layouts;
    if (layouts == nullptr) return nullptr;
    layouts->start(event);
    return layouts->has_layout() ? layouts : nullptr;
  }
};

constexpr char kPadding[] = R"(,"and so much more that every piece can be read":""})";
std::string padded(const std::string& open) { return open + kPadding; }

TEST(JsonLayouts, AreTheSameForTheSameKeysOnly) {
  Reader reader;
  EXPECT_EQ(reader.layouts(padded(R"({"a":1,"bb":"x")")), nullptr);  // the shape is not known yet
  ASSERT_NE(reader.layouts(padded(R"({"a":1,"bb":"x")")), nullptr);
  JsonLayouts& layouts = *reader.layouts(padded(R"({"a":22,"bb":"longer")"));
  const uint64_t number = layouts.number();
  EXPECT_NE(number, 0u);
  for (const char* text : {R"({"b":1,"bb":"x")", R"({"A":1,"bb":"x")", R"({"a":1,"bc":"x")",
                           R"({"a":1,"b":"x")", R"({"aa":1,"bb":"x")", R"({"":1,"bb":"x")"}) {
    ASSERT_NE(reader.layouts(padded(text)), nullptr) << text;
    EXPECT_NE(layouts.number(), number) << text;
  }
  Reader other;
  for (int i = 0; i < 2; ++i) other.layouts(padded(R"({"a":1,"bb":"x")"));
  EXPECT_NE(other.layouts(padded(R"({"a":1,"bb":"x")"))->number(), number);
}

// The pieces of a long key were looked for where there was no document any more.
TEST(JsonLayouts, ReadNothingBeyondADocumentWithShorterKeys) {
  Reader reader;
  const std::string with_long =
      "{\"" + std::string(200, 'k') + "\":1,\"last key of all, and long\":2}";
  for (int i = 0; i < 3; ++i) reader.layouts(with_long);
  const uint64_t number = reader.layouts(with_long)->number();
  for (const char* text : {R"({"k":1,"last key of all, and long":2})", R"({"k":1,"l":2})"}) {
    const auto bytes = std::make_unique<std::string>(text);
    JsonLayouts* const layouts = reader.layouts(*bytes);
    if (layouts != nullptr) {
      EXPECT_NE(layouts->number(), number);
    }
  }
}

// An object at the very end of the bytes: no piece may be read beyond them.
TEST(JsonLayouts, ReadNothingBeyondTheDocument) {
  Reader reader;
  for (int round = 0; round < 4; ++round) {
    const std::unique_ptr<char[]> exact(new char[7]);
    std::memcpy(exact.get(), "{\"a\":1}", 7);
    const JsonView event = reader.parser.parse({exact.get(), 7});
    ASSERT_TRUE(event.exists());
    Reader::at(event);
  }
}

TEST(JsonLayouts, TellKeysApartThatDifferInOneByte) {
  for (size_t size = 1; size < 40; ++size) {
    const std::string key(size, 'k');
    Reader reader;
    const auto number_of = [&](const std::string& name) {
      JsonLayouts* const layouts = reader.layouts(padded("{\"" + name + "\":1"));
      return layouts == nullptr ? 0 : layouts->number();
    };
    for (int i = 0; i < 2; ++i) number_of(key);
    for (size_t at = 0; at < size; ++at) {
      const uint64_t number = number_of(key);  // not always the same: few layouts a shape are kept
      ASSERT_NE(number, 0u);
      std::string other = key;
      other[at] = 'x';
      EXPECT_NE(number_of(other), number) << other;
    }
  }
}

TEST(JsonLayouts, AreNotOfKeysWithEscapes) {
  Reader reader;
  for (int i = 0; i < 3; ++i) EXPECT_EQ(reader.layouts(padded(R"({"\u0061":1)")), nullptr);
  ASSERT_NE(reader.layouts(padded(R"({"a":1)")), nullptr);
  EXPECT_EQ(reader.layouts(padded(R"({"\u0061":1)")), nullptr);
}

TEST(JsonLayouts, KnowObjectsInsideByTheirKeysAndThoseOfTheirParents) {
  Reader reader;
  const auto text = [](const std::string& outer, const std::string& inner) {
    return padded(R"({"top":{")" + outer + R"(":{")" + inner + R"(":1}})");
  };
  for (int i = 0; i < 2; ++i) reader.layouts(text("outer", "inner"));
  std::string bytes = text("outer", "inner");
  JsonView event = reader.parser.parse(bytes);
  JsonLayouts& layouts = *Reader::at(event);
  const auto outer = layouts.add(event["top"], JsonLayouts::kRoot);
  ASSERT_TRUE(outer.has_value());
  const auto inner = layouts.add(event["top"]["outer"], *outer);
  ASSERT_TRUE(inner.has_value());
  EXPECT_EQ(layouts.add(event["top"]["outer"], *outer), inner);
  EXPECT_TRUE(layouts.is_same(*inner));

  struct Case {
    const char* outer;
    const char* inner;
    bool outer_same, inner_same;
  };
  for (const Case c : {Case{"outer", "inner", true, true}, Case{"outer", "other", true, false},
                       Case{"other", "inner", false, false}, Case{"outer", "inner", true, true}}) {
    bytes = text(c.outer, c.inner);
    event = reader.parser.parse(bytes);
    ASSERT_EQ(Reader::at(event), &layouts);
    EXPECT_EQ(layouts.is_same(*inner), c.inner_same) << c.outer << ' ' << c.inner;
    EXPECT_EQ(layouts.is_same(*outer), c.outer_same) << c.outer << ' ' << c.inner;
    EXPECT_EQ(layouts.add(event["top"], JsonLayouts::kRoot).has_value(), c.outer_same);
  }
}

TEST(JsonLayouts, ToldApartByTheEventsOfOneDocument) {
  Reader reader;
  const std::string text = padded(R"({"detail":{"detail":{"detail":1}})");
  for (int i = 0; i < 2; ++i) reader.layouts(text);
  const JsonView root = reader.parser.parse(text);
  JsonLayouts& layouts = *Reader::at(root);
  const uint64_t of_root = layouts.number();
  ASSERT_NE(Reader::at(root["detail"]), nullptr);
  const uint64_t of_detail = layouts.number();
  EXPECT_NE(of_detail, of_root);
  ASSERT_NE(Reader::at(root), nullptr);
  EXPECT_EQ(layouts.number(), of_root);
  ASSERT_NE(Reader::at(root["detail"]), nullptr);
  EXPECT_EQ(layouts.number(), of_detail);
  EXPECT_EQ(Reader::at(root["detail"]["detail"]["detail"]), nullptr);  // no object
}

TEST(JsonLayouts, GiveASlotAnotherNumberWithAnotherLayout) {
  Reader reader;
  JsonLayouts* layouts = nullptr;
  std::vector<uint64_t> numbers;
  std::vector<uint32_t> slots;
  for (int i = 0; i < 12; ++i) {
    const std::string text = padded(R"({"key)" + std::to_string(i) + R"(":1)");
    if (JsonLayouts* of = reader.layouts(text)) {
      layouts = of;
      for (size_t j = 0; j < numbers.size(); ++j) EXPECT_NE(numbers[j], layouts->number());
      numbers.push_back(layouts->number());
      slots.push_back(layouts->slot());
      EXPECT_LT(layouts->slot(), JsonLayouts::kSlots);
    }
  }
  ASSERT_GE(numbers.size(), 10u);
  // All are of one shape, and so of one set: the first slots were given away.
  EXPECT_EQ(slots[0], slots[4]);
}

}  // namespace
}  // namespace stanch::codec

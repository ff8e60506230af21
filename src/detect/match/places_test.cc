#include "detect/match/places.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "detect/match/field_table.h"

namespace stanch::detect::match {
namespace {

// Keys that are easily taken for each other: in case, in their first sixteen bytes, in their last.
const std::vector<std::string> kKeys = {"a",
                                        "A",
                                        "b",
                                        "a.b",
                                        "b.a",
                                        "sixteen-bytes--",
                                        "a-key-of-more-than-sixteen-bytes-x",
                                        "a-key-of-more-than-sixteen-bytes-y",
                                        "A-key-of-more-than-sixteen-bytes-x",
                                        "another-key-that-is-as-long-as-it-x"};

class Random {
 public:
  size_t below(size_t count) {
    state_ = state_ * 6364136223846793005 + 1442695040888963407;
    return (state_ >> 33) % count;
  }
  // One of all, or mostly one of two, so that layouts come again.
  const std::string& key() { return kKeys[below(wide || below(6) == 0 ? kKeys.size() : 2)]; }
  bool wide = false;

 private:
  uint64_t state_ = 7;
};

// An object of one of few shapes, with any keys in it.
std::string object(Random& random, size_t shape, size_t depth) {
  std::string out = "{";
  for (size_t i = 0; i < 2 + shape % 2; ++i) {
    if (i > 0) out += ",";
    out += "\"" + random.key() + "\":";
    switch ((shape + i * 3 + depth) % 5) {
      case 0:
      case 1: out += depth > 0 ? object(random, shape / 2 + i, depth - 1) : "\"text\""; break;
      case 2: out += "\"{\\\"a\\\":1}\""; break;
      case 3: out += random.below(2) == 0 ? "true" : "false"; break;
      default: out += "[1]";
    }
  }
  return out + "}";
}

// Those of the two frequent keys first.
constexpr size_t kFrequentFields = 10;
std::vector<std::string> field_names() {
  std::vector<std::string> names = {"a",   "A",     "a.a",   "a.A",   "A.a",
                                    "A.A", "a.a.a", "A.A.a", "a.A.A", "A.a.A"};
  names.insert(names.end(), kKeys.begin() + 2, kKeys.end());
  for (const std::string& first : kKeys) {
    for (const std::string& second : kKeys) {
      names.push_back(first + "." + second);
      names.push_back(first + "." + second + ".a");
    }
  }
  return names;
}

// What the rules of docs/formats/sigma.md F1-F6 say, without anything remembered.
std::string searched(const FieldPath& path, codec::JsonView event) {
  EmbeddedJson embedded;
  FieldValues values;
  resolve(path, event, embedded, values);
  if (!values.present) return "absent";
  std::string out;
  for (const codec::JsonView value : values.values) out += std::string(value.raw()) + ";";
  return out;
}

TEST(Places, AnswerAsASearchDoes) {
  FieldTable fields;
  for (const std::string& name : field_names()) fields.add(name);
  FieldFinder finder(fields);
  codec::JsonParser parser;
  Random random;
  EmbeddedJson embedded;
  FieldValues values;
  std::set<std::pair<uint64_t, uint32_t>> absent;  // layout and field
  size_t shared = 0, simple_ones = 0;
  for (int round = 0; round < 20'000; ++round) {
    random.wide = round % 3 == 0;
    const std::string text = object(random, random.below(6), 2);
    const codec::JsonView event = parser.parse(text);
    finder.start(event);
    shared += finder.places().layout() != 0;
    for (int i = 0; i < 12; ++i) {
      const auto field = static_cast<uint32_t>(
          random.below(random.below(2) == 0 ? kFrequentFields : fields.size()));
      const std::string expected = searched(fields.path(field), event);
      bool simple = false;
      const codec::JsonView found = finder.find_simple(field, simple);
      if (simple) {
        ++simple_ones;
        ASSERT_EQ(found.exists() ? std::string(found.raw()) + ";" : "absent", expected)
            << fields.path(field).name() << " in " << text;
      } else {
        embedded.clear();
        values.clear();
        finder.find(field, embedded, values);
        ASSERT_EQ(values.present, expected != "absent") << text;
      }
      // What is absent in a layout is absent in all its events.
      const bool is_absent = finder.places().is_absent_in_layout(field);
      const std::pair place(finder.places().layout(), field);
      if (is_absent) absent.insert(place);
      if (absent.contains(place)) {
        ASSERT_EQ(expected, "absent") << fields.path(field).name() << " in " << text;
      }
    }
  }
  EXPECT_GT(shared, 10'000u);
  EXPECT_GT(simple_ones, 100'000u);
}

TEST(Places, ReadOfAPlaceWhatTheNodeSays) {
  FieldTable fields;
  for (const char* name : {"s", "n", "t", "z", "o.s"}) fields.add(name);
  FieldFinder finder(fields);
  codec::JsonParser parser;
  for (int round = 0; round < 4; ++round) {
    const std::string text = R"({ "s":"text" ,"n":12 , "t":true,"z":null,"o":{"s":"x"} })";
    const codec::JsonView event = parser.parse(text);
    finder.start(event);
    for (uint32_t field = 0; field < fields.size(); ++field) {
      const Place place = finder.places().find(field);
      ASSERT_EQ(place.kind, Place::Kind::kScalar);
      const codec::JsonView value(event.document(), place.node);
      EXPECT_EQ(place.type, value.type());
      EXPECT_EQ(event.document()->raw_scalar(place.token, place.type), value.raw());
    }
  }
}

std::string found(FieldFinder& finder, codec::JsonParser& parser, const std::string& event,
                  uint32_t field) {
  finder.start(parser.parse(event));
  bool simple = false;
  const codec::JsonView value = finder.find_simple(field, simple);
  EXPECT_TRUE(simple);
  return value.exists() ? std::string(value.raw()) : "absent";
}

TEST(Places, LearnNothingFromAnEventWithOtherKeys) {
  FieldTable fields;
  const uint32_t x = fields.add("o.x"), y = fields.add("o.y");
  FieldFinder finder(fields);
  codec::JsonParser parser;
  const std::string with_x = R"({"o":{"x":"1"},"more":"a text behind"})";
  const std::string with_y = R"({"o":{"y":"1"},"more":"a text behind"})";
  for (int i = 0; i < 3; ++i) EXPECT_EQ(found(finder, parser, with_x, x), "1");
  EXPECT_EQ(found(finder, parser, with_y, y), "1");
  EXPECT_EQ(found(finder, parser, with_x, y), "absent");
  EXPECT_EQ(found(finder, parser, with_y, x), "absent");
  EXPECT_EQ(found(finder, parser, with_y, y), "1");
}

}  // namespace
}  // namespace stanch::detect::match

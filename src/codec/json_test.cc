#include "codec/json.h"

#include <gtest/gtest.h>
#include <simdjson.h>

#include <string>
#include <vector>

namespace stanch::codec {
namespace {

std::string compact_of(JsonView view) {
  std::string out;
  append_compact(view, out);
  return out;
}

struct Reading {
  std::string_view name;
  std::string input;
  bool fast;              // the fast road takes it
  JsonProblem problem;    // of parse()
  std::string_view text;  // compact, if it is read
};

TEST(JsonParser, ReadsWhatTheGrammarAllowsAndNamesWhatItDoesNot) {
  const std::string deep_ok =
      std::string(JsonParser::kDepthMax, '[') + std::string(JsonParser::kDepthMax, ']');
  const std::string too_deep =
      std::string(JsonParser::kDepthMax + 1, '[') + std::string(JsonParser::kDepthMax + 1, ']');
  using enum JsonProblem;
  const std::vector<Reading> readings = {
      {"object", R"({"a":1,"b":[true,false,null]})", true, kNone,
       R"({"a":1,"b":[true,false,null]})"},
      {"white space", " { \"a\" :\t1 ,\r\n\"b\" : [ ] , \"c\" : { } } ", true, kNone,
       R"({"a":1,"b":[],"c":{}})"},
      {"scalar roots", "\"x\"", true, kNone, "\"x\""},
      {"number root", " -1.5e+10 ", true, kNone, "-1.5e+10"},
      {"number beyond 64 bits", "[123456789012345678901234567890]", true, kNone,
       "[123456789012345678901234567890]"},
      {"number beyond double", "[1e400]", true, kNone, "[1e400]"},
      {"escapes", R"(["\u0041\n\/\\\"\ud83d\ude00"])", true, kNone,
       "[\"A\\n/\\\\\\\"\xF0\x9F\x98\x80\"]"},
      {"lone high surrogate", R"(["\ud800x"])", true, kNone, "[\"\xEF\xBF\xBDx\"]"},
      {"lone low surrogate", R"(["\udc00"])", true, kNone, "[\"\xEF\xBF\xBD\"]"},
      {"two high surrogates", R"(["\ud800\ud800"])", true, kNone, "[\"\xEF\xBF\xBD\xEF\xBF\xBD\"]"},
      {"duplicate keys stay", R"({"a":1,"a":2})", true, kNone, R"({"a":1,"a":2})"},
      {"depth at the limit", deep_ok, true, kNone, deep_ok},
      {"byte order mark", "\xEF\xBB\xBF{}", false, kNone, "{}"},
      {"bad UTF-8 in a string", "[\"a\xFFz\"]", false, kNone, "[\"a\xEF\xBF\xBDz\"]"},
      {"cut UTF-8 in a string", "[\"\xE2\x82\"]", false, kNone, "[\"\xEF\xBF\xBD\"]"},
      {"raw newline in a string", "[\"a\nb\"]", false, kNone, R"(["a\nb"])"},
      {"control characters that nearly are punctuation",
       "[1\x0C"
       "1]",
       false, kSyntax, ""},
      {"the same for the colon",
       "{\"a\"\x1A"
       "1}",
       false, kSyntax, ""},
      {"nothing", "", false, kEmpty, ""},
      {"white space alone", " \n", false, kEmpty, ""},
      {"depth beyond the limit", too_deep, false, kTooDeep, ""},
      {"cut after a brace", "{", false, kTruncated, ""},
      {"cut after a key", R"({"a")", false, kTruncated, ""},
      {"cut after a colon", R"({"a":)", false, kTruncated, ""},
      {"cut after a value", R"({"a":1)", false, kTruncated, ""},
      {"cut in a string", R"({"a":"x)", false, kTruncated, ""},
      {"cut in an escape", R"(["\)", false, kTruncated, ""},
      {"trailing comma in an array", "[1,]", false, kSyntax, ""},
      {"trailing comma in an object", R"({"a":1,})", false, kSyntax, ""},
      {"missing comma", "[1 2]", false, kSyntax, ""},
      {"missing colon", R"({"a" 1})", false, kSyntax, ""},
      {"key that is no string", "{1:2}", false, kSyntax, ""},
      {"wrong closer", "[1}", false, kSyntax, ""},
      {"closer alone", "]", false, kSyntax, ""},
      {"two roots", "1 2", false, kSyntax, ""},
      {"leading zero", "[01]", false, kSyntax, ""},
      {"plus sign", "[+1]", false, kSyntax, ""},
      {"bare fraction", "[.5]", false, kSyntax, ""},
      {"open fraction", "[1.]", false, kSyntax, ""},
      {"open exponent", "[1e]", false, kSyntax, ""},
      {"misspelt literal", "[ture]", false, kSyntax, ""},
      {"literal and string together", R"([true"a"])", false, kSyntax, ""},
      {"unknown escape", R"(["\q"])", false, kSyntax, ""},
      {"short unicode escape", R"(["\u12"])", false, kSyntax, ""},
      {"escape that eats the quote", R"(["\u00","00"])", false, kSyntax, ""},
      {"backslash outside a string", R"([\n])", false, kSyntax, ""},
      {"single quotes", "['a']", false, kSyntax, ""},
      {"comment", "[1/*x*/]", false, kSyntax, ""},
  };
  for (const Reading& reading : readings) {
    SCOPED_TRACE(reading.name);
    JsonParser parser;
    EXPECT_EQ(parser.parse_fast(reading.input).exists(), reading.fast);
    const JsonView view = parser.parse(reading.input);
    EXPECT_EQ(name_of(parser.problem()), name_of(reading.problem));
    ASSERT_EQ(view.exists(), reading.problem == kNone);
    if (view.exists()) {
      EXPECT_EQ(compact_of(view), reading.text);
    }
    // The tolerant road reads all that the fast one does, and the same.
    JsonParser tolerant;
    const JsonView second = tolerant.parse_tolerant(reading.input);
    ASSERT_EQ(second.exists(), reading.problem == kNone);
    if (second.exists()) {
      EXPECT_EQ(compact_of(second), reading.text);
    }
  }
}

// Every text of up to five of these pieces: the fast road takes exactly what
// simdjson's DOM takes, but for what we read and it does not.
TEST(JsonParser, AgreesWithSimdjsonOnSmallTexts) {
  const std::vector<std::string> pieces = {
      "{", "}", "[", "]", ",", ":", "\"a\"", "1", "-0.5", "true", "null", " ", "\"\\n\"", "0", "x"};
  simdjson::dom::parser dom;
  JsonParser ours;
  size_t valid = 0;
  for (size_t number = 0; number < 759375; ++number) {  // 15 to the power of 5
    std::string text;
    for (size_t rest = number, i = 0; i < 5; ++i, rest /= pieces.size()) {
      text += pieces[rest % pieces.size()];
    }
    const bool expected = dom.parse(text).error() == simdjson::SUCCESS;
    ASSERT_EQ(ours.parse_fast(text).exists(), expected) << text;
    ASSERT_EQ(ours.parse_tolerant(text).exists(), expected) << text;
    valid += expected;
  }
  EXPECT_GT(valid, 300u);
}

TEST(JsonParser, TellsWhetherTextIsCompactAlready) {
  const std::vector<std::pair<std::string, bool>> texts = {
      {R"({"a":[1,2,{"b":"c"}],"d":null})", true},
      {"[]", true},
      {"{ }", false},
      {R"({"a": 1})", false},
      {R"({"a" :1})", false},
      {R"([1 ,2])", false},
      {R"([1, 2])", false},
      {R"(["a\/b"])", false},
      {" []", false},
      {R"({"a":"x" })", false},
  };
  for (const auto& [text, compact] : texts) {
    JsonParser parser;
    const JsonView view = parser.parse(text);
    EXPECT_EQ(parser.is_compact(), compact) << text;
    if (compact) {
      EXPECT_EQ(compact_of(view), text);
    }
  }
}

TEST(JsonView, FindsTheFirstOfTwoMembersAndDecodesKeys) {
  JsonParser parser;
  const JsonView view = parser.parse(R"({"x":1,"event\u004eame":"A","eventName":"B","x":2})");
  EXPECT_EQ(view["eventName"].string_or_empty(), "A");
  EXPECT_EQ(view["x"].raw(), "1");
  EXPECT_FALSE(view["X"].exists());
  EXPECT_FALSE(view["x"]["y"].exists());
  EXPECT_FALSE(JsonView()["x"].exists());
  EXPECT_EQ(find_duplicate_key(view), "eventName");
  EXPECT_EQ(view.size(), 4u);

  const JsonView compact = parser.parse(R"({"a":1,"":2})");
  EXPECT_EQ(compact[""].raw(), "2");
  EXPECT_EQ(compact[std::string_view()].raw(), "2");  // a view without bytes is a key like others
}

TEST(FindDuplicateKey, LooksIntoEveryObjectAndOnlyWithinOne) {
  std::string many = "{", same_hash = "{";
  for (int i = 0; i < 300; ++i) {
    many += "\"k" + std::to_string(i) + "\":0,";
    same_hash += "\"12345678" + std::to_string(1000 + i) + "12345678\":0,";
  }
  const struct {
    const char* name;
    std::string json;
    std::optional<std::string> expected;
  } cases[] = {
      {"none", R"({"a":{"b":1,"c":2},"b":{"a":1,"c":2},"c":[{"a":1},{"a":1}]})", std::nullopt},
      {"top", R"({"a":1,"b":2,"a":3})", "a"},
      {"escaped", R"({"a":1,"\u0061":3})", "a"},
      {"in a member", R"({"a":{"b":{"c":1,"c":1}}})", "c"},
      {"in an element", R"([1,[{"c":1},{"dddddddd":1,"dddddddd":1}]])", "dddddddd"},
      {"empty keys", R"({"":1,"":1})", ""},
      {"many", many + "\"x\":0}", std::nullopt},
      {"many, the last twice", many + "\"k299\":0}", "k299"},
      {"many, the first twice", many + "\"k0\":0}", "k0"},
      {"colliding", same_hash + "\"x\":0}", std::nullopt},
      {"colliding, one twice", same_hash + "\"12345678100112345678\":0}", "12345678100112345678"},
      {"after many", "[" + many + "\"x\":0},{\"k1\":1,\"k1\":2}]", "k1"},
      {"no object", "[1,\"a\",null]", std::nullopt},
      {"scalar", "1", std::nullopt},
  };
  JsonParser parser;
  for (const auto& each : cases) {
    EXPECT_EQ(find_duplicate_key(parser.parse(each.json)), each.expected) << each.name;
  }
}

TEST(JsonView, ConvertsNumbersExactlyOrNotAtAll) {
  JsonParser parser;
  const JsonView view = parser.parse("[9223372036854775807, 9223372036854775808, 1.5, -0]");
  std::vector<JsonView> numbers;
  for (const JsonView number : view.elements()) numbers.push_back(number);
  EXPECT_EQ(numbers[0].as_int64(), INT64_MAX);
  EXPECT_EQ(numbers[1].as_int64(), std::nullopt);
  EXPECT_EQ(numbers[2].as_int64(), std::nullopt);
  EXPECT_EQ(numbers[2].as_double(), 1.5);
  EXPECT_EQ(numbers[3].as_int64(), 0);
}

TEST(JsonParser, ReusesItsMemoryForLargerAndSmallerDocuments) {
  JsonParser parser;
  for (const size_t count : {1, 100000, 3, 200000, 1}) {
    std::string text = "[0";
    for (size_t i = 1; i < count; ++i) text += ",{\"k\":\"v\"}";
    text += "]";
    const JsonView view = parser.parse(text);
    ASSERT_TRUE(view.exists());
    EXPECT_EQ(view.size(), count);
  }
}

}  // namespace
}  // namespace stanch::codec

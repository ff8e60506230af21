#include "ingest/splitter.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <random>

namespace stanch::ingest {
namespace {

using codec::JsonProblem;

constexpr size_t kNoLimit = size_t{1} << 30;

// A cut with its text.
struct Piece {
  std::string text;
  JsonProblem problem = JsonProblem::kNone;
  uint64_t begin = 0;
  bool operator==(const Piece&) const = default;
};

void PrintTo(const Piece& piece, std::ostream* out) {
  *out << '{' << codec::name_of(piece.problem) << " at " << piece.begin << ": " << piece.text
       << '}';
}

// Cuts `text`, handing over `window()` more bytes each time, as a reader does.
std::vector<Piece> split(std::string_view text, size_t record_bytes_max,
                         const std::function<size_t()>& window) {
  Splitter splitter(record_bytes_max);
  std::vector<Cut> cuts;
  uint64_t begin = 0;
  size_t end = 0;
  while (end < text.size()) {
    end = std::min(text.size(), end + window());
    const uint64_t keep = splitter.cut(text.substr(begin, end - begin), false, cuts);
    EXPECT_GE(keep, begin);
    EXPECT_LE(keep, end);
    begin = keep;
  }
  splitter.cut(text.substr(begin), true, cuts);
  std::vector<Piece> pieces;
  uint64_t behind = 0;
  for (const Cut& cut : cuts) {
    EXPECT_GE(cut.begin, behind) << "cuts overlap";
    EXPECT_GE(cut.end, cut.begin);
    EXPECT_LE(cut.end, text.size());
    behind = cut.end;
    pieces.push_back(
        {std::string(text.substr(cut.begin, cut.end - cut.begin)), cut.problem, cut.begin});
  }
  return pieces;
}

std::vector<Piece> split_at_once(std::string_view text, size_t record_bytes_max = kNoLimit) {
  return split(text, record_bytes_max, [&] { return text.size(); });
}

// Every size of window gives the same cuts.
void expect_any_window_agrees(std::string_view text, size_t record_bytes_max,
                              std::string_view name) {
  const std::vector<Piece> expected = split_at_once(text, record_bytes_max);
  const size_t largest = std::min<size_t>(text.size(), 200);
  for (size_t window = 1; window <= largest; ++window) {
    ASSERT_EQ(split(text, record_bytes_max, [&] { return window; }), expected)
        << name << " with a window of " << window;
  }
}

struct FormCase {
  const char* name;
  std::string text;
  std::vector<std::string> records;
  std::vector<std::pair<JsonProblem, std::string>> rejected = {};
  size_t record_bytes_max = kNoLimit;
};

const std::vector<FormCase>& form_cases() {
  static const std::vector<FormCase> cases = {
      {"empty", "", {}},
      {"white space", " \r\n\t\n", {}},
      {"one object", R"({"a":1})", {R"({"a":1})"}},
      {"lines", "{\"a\":1}\n{\"b\":2}\n", {R"({"a":1})", R"({"b":2})"}},
      {"lines without last newline", "{\"a\":1}\n{\"b\":2}", {R"({"a":1})", R"({"b":2})"}},
      {"CRLF, empty and indented lines",
       "{\"a\":1}\r\n\r\n  {\"b\":2}\r\n\t\r\n",
       {R"({"a":1})", R"({"b":2})"}},
      {"byte order mark",
       "\xEF\xBB\xBF{\"a\":1}\n\xEF\xBB\xBF{\"b\":2}\n",
       {R"({"a":1})", R"({"b":2})"}},
      {"RFC 7464", "\x1E{\"a\":1}\n\x1E{\"b\":2}\n", {R"({"a":1})", R"({"b":2})"}},
      {"lines with commas",
       "{\"a\":1},\n{\"b\":2} ,\n{\"c\":3}",
       {R"({"a":1})", R"({"b":2})", R"({"c":3})"}},
      {"concatenated", R"({"a":1}{"b":2} {"c":3})", {R"({"a":1})", R"({"b":2})", R"({"c":3})"}},
      {"pretty-printed, one behind the other",
       "{\n  \"a\": [\n    1\n  ]\n}\n{\n  \"b\": {\n  }\n}\n",
       {"{\n  \"a\": [\n    1\n  ]\n}", "{\n  \"b\": {\n  }\n}"}},
      {"array", R"([{"a":1}, {"b":2}])", {R"({"a":1})", R"({"b":2})"}},
      {"empty array", "[]", {}},
      {"array on lines", "[\n{\"a\":1},\n{\"b\":2}\n]\n", {R"({"a":1})", R"({"b":2})"}},
      {"Records", R"({"Records":[{"a":1},{"b":[{}]}]})", {R"({"a":1})", R"({"b":[{}]})"}},
      {"no Records", R"({"Records":[]})", {}},
      {"Records, pretty-printed",
       "{\n  \"Records\" : [\n    {\n      \"a\": 1\n    },\n    {}\n  ]\n}\n",
       {"{\n      \"a\": 1\n    }", "{}"}},
      {"Records between other members",
       R"({"x":{"Records":[1]},"Records":[{"a":1}],"y":[{"b":2}]})",
       {R"({"a":1})"}},
      {"Records twice",
       R"({"Records":[{"a":1}],"Events":[{"b":2}]})",
       {R"({"a":1})", R"({"b":2})"}},
      {"files behind each other",
       "{\"Records\":[{\"a\":1}]}\n{\"Records\":[{\"b\":2}]}{\"c\":3}\n",
       {R"({"a":1})", R"({"b":2})", R"({"c":3})"}},
      {"LookupEvents", R"({"Events":[{"EventId":"1"}],"NextToken":"x"})", {R"({"EventId":"1"})"}},
      {"ReceiveMessage", R"({"Messages":[{"Body":"{}"}]})", {R"({"Body":"{}"})"}},
      {"CloudWatch Logs subscription",
       R"({"messageType":"DATA_MESSAGE","logEvents":[{"id":"1"}]})",
       {R"({"id":"1"})"}},
      {"Event Hub",
       R"({"records":[{"time":"1"},{"time":"2"}]})",
       {R"({"time":"1"})", R"({"time":"2"})"}},
      {"CloudWatch Logs export",
       "2026-03-01T02:03:04.000Z {\"a\":1}\n2026-03-01T02:03:05.000Z {\"b\":2}\n",
       {R"({"a":1})", R"({"b":2})"}},
      {"Records that is no array", R"({"Records":{"a":[{}]}})", {R"({"Records":{"a":[{}]}})"}},
      {"Records deeper down", R"({"x":{"Records":[{}]}})", {R"({"x":{"Records":[{}]}})"}},
      {"a value that is the word Records",
       R"({"x":"Records","y":[{}]})",
       {R"({"x":"Records","y":[{}]})"}},
      {"a key that ends like Records", R"({"x\"Records":[{}]})", {R"({"x\"Records":[{}]})"}},
      {"brackets and quotes in strings",
       R"({"a":"}{][\"\\"}{"b":"\\\\"})",
       {R"({"a":"}{][\"\\"})", R"({"b":"\\\\"})"}},
      {"a line of arrays", "{\"a\":1}\n[{\"b\":2}]\n", {R"({"a":1})", R"([{"b":2}])"}},
      {"arrays as elements", R"([{"a":1},[2]])", {R"({"a":1})", "[2]"}},

      {"a bad line costs only itself",
       "{\"a\":1}\nnonsense\n{\"b\":2}\n",
       {R"({"a":1})", R"({"b":2})"},
       {{JsonProblem::kSyntax, "nonsense"}}},
      {"a line cut short",
       "{\"a\":1}\n{\"b\":\"x\n{\"c\":3}\n",
       {R"({"a":1})", R"({"c":3})"},
       {{JsonProblem::kTruncated, "{\"b\":\"x"}}},
      {"a line cut between tokens",
       "{\"a\":1}\n{\"b\":[\n{\"c\":3}\n",
       {R"({"a":1})", R"({"c":3})"},
       {{JsonProblem::kTruncated, "{\"b\":["}}},
      {"the first line cut short",
       "{\"b\":\"x\n{\"c\":3}\n{\"d\":4}\n",
       {R"({"c":3})", R"({"d":4})"},
       {{JsonProblem::kTruncated, "{\"b\":\"x"}}},
      {"the first line cut between tokens",
       "{\"b\":{\n{\"c\":3}\n{\"d\":4}\n",
       {R"({"c":3})", R"({"d":4})"},
       {{JsonProblem::kTruncated, "{\"b\":{"}}},
      {"the first line without its beginning",
       "\"x\"}\n{\"c\":3}\n",
       {R"({"c":3})"},
       {{JsonProblem::kSyntax, "\"x\"}"}}},
      {"the last line cut short",
       "{\"a\":1}\n{\"b\":",
       {R"({"a":1})"},
       {{JsonProblem::kTruncated, "{\"b\":"}}},
      {"one value over lines among lines",
       "{\"a\":1}\n{\n \"b\":2\n}\n{\"c\":3}\n",
       {R"({"a":1})", "{\n \"b\":2\n}", R"({"c":3})"}},
      {"text in front",
       "# comment\n[x]\n{\"a\":1}\n",
       {R"({"a":1})"},
       {{JsonProblem::kSyntax, "# comment\n[x]"}}},
      {"text only", "hello\nworld\n", {}, {{JsonProblem::kSyntax, "hello\nworld\n"}}},
      {"text that looks like an array",
       "[INFO] started\n[INFO] done\n",
       {},
       {{JsonProblem::kSyntax, "[INFO] started\n[INFO] done\n"}}},
      {"text behind", "{\"a\":1} tail", {R"({"a":1})"}, {{JsonProblem::kSyntax, "tail"}}},
      {"Records cut inside a record",
       R"({"Records":[{"a":1},{"b":)",
       {R"({"a":1})"},
       {{JsonProblem::kTruncated, "{\"b\":"}}},
      {"Records cut between records",
       R"({"Records":[{"a":1},)",
       {R"({"a":1})"},
       {{JsonProblem::kTruncated, ""}}},
      {"Records cut behind the array",
       R"({"Records":[{"a":1}])",
       {R"({"a":1})"},
       {{JsonProblem::kTruncated, ""}}},
      {"elements that are no records",
       R"({"Records":[1,"a\"],",null,{"a":1},x y]})",
       {R"({"a":1})"},
       {{JsonProblem::kSyntax, "1"},
        {JsonProblem::kSyntax, R"("a\"],")"},
        {JsonProblem::kSyntax, "null"},
        {JsonProblem::kSyntax, "x"},
        {JsonProblem::kSyntax, "y"}}},
      {"the wrong bracket ends the array",
       "{\"Records\":[{\"a\":1}}\n{\"b\":2}",
       {R"({"a":1})", R"({"b":2})"},
       {{JsonProblem::kSyntax, "}"}}},
      {"a record with a missing quote",
       "{\"Records\":[\n{\"a\":1},\n{\"b\":\"x},\n{\"c\":3}\n]}\n{\"d\":4}",
       {R"({"a":1})", R"({"c":3})", R"({"d":4})"},
       {{JsonProblem::kTruncated, "{\"b\":\"x},"}}},
      {"the same, pretty-printed",
       "{\"Records\": [\n  {\n    \"a\": 1\n  },\n  {\n    \"b\": \"x\n  },\n  {\n    \"c\": 3\n  "
       "}\n]}",
       {"{\n    \"a\": 1\n  }", "{\n    \"c\": 3\n  }"},
       {{JsonProblem::kTruncated, "{\n    \"b\": \"x\n  },"}}},
      {"a record with a missing brace",
       "{\"Records\":[\n{\"a\":{\"x\":1},\n{\"c\":3}\n]}\n",
       {R"({"c":3})"},
       {{JsonProblem::kSyntax, "{\"a\":{\"x\":1},"}}},
      {"a file cut short with another behind it",
       "{\"Records\":[{\"a\":1},{\"b\":\"x\n{\"Records\":[{\"c\":3}]}",
       {R"({"a":1})", R"({"Records":[{"c":3}]})"},
       {{JsonProblem::kTruncated, "{\"b\":\"x"}, {JsonProblem::kTruncated, ""}}},
      {"a newline in a string that is not damage",
       "{\"a\":\"x\ny\"}{\"b\":2}",
       {"{\"a\":\"x\ny\"}", R"({"b":2})"}},

      {"too large, on one line",
       R"({"a":1}{"b":"0123456789"}{"c":3})",
       {R"({"a":1})", R"({"c":3})"},
       {{JsonProblem::kTooLarge, R"({"b":"0123456789"})"}},
       10},
      {"too large by one",
       R"({"b":"0123"})"
       R"({"b":"01234"})",
       {R"({"b":"0123"})"},
       {{JsonProblem::kTooLarge, R"({"b":"01234"})"}},
       12},
      {"too large in Records",
       R"({"Records":[{"a":1},{"b":"0123456789"},{"c":3}]})",
       {R"({"a":1})", R"({"c":3})"},
       {{JsonProblem::kTooLarge, R"({"b":"0123456789"})"}},
       10},
      {"a line too large",
       "{\"a\":1}\n{\"b\":\"0123456789\"}\n{\"c\":3}\n",
       {R"({"a":1})", R"({"c":3})"},
       {{JsonProblem::kTooLarge, R"({"b":"0123456789"})"}},
       10},
      {"a bad line too large",
       "{\"a\":1}\n0123456789012\n{\"c\":3}\n",
       {R"({"a":1})", R"({"c":3})"},
       {{JsonProblem::kSyntax, "0123456789012"}},
       10},
      {"Records behind a large member",
       R"({"x":"0123456789","Records":[{"c":3}]})",
       {R"({"c":3})"},
       {},
       10},
      {"too large and never closed",
       "{\"a\":[0,1,2,3,4,5\n{\"c\":3}\n",
       {R"({"c":3})"},
       {{JsonProblem::kTooLarge, "{\"a\":[0,1,2,3,4,5"}},
       10},
      {"never closed, and the next line is near",
       "{\"a\":[\n{\"c\":3}\n{\"d\":4}\n",
       {R"({"c":3})", R"({"d":4})"},
       {{JsonProblem::kTruncated, "{\"a\":["}},
       10},
      {"too large up to the end",
       R"({"a":"0123456789)",
       {},
       {{JsonProblem::kTooLarge, R"({"a":"0123456789)"}},
       10},
  };
  return cases;
}

TEST(Splitter, RecognisesEveryForm) {
  for (const FormCase& form : form_cases()) {
    std::vector<std::string> records;
    std::vector<std::pair<JsonProblem, std::string>> rejected;
    for (const Piece& piece : split_at_once(form.text, form.record_bytes_max)) {
      if (piece.problem == JsonProblem::kNone) {
        records.push_back(piece.text);
      } else {
        rejected.emplace_back(piece.problem, piece.text);
      }
    }
    EXPECT_EQ(records, form.records) << form.name;
    EXPECT_EQ(rejected, form.rejected) << form.name;
  }
}

TEST(Splitter, CutsTheSameForEveryWindow) {
  for (const FormCase& form : form_cases()) {
    expect_any_window_agrees(form.text, form.record_bytes_max, form.name);
    expect_any_window_agrees(form.text, 6, form.name);
  }
}

TEST(Splitter, SaysWhetherAnythingLooksLikeJson) {
  const std::vector<std::pair<const char*, bool>> cases = {
      {"", false},  {"hello\nworld", false}, {"[INFO] x", false},
      {"[]", true}, {"x\n{", true},          {"{", true},
  };
  for (const auto& [text, expected] : cases) {
    Splitter splitter(kNoLimit);
    std::vector<Cut> cuts;
    splitter.cut(text, true, cuts);
    EXPECT_EQ(splitter.saw_json(), expected) << text;
  }
}

// A record as a text generator writes it, on one line or on many.
class Generator {
 public:
  explicit Generator(uint32_t seed) : random_(seed) {}

  std::string value(int depth, const std::string& indent, bool pretty) {
    switch (depth > 0 ? pick(6) : 2 + pick(4)) {
      case 0: return container('{', '}', depth, indent, pretty);
      case 1: return container('[', ']', depth, indent, pretty);
      case 2: return string();
      case 3: return std::to_string(random_());
      case 4: return "true";
      default: return "null";
    }
  }

  std::string record(const std::string& indent, bool pretty) {
    return container('{', '}', 4, indent, pretty);
  }

  size_t pick(size_t count) { return random_() % count; }

 private:
  std::string string() {
    static const std::vector<std::string> pieces = {
        "a",   "}", "{", "[",        "]",      "\\\"", "\\\\",
        "\\n", ",", ":", "\xC3\xA9", "Record", " ",    std::string(70, 'x')};
    std::string text = "\"";
    for (size_t i = pick(6); i > 0; --i) text += pieces[pick(pieces.size())];
    return text += '"';
  }

  std::string container(char open, char close, int depth, const std::string& indent, bool pretty) {
    const std::string inner = indent + "  ";
    std::string text(1, open);
    const size_t count = pick(4);
    for (size_t i = 0; i < count; ++i) {
      if (i > 0) text += ',';
      if (pretty) text += '\n' + inner;
      if (open == '{') text += string() + (pretty ? ": " : ":");
      text += value(depth - 1, inner, pretty);
    }
    if (pretty && count > 0) text += '\n' + indent;
    return text += close;
  }

  std::mt19937 random_;
};

TEST(Splitter, FindsTheRecordsThatWerePutIn) {
  for (uint32_t seed = 0; seed < 3'000; ++seed) {
    Generator generate(seed);
    const bool pretty = generate.pick(2) == 0;
    const size_t form = generate.pick(4);
    const std::string indent = pretty && form < 2 ? "    " : "";
    std::vector<std::string> records;
    for (size_t i = generate.pick(6) + 1; i > 0; --i)
      records.push_back(generate.record(indent, pretty));
    std::string text;
    const char* between = form < 2 ? "," : form == 2 ? "\n" : "";
    for (const std::string& record : records) {
      if (!text.empty()) text += between;
      if (!indent.empty()) text += '\n' + indent;
      text += record;
    }
    if (form == 0) text = "{\"x\":[1,{}],\"Records\":[" + text + "],\"y\":{}}";
    if (form == 1) text = "[" + text + "]";
    const std::vector<Piece> pieces = split(text, kNoLimit, [&] { return generate.pick(100) + 1; });
    ASSERT_EQ(pieces.size(), records.size()) << "seed " << seed << ": " << text;
    for (size_t i = 0; i < records.size(); ++i) {
      ASSERT_EQ(pieces[i].text, records[i]) << "seed " << seed;
      ASSERT_EQ(pieces[i].problem, JsonProblem::kNone);
    }
  }
}

TEST(Splitter, DamagedTextIsCutTheSameForEveryWindow) {
  for (uint32_t seed = 0; seed < 4'000; ++seed) {
    Generator generate(seed);
    std::string text;
    for (size_t i = generate.pick(5) + 1; i > 0; --i) {
      const bool pretty = generate.pick(3) == 0;
      text += generate.record("", pretty) + (generate.pick(4) == 0 ? "" : "\n");
    }
    if (generate.pick(3) == 0) text = "{\"Records\":[" + text + "]}";
    for (size_t i = generate.pick(4); i > 0; --i) {
      static constexpr std::string_view kDamage = "\"{}[]\n\\x,";
      const size_t at = generate.pick(text.size());
      if (generate.pick(2) == 0) text[at] = kDamage[generate.pick(kDamage.size())];
      if (generate.pick(3) == 0) text.erase(at, generate.pick(20));
      if (text.empty()) text = "{";
    }
    const size_t record_bytes_max = generate.pick(2) == 0 ? kNoLimit : 100;
    const std::vector<Piece> expected = split_at_once(text, record_bytes_max);
    for (const size_t window : {1, 2, 3, 63, 64, 65}) {
      ASSERT_EQ(split(text, record_bytes_max, [&] { return window; }), expected)
          << "seed " << seed << " window " << window << '\n'
          << text;
    }
  }
}

TEST(Splitter, OneBadLineCostsOnlyItself) {
  for (uint32_t seed = 0; seed < 2'000; ++seed) {
    Generator generate(seed);
    std::vector<std::string> lines;
    for (int i = 0; i < 8; ++i) lines.push_back(generate.record("", false));
    const size_t bad = generate.pick(lines.size());
    std::string& line = lines[bad];
    line = line.substr(0, generate.pick(line.size()));
    std::string text;
    for (const std::string& each : lines) text += each + '\n';
    std::vector<std::string> records;
    for (const Piece& piece : split_at_once(text)) {
      if (piece.problem == JsonProblem::kNone) records.push_back(piece.text);
    }
    for (size_t i = 0; i < lines.size(); ++i) {
      if (i == bad) continue;
      ASSERT_TRUE(std::ranges::find(records, lines[i]) != records.end()) << "seed " << seed << '\n'
                                                                         << text;
    }
  }
}

}  // namespace
}  // namespace stanch::ingest

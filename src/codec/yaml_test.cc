#include "codec/yaml.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "codec/yaml_roads.h"

namespace stanch::codec {
namespace {

std::string show(const YamlNode& node) {
  if (node.is_list()) {
    std::string text = "[";
    for (const YamlNode& item : node.items) text += (text.size() > 1 ? ", " : "") + show(item);
    return text + "]";
  }
  if (node.is_map()) {
    std::string text = "{";
    for (const YamlMember& member : node.members) {
      text += (text.size() > 1 ? ", " : "") + show(member.key) + ": " + show(member.value);
    }
    return text + "}";
  }
  switch (node.type) {
    case YamlType::kNull: return "null";
    case YamlType::kBool: return "bool " + node.text;
    case YamlType::kInteger: return "int " + node.text;
    case YamlType::kFloat: return "float " + node.text;
    case YamlType::kString: return "'" + node.text + "'";
  }
  return "?";
}

std::string show(const std::vector<YamlDocument>& documents) {
  std::string text;
  for (const YamlDocument& document : documents) {
    if (!text.empty()) text += " --- ";
    if (document.problem) {
      text += std::to_string(document.problem->mark.line) + ":" +
              std::to_string(document.problem->mark.column) + " " + document.problem->message;
    } else {
      text += show(document.root);
    }
  }
  return text;
}

TEST(Yaml, ReadsTreesOfTypedScalars) {
  struct Case {
    const char* name;
    std::string input, expected;
  };
  const Case cases[] = {
      {"nothing", "", ""},
      {"only comments", "# a\n\n# b\n", ""},
      {"a map", "a: b\nc: [1, 2.5, x]\n", "{'a': 'b', 'c': [int 1, float 2.5, 'x']}"},
      {"nulls", "a:\nb: ~\nc: null\nd: Null\ne: ''\n",
       "{'a': null, 'b': null, 'c': null, 'd': null, 'e': ''}"},
      {"booleans", "[true, False, TRUE, yes, 'true']",
       "[bool true, bool False, bool TRUE, 'yes', 'true']"},
      {"numbers as JSON has them", "[0, -1, 1.0, 1e3, 2E-7, -0.5]",
       "[int 0, int -1, float 1.0, float 1e3, float 2E-7, float -0.5]"},
      {"other numbers are text", "[007, +1, 0x1f, 0o17, 1_000, .5, 1., .inf, 1e, 012345678901]",
       "['007', '+1', '0x1f', '0o17', '1_000', '.5', '1.', '.inf', '1e', '012345678901']"},
      {"quotes and blocks are text", "a: '1'\nb: \"true\"\nc: |\n  2\nd: >-\n  x\n  y\n",
       "{'a': '1', 'b': 'true', 'c': '2\n', 'd': 'x y'}"},
      {"the tag of strings", "a: !!str 5\n", "{'a': '5'}"},
      {"quoted with the tag of strings", "a: !!str '5'\n", "{'a': '5'}"},
      {"escapes", "a: \"\\x41\\u00e9\\n\"\n", "{'a': 'A\xc3\xa9\n'}"},
      {"nested", "- a: {b: [c, {d: e}]}\n- - f\n", "[{'a': {'b': ['c', {'d': 'e'}]}}, ['f']]"},
      {"merge keys are keys", "a: &x {b: c}\nd:\n  <<: *x\n",
       "{'a': {'b': 'c'}, 'd': {'<<': {'b': 'c'}}}"},
      {"aliases are copies", "a: &x [1, 2]\nb: *x\n", "{'a': [int 1, int 2], 'b': [int 1, int 2]}"},
      {"an anchored scalar", "a: &x 5\nb: [*x, *x]\n", "{'a': int 5, 'b': [int 5, int 5]}"},
      {"an anchored null", "a: &x\nb: *x\n", "{'a': null, 'b': null}"},
      {"documents", "a: 1\n---\nb: 2\n--- # note\nc: 3\n...\n",
       "{'a': int 1} --- {'b': int 2} --- {'c': int 3}"},
      {"empty documents do not count", "---\n---\na: 1\n---\n", "{'a': int 1}"},
      {"directives belong to what follows", "%YAML 1.2\n---\na: 1\n", "{'a': int 1}"},
      {"a document on the marker's line", "--- [1]\n--- x\n", "[int 1] --- 'x'"},
      {"markers in a block scalar end it", "a: |\n  x\n---\nb: 1\n",
       "{'a': 'x\n'} --- {'b': int 1}"},
      {"dashes inside are no markers", "a: |\n  ---\n  x\nb: ---x\n",
       "{'a': '---\nx\n', 'b': '---x'}"},
      {"a byte order mark",
       "\xEF\xBB\xBF"
       "a: 1\n",
       "{'a': int 1}"},
      {"carriage returns", "a: 1\r\n---\r\nb: x\r\n", "{'a': int 1} --- {'b': 'x'}"},
      {"no newline at the end", "a: 1\n---\nb: 2", "{'a': int 1} --- {'b': int 2}"},
      {"keys of any scalar type", "1: a\nnull: b\n'': c\n", "{int 1: 'a', null: 'b', '': 'c'}"},
  };
  for (const Case& c : cases) EXPECT_EQ(show(parse_yaml(c.input)), c.expected) << c.name;
}

TEST(Yaml, SaysWhereAndWhatIsWrongAndReadsTheOtherDocuments) {
  struct Case {
    const char* name;
    std::string input, expected;
  };
  const Case cases[] = {
      {"an open list", "a: [1, 2\n", "2:1 a '[' is not closed"},
      {"an open map", "a: {b: 1\n", "2:1 a '{' is not closed"},
      {"an open quote", "b: 'y'\na: 'x''\nc: 1\n", "2:4 a quote is not closed"},
      {"an open double quote", "a: \"x\\\"\n", "1:4 a quote is not closed"},
      {"an unquoted wildcard", "a: *x*\n", "1:4 a value that starts with * is an alias in YAML"},
      {"a list after a key", "a: - b\n", "1:4 a '- ' where no list may begin"},
      {"a tab", "a:\n\tb: 1\n", "2:3 a tab in the indentation"},
      {"two colons", "a: b: c\n", "1:5 a ': ' where no value may begin"},
      {"bad indentation", "a: 1\n  b: 2\n", "2:4 a ': ' where no value may begin"},
      {"a bad escape", "a: \"\\q\"\n", "1:7 no such escape inside double quotes"},
      {"an unquoted star", "a: *\n", "1:5 a value that starts with * is an alias in YAML"},
      {"an unknown alias", "a: *b\n", "1:4 a value that starts with * is an alias in YAML"},
      {"a reserved character", "a: @b\n", "1:4 this character cannot start a value"},
      {"a foreign tag", "a: !!int 5\n", "1:4 the tag 'tag:yaml.org,2002:int' is not supported"},
      {"a tag on a map", "a: !x {b: c}\n", "1:4 the tag '!x' is not supported"},
      {"a list as a key", "? [a]\n: b\n", "1:3 a key must be one word or text"},
      {"an alias to what it is in", "a: &x [*x]\n", "1:8 an alias inside itself"},
      {"a NUL", std::string("a: \0b\n", 6), "1:4 a control character"},
      {"an escape character", "a: 1\nb: x\x1b[0m\n", "2:5 a control character"},
      {"no UTF-8", "a: \xff\n", "0:0 the file is not UTF-8"},
      {"neighbours go on", "a: [\n---\nb: 2\n---\nc: }\n---\nd: 4\n",
       "2:1 a '[' is not closed --- {'b': int 2} --- 5:4 a ']' or '}' that closes nothing --- "
       "{'d': int 4}"},
      {"another list", "[1]\n[2]\n", "2:1 text after the end of the document"},
      {"a scalar after a list", "- a\nb\n", "2:1 text after the end of the document"},
      {"a bracket after the end", "[1]\n]\n", "2:1 a ']' or '}' that closes nothing"},
  };
  for (const Case& c : cases) EXPECT_EQ(show(parse_yaml(c.input)), c.expected) << c.name;
}

// With marks, for comparing the roads.
std::string show_all(const YamlNode& node) {
  std::string text = std::to_string(node.mark.line) + ":" + std::to_string(node.mark.column);
  text += node.plain ? " plain " : " quoted ";
  if (node.is_scalar()) text += show(node);
  for (const YamlNode& item : node.items) text += " - " + show_all(item);
  for (const YamlMember& member : node.members) {
    text += " ? " + show_all(member.key) + " : " + show_all(member.value);
  }
  return text + ";";
}

// "gave up", or what both roads read; a failure if they differ.
std::string read_both(std::string_view text) {
  YamlDocument quick, full;
  quick.bytes = full.bytes = text;
  if (!parse_yaml_quick(quick, {}, 1)) return "gave up";
  parse_yaml_full(full, {}, 1);
  EXPECT_FALSE(full.problem.has_value()) << text << "\n" << full.problem->message;
  EXPECT_EQ(show_all(quick.root), show_all(full.root)) << text;
  EXPECT_EQ(quick.duplicate_keys.size(), full.duplicate_keys.size()) << text;
  return show(quick.root);
}

TEST(Yaml, TheQuickRoadReadsWhatPeopleWrite) {
  struct Case {
    const char* name;
    std::string input, expected;
  };
  const Case cases[] = {
      {"a map", "a: b\nc:\n  d: 1\n  e:\nf: 'x: y'  # note\n",
       "{'a': 'b', 'c': {'d': int 1, 'e': null}, 'f': 'x: y'}"},
      {"a list below a key", "a:\n  - b\n  - c # note\n# note\nd:\n- e\n- f\ng: h\n",
       "{'a': ['b', 'c'], 'd': ['e', 'f'], 'g': 'h'}"},
      {"maps in a list", "- a: b\n  c: d\n-  e: f\n   g:\n     - h\n",
       "[{'a': 'b', 'c': 'd'}, {'e': 'f', 'g': ['h']}]"},
      {"lists in a list", "- - a\n  - b\n- c\n", "[['a', 'b'], 'c']"},
      {"flow", "a: [1, 'x, y', [b], {c: d}]\ne: {f: g, 'h': \"i\"}\nj: []\nk: {}\n",
       "{'a': [int 1, 'x, y', ['b'], {'c': 'd'}], 'e': {'f': 'g', 'h': 'i'}, 'j': [], 'k': {}}"},
      {"quotes", "a: 'it''s'\nb: \"x\\\\y\\n\"\n'|all': c\n",
       "{'a': 'it's', 'b': 'x\\y\n', '|all': 'c'}"},
      {"plain text", "a: x*y http://z?a=b&c#d - e\nb: -1\nc: a, b\nd: it's\n",
       "{'a': 'x*y http://z?a=b&c#d - e', 'b': int -1, 'c': 'a, b', 'd': 'it's'}"},
      {"plain text over lines", "a: one\n  two\n\n   three # note\nb: c\n",
       "{'a': 'one two\nthree', 'b': 'c'}"},
      {"plain text with two empty lines", "a: one\n\n\n  two\n", "{'a': 'one\n\ntwo'}"},
      {"a literal", "a: |\n  x\n   y  \n\n  # z\n\nb: |-\n  c\n\n",
       "{'a': 'x\n y  \n\n# z\n', 'b': 'c'}"},
      {"a literal at the end", "a: |\n  x", "{'a': 'x'}"},
      {"a literal at the end, with an empty line", "a: |\n  x\n\n\n", "{'a': 'x\n'}"},
      {"folded", "a: >-\n  x\n  y\n\n  z\nb: c\n", "{'a': 'x y\nz', 'b': 'c'}"},
      {"folded with empty lines", "a: >\n  x\n\n\n  y\n\n", "{'a': 'x\n\ny\n'}"},
      {"a literal in a list", "a:\n  - |\n    x\n  - y\n", "{'a': ['x\n', 'y']}"},
      {"one key twice", "a: b\na: c\n", "{'a': 'b', 'a': 'c'}"},
      {"its marker", "# x\n--- # y\n\na: b\n", "{'a': 'b'}"},
      {"null in words", "a: null\nb: [~, Null]\n", "{'a': null, 'b': [null, null]}"},
      {"beyond ASCII", "a: \xc3\xa9 x\nb: {c: \xc3\xa9, d: e}\n",
       "{'a': '\xc3\xa9 x', 'b': {'c': '\xc3\xa9', 'd': 'e'}}"},
      {"an anchor", "a: &x b\n", "gave up"},
      {"an alias", "a: *x\n", "gave up"},
      {"a tag", "a: !!str b\n", "gave up"},
      {"a tab", "a:\tb\n", "gave up"},
      {"a rare escape", "a: \"\\x41\"\n", "gave up"},
      {"an open quote", "a: 'x\nb: c\n", "gave up"},
      {"an open list", "a: [b,\n  c]\n", "gave up"},
      {"a colon too many", "a: b: c\n", "gave up"},
      {"a colon at the end", "a: b:\n", "gave up"},
      {"a colon at the end of a continuation", "a: b\n  c:\n", "gave up"},
      {"bad indentation", "a: b\n  c: d\n", "gave up"},
      {"less indentation than any before", "  a: b\n c: d\n", "gave up"},
      {"a list after a map", "a: b\n- c\n", "gave up"},
      {"a map after a list", "- a\nb: c\n", "gave up"},
      {"another document", "a: b\n---\nc: d\n", "gave up"},
      {"an end marker", "a: b\n...\n", "gave up"},
      {"a question mark before a bracket", "a: [b?]\n", "gave up"},
      {"a scalar", "a\n", "gave up"},
      {"nothing", "# a\n", "gave up"},
      {"a complex key", "? a\n: b\n", "gave up"},
  };
  for (const Case& c : cases) EXPECT_EQ(read_both(c.input), c.expected) << c.name;
}

TEST(Yaml, KeepsDuplicateKeysAndListsThem) {
  const auto documents = parse_yaml("a: 1\nb:\n  c: 1\n  'c': 2\na: 3\n");
  ASSERT_EQ(documents.size(), 1u);
  EXPECT_EQ(show(documents[0].root), "{'a': int 1, 'b': {'c': int 1, 'c': int 2}, 'a': int 3}");
  ASSERT_EQ(documents[0].duplicate_keys.size(), 2u);
  EXPECT_EQ(documents[0].duplicate_keys[0].key, "c");
  EXPECT_EQ(documents[0].duplicate_keys[0].first.line, 3u);
  EXPECT_EQ(documents[0].duplicate_keys[0].again.line, 4u);
  EXPECT_EQ(documents[0].duplicate_keys[1].key, "a");
}

TEST(Yaml, MarksCountLinesInTheFileAndColumnsInBytes) {
  const auto documents = parse_yaml("x: 1\n---\nk\xc3\xa9y: [a, \xc3\xa9, b]\n");
  ASSERT_EQ(documents.size(), 2u);
  const YamlMember& member = documents[1].root.members.at(0);
  EXPECT_EQ(member.key.mark.line, 3u);
  EXPECT_EQ(member.key.mark.column, 1u);
  EXPECT_EQ(member.value.items.at(0).mark.column, 8u);
  EXPECT_EQ(member.value.items.at(2).mark.column, 15u);
}

TEST(Yaml, PartsOfTheTextAreTheText) {
  for (const std::string text :
       {"a: 1\n", "# c\na: 1\n---\nb: 2\n", "%YAML 1.2\n---\na: 1\n...\n---\nb: 1\n"}) {
    std::string joined;
    for (const YamlDocument& document : parse_yaml(text)) joined += document.bytes;
    EXPECT_EQ(joined, text);
  }
}

TEST(Yaml, FindsTheFirstMember) {
  const auto documents = parse_yaml("a: 1\nb: 2\na: 3\n");
  EXPECT_EQ(documents[0].root.find("a")->text, "1");
  EXPECT_EQ(documents[0].root.find("b")->text, "2");
  EXPECT_EQ(documents[0].root.find("c"), nullptr);
  EXPECT_EQ(documents[0].root.find("a")->find("a"), nullptr);
}

TEST(Yaml, LimitsSizeDepthAndNumber) {
  const auto kind_of = [](std::string_view text, const YamlLimits& limits) {
    const auto documents = parse_yaml(text, limits);
    if (documents.size() != 1 || !documents[0].problem) return std::string("accepted");
    return std::string(documents[0].problem->kind == YamlProblem::Kind::kTooLarge ? "too large"
                                                                                  : "other");
  };
  YamlLimits limits;
  limits.bytes_max = 5;
  EXPECT_EQ(kind_of("a: 1\n", limits), "accepted");
  EXPECT_EQ(kind_of("a: 12\n", limits), "too large");

  limits = {};
  limits.depth_max = 3;
  EXPECT_EQ(kind_of("[[[1]]]", limits), "accepted");
  EXPECT_EQ(kind_of("[[[[1]]]]", limits), "too large");
  EXPECT_EQ(kind_of(std::string(20'000, '['), YamlLimits{}), "too large");

  limits = {};
  limits.nodes_max = 4;
  EXPECT_EQ(kind_of("[1, 2, 3]", limits), "accepted");
  EXPECT_EQ(kind_of("[1, 2, 3, 4]", limits), "too large");
  EXPECT_EQ(kind_of("[&x [1], *x]", limits), "too large");  // 1 + 2 + 2

  limits = {};
  limits.documents_max = 2;
  EXPECT_EQ(kind_of("a\n---\nb\n---\nc\n", limits), "too large");

  // Each level multiplies by ten: the copies are counted before they are made.
  std::string laughs = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 10; ++i) {
    const std::string last = "*a" + std::to_string(i - 1) + ", ";
    laughs += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
    for (int j = 0; j < 10; ++j) laughs += last;
    laughs += "]\n";
  }
  EXPECT_EQ(kind_of(laughs, YamlLimits{}), "too large");
}

}  // namespace
}  // namespace stanch::codec

#include "codec/jmespath/jmespath.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace stanch::codec {
namespace {

JsonValue read(std::string_view json) {
  JsonParser parser;
  const JsonView view = parser.parse(json);
  EXPECT_TRUE(view) << json;
  return JsonValue::of(view);
}

std::string search(std::string_view expression, std::string_view json, JmespathOptions options) {
  const auto compiled = Jmespath::compile(expression, options);
  if (!compiled) return compiled.error().message();
  const auto result = compiled->evaluate(read(json));
  return result ? to_json(*result) : result.error().message();
}

struct Row {
  std::string_view expression, given, expected;
};

template <size_t N>
void check(const Row (&rows)[N], const JmespathOptions& options = {}) {
  for (const Row& row : rows) {
    EXPECT_EQ(search(row.expression, row.given, options), row.expected) << row.expression;
  }
}

// A row expects how the text of the problem begins.
template <size_t N>
void check_problems(const Row (&rows)[N], const JmespathOptions& options = {}) {
  for (const Row& row : rows) {
    const std::string found = search(row.expression, row.given, options);
    EXPECT_TRUE(found.starts_with(row.expected))
        << row.expression << "\n  " << found << "\n  " << row.expected;
  }
}

// The quoted words are the sections of the specification.
TEST(Jmespath, PicksAsTheSpecificationSays) {
  const Row rows[] = {
      // "Identifiers", "Sub Expressions"
      {"a", R"({"a":"x"})", R"("x")"},
      {"a", R"([{"a":1}])", "null"},
      {"a.b.c", R"({"a":{"b":{"c":7}}})", "7"},
      {"a.b", R"({"a":"text"})", "null"},
      {R"("with space"."\u0061")", R"({"with space":{"a":1}})", "1"},
      {" a\n.\tb ", R"({"a":{"b":1}})", "1"},
      // "Index Expressions"
      {"[0]", R"(["x","y"])", R"("x")"},
      {"[-1]", R"(["x","y"])", R"("y")"},
      {"[-2]", R"(["x","y"])", R"("x")"},
      {"[-3]", R"(["x","y"])", "null"},
      {"[2]", R"(["x","y"])", "null"},
      {"[0]", R"({"0":1})", "null"},
      {"a[1][0].b", R"({"a":[0,[{"b":5}]]})", "5"},
      // "Slices"
      {"[0:4:1]", "[0,1,2,3]", "[0,1,2,3]"},
      {"[0:3]", "[0,1,2,3]", "[0,1,2]"},
      {"[:2]", "[0,1,2,3]", "[0,1]"},
      {"[::2]", "[0,1,2,3]", "[0,2]"},
      {"[::-1]", "[0,1,2,3]", "[3,2,1,0]"},
      {"[-2:]", "[0,1,2,3]", "[2,3]"},
      {"[2:0:-1]", "[0,1,2,3]", "[2,1]"},
      {"[10:-20:-2]", "[0,1,2,3]", "[3,1]"},
      {"[-20:20]", "[0,1]", "[0,1]"},
      {"[3:1]", "[0,1,2,3]", "[]"},
      {"[9223372036854775807:-9223372036854775808:-9223372036854775808]", "[0,1]", "[1]"},
      {"[1::9223372036854775807]", "[0,1,2]", "[1]"},
      {"[:1]", R"("text")", "null"},
      {"[1:].a", R"([{"a":0},{"a":1},{"b":2}])", "[1]"},
      // "Flatten Operator"
      {"[]", "[1,[2,[3]],[]]", "[1,2,[3]]"},
      {"[][]", "[1,[2,[3]]]", "[1,2,3]"},
      {"a[].b", R"({"a":[{"b":1},[{"b":2},{"c":3}]]})", "[1,2]"},
      {"a[]", R"({"a":{}})", "null"},
      // "List Wildcard Expressions", "Hash Wildcard Expressions"
      {"[*].a", R"([{"a":1},{"b":2},{"a":null},{"a":3}])", "[1,3]"},
      {"a[*].b[*].c", R"({"a":[{"b":[{"c":1},{"c":2}]},{"b":[{"c":3}]}]})", "[[1,2],[3]]"},
      {"[*]", R"({"a":1})", "null"},
      {"*.a", R"({"y":{"a":2},"x":{"a":1},"z":3})", "[1,2]"},
      {"a.*.b.c", R"({"a":{"x":{"b":{"c":1}}}})", "[1]"},
      {"*", "[1]", "null"},
      {"[*][0]", "[[1,2],[3]]", "[1,3]"},
      {"[*][?@ > `1`]", "[[1,2],[3]]", "[[2],[3]]"},
      // "MultiSelect List", "MultiSelect Hash"
      {"[a, c.d]", R"({"a":1,"c":{"d":2}})", "[1,2]"},
      {"{x: a, \"y\": [b]}", R"({"a":1})", R"({"x":1,"y":[null]})"},
      {"a.[b]", R"({"a":null})", "null"},
      {"a.{b: c}", R"({})", "null"},
      {"{a: `1`, a: `2`}", "{}", R"({"a":2})"},
      {"[*].[a]", R"([{"a":1},{}])", "[[1],[null]]"},
      // "Or Expressions", "And Expressions", "Not Expressions"
      {"a || b", R"({"a":[],"b":1})", "1"},
      {"a || b", R"({"a":0,"b":1})", "0"},
      {"a || b", R"({"a":"","b":false})", "false"},
      {"a && b", R"({"a":{},"b":1})", "{}"},
      {"a && b", R"({"a":true,"b":1})", "1"},
      {"!a", R"({"a":false})", "true"},
      {"!!a", R"({"a":0})", "true"},
      {"a || b && c", R"({"a":1,"b":2,"c":3})", "1"},
      {"(a || b) && c", R"({"a":1,"b":2,"c":3})", "3"},
      // "Filter Expressions"
      {"[?a == 'x'].b", R"([{"a":"x","b":1},{"a":"y","b":2},{"a":"x"}])", "[1]"},
      {"[?a < `2`]", R"([{"a":1},{"a":2},{"a":"1"}])", R"([{"a":1}])"},
      {"[?a >= `2` && a <= `3`].a", R"([{"a":1},{"a":2},{"a":3},{"a":4}])", "[2,3]"},
      {"[?a != `null`].a", R"([{"a":1},{}])", "[1]"},
      {"[?a]", R"([{"a":0},{"a":""},{"a":[0]}])", R"([{"a":0},{"a":[0]}])"},
      {"[?a == b]", R"([{"a":{"x":1,"y":[2]},"b":{"y":[2.0],"x":1}}])",
       R"([{"a":{"x":1,"y":[2]},"b":{"x":1,"y":[2]}}])"},
      {"a[?b]", R"({"a":{"b":1}})", "null"},
      {"'a' < 'b'", "{}", "null"},
      {"`1` == `true`", "{}", "false"},
      {"[?@ == `1`] | [0]", "[0,1]", "1"},
      // "Pipe Expressions"
      {"a[*].b | [0]", R"({"a":[{"b":1},{"b":2}]})", "1"},
      {"a[*].b[0]", R"({"a":[{"b":[1]},{"b":[2]}]})", "[1,2]"},
      {"a | b || c", R"({"a":{"c":1}})", "1"},
      // "Literal Expressions", "Raw String Literals", "Current Node"
      {R"(`"a\`b"`)", "{}", R"("a`b")"},
      {R"(`{"a": [1, 2]}`.a[1])", "{}", "2"},
      {R"('it\'s \n')", "{}", R"("it's \\n")"},
      {"@", "[1]", "[1]"},
      {"@.a", R"({"a":1})", "1"},
  };
  check(rows);
}

TEST(Jmespath, CallsFunctionsAsTheSpecificationSays) {
  const Row rows[] = {
      {"abs(@)", "-1.5", "1.5"},
      {"abs(@)", "-9223372036854775808", "9223372036854775808"},
      {"avg(@)", "[10,15,20]", "15"},
      {"avg(@)", "[1,2]", "1.5"},
      {"avg(@)", "[0.5,1]", "0.75"},
      {"avg(@)", "[]", "null"},
      {"ceil(@)", "1.001", "2"},
      {"ceil(@)", "-1.5", "-1"},
      {"floor(@)", "1.999", "1"},
      {"floor(@)", "-1.5", "-2"},
      {"floor(@)", "9007199254740993", "9007199254740993"},
      {"contains(@, 'oba')", R"("foobar")", "true"},
      {"contains(@, 'x')", R"("foobar")", "false"},
      {"contains(@, '')", R"("")", "true"},
      {"contains(@, `1`)", R"("1")", "false"},
      {"contains(@, `{\"a\": 1.0}`)", R"([{"a":1}])", "true"},
      {"contains(@, 'a')", R"(["ab"])", "false"},
      {"ends_with(@, 'bar')", R"("foobar")", "true"},
      {"starts_with(@, 'bar')", R"("foobar")", "false"},
      {"join(', ', @)", R"(["a","b"])", R"("a, b")"},
      {"join(',', @)", "[]", R"("")"},
      {"keys(@)", R"({"b":1,"a":2})", R"(["a","b"])"},
      {"values(@)", R"({"b":1,"a":2})", "[2,1]"},
      {"length(@)", R"("\u2713\ud834\udd1ea")", "3"},
      {"length(@)", "[1,2]", "2"},
      {"length(@)", R"({"a":1})", "1"},
      {"map(&a, @)", R"([{"a":1},{}])", "[1,null]"},
      {"max(@)", "[1,10,2.5]", "10"},
      {"max(@)", R"(["a","\ud834\udd1e","\uffee"])", "\"\U0001D11E\""},
      {"min(@)", R"(["b","B","a"])", R"("B")"},
      {"min(@)", "[]", "null"},
      {"max_by(@, &a).b", R"([{"a":1,"b":1},{"a":2,"b":2},{"a":2,"b":3}])", "2"},
      {"min_by(@, &a).b", R"([{"a":"y","b":1},{"a":"x","b":2}])", "2"},
      {"merge(@, {b: `3`, c: `4`})", R"({"a":1,"b":2})", R"({"a":1,"b":3,"c":4})"},
      {"not_null(a, b, c)", R"({"b":false,"c":1})", "false"},
      {"not_null(a)", "{}", "null"},
      {"reverse(@)", "[1,2,3]", "[3,2,1]"},
      {"reverse(@)", R"("a\u2713b")", "\"b\u2713a\""},
      {"sort(@)", R"(["b","B","a"])", R"(["B","a","b"])"},
      {"sort(@)", "[9007199254740993,9007199254740992.0,1e300,-1,0.5]",
       "[-1,0.5,9007199254740992,9007199254740993,1e+300]"},
      {"sort_by(@, &a)[].b", R"([{"a":2,"b":0},{"a":1,"b":1},{"a":2,"b":2},{"a":1,"b":3}])",
       "[1,3,0,2]"},
      {"sum(@)", "[9007199254740993,1]", "9007199254740994"},
      {"sum(@)", "[9223372036854775807,1]", "9223372036854775808"},
      {"sum(@)", "[0.5,1]", "1.5"},
      {"sum(@)", "[]", "0"},
      {"to_array(@)", "[1]", "[1]"},
      {"to_array(@)", "null", "[null]"},
      {"to_string(@)", R"({"b":[1,"x"],"a":null})", R"("{\"a\":null,\"b\":[1,\"x\"]}")"},
      {"to_string(@)", R"("x")", R"("x")"},
      {"to_number(@)", R"("-1.5e1")", "-15"},
      {"to_number(@)", R"(" 1")", "null"},
      {"to_number(@)", R"("0x1")", "null"},
      {"to_number(@)", R"("true")", "null"},
      {"to_number(@)", "3", "3"},
      {"to_number(@)", "true", "null"},
      {"[*].type(@)", R"([1,1.5,"x",true,[],{}])",
       R"(["number","number","string","boolean","array","object"])"},
      {"type(@)", "null", R"("null")"},
      // A call is the right side of a dot, too.
      {"a.length(@)", R"({"a":[1,2]})", "2"},
      {"[*].{n: length(@)}", R"(["a","bc"])", R"([{"n":1},{"n":2}])"},
  };
  check(rows);
}

// Numbers of JsonValue are integers of 64 bits or doubles.
TEST(Jmespath, ComparesNumbersExactly) {
  const Row rows[] = {
      {"a == b", R"({"a":9007199254740993,"b":9007199254740992})", "false"},
      {"a == b", R"({"a":1,"b":1.0})", "true"},
      {"a > b", R"({"a":9007199254740993,"b":9007199254740992.0})", "true"},
      {"a < b", R"({"a":9223372036854775807,"b":9223372036854775808})", "true"},
      {"a > b", R"({"a":-9223372036854775808,"b":-9.3e18})", "true"},
      {"a < b", R"({"a":0,"b":0.5})", "true"},
      {"a > b", R"({"a":0,"b":-0.5})", "true"},
      {"a < b", R"({"a":-0.5,"b":0})", "true"},
      {"a >= b", R"({"a":-1,"b":-0.5})", "false"},
  };
  check(rows);
}

// "Grammar": the list of precedences has `!` before the brackets; the dot is not in it.
TEST(Jmespath, NegatesWhatIsPickedAndNotTheName) {
  const Row rows[] = {
      {"!a.b", R"({"a":{"b":false}})", "true"},
      {"!a[0]", R"({"a":[false]})", "true"},
      {"!a[?b]", R"({"a":[{"b":false}]})", "true"},
      {"!a == b", R"({"a":false,"b":true})", "true"},
      {"[?!mfa.on].name", R"([{"name":"x","mfa":{"on":true}},{"name":"y"}])", R"(["y"])"},
  };
  check(rows);
}

TEST(Jmespath, SaysWhereAnExpressionIsWrongAndWhatToWrite) {
  const Row rows[] = {
      {"", "{}", "syntax at column 1: the expression ends too early"},
      {"a.", "{}", "syntax at column 3: the expression ends too early (after . stands a name"},
      {"a b", "{}", "syntax at column 3: b cannot stand here"},
      {"a.1", "{}", "syntax at column 3: 1 cannot stand here (an element is a[1]"},
      {"a = 'x'", "{}", "syntax at column 3: '=' means nothing here (equal is =="},
      {"a-b", "{}", "syntax at column 2: '-' means nothing here (a name with other signs"},
      {"[?a == 1]", "{}", "syntax at column 8: 1 cannot stand here (a number is written `1`"},
      {"a[b]", "{}", "syntax at column 3: b cannot stand here (in [ ] stands an index"},
      {"a[ ]", "{}", "syntax at column 2: an index is missing"},
      {"a[1 2]", "{}", "syntax at column 5: 2 cannot stand here"},
      {"a[::1:]", "{}", "syntax at column 6: : cannot stand here"},
      {"a[*", "{}", "syntax at column 4: the expression ends too early (']' is missing"},
      {"a[*][b]", "{}", "syntax at column 5: [ cannot stand here (after a projection"},
      {"a[*]b", "{}", "syntax at column 5: b cannot stand here"},
      {"[a,]", "{}", "syntax at column 4"},
      {"{a}", "{}", "syntax at column 3: } cannot stand here (':' is missing"},
      {"{'a': b}", "{}", "syntax at column 2: 'a' cannot stand here (in { } stands name"},
      {"(a", "{}", "syntax at column 3: the expression ends too early (')' is missing"},
      {"'a", "{}", "syntax at column 1: a text in '…' that does not end"},
      {R"('a\')", "{}", "syntax at column 1: a text in '…' that does not end"},
      {"`a", "{}", "syntax at column 1: a literal in `…` that does not end"},
      {"`a`", "{}", "syntax at column 1: what stands in `…` is JSON (a text is written"},
      {"`\"a\nb\"`", "{}", "syntax at column 1: what stands in `…` is JSON"},
      {"\"a\nb\"", "{}", "syntax at column 1: a name in"},
      {"`1e999`", "{}", "syntax at column 1: a number that no double holds"},
      {R"("a\q")", "{}", R"(syntax at column 1: a name in "…" is written)"},
      {R"("a)", "{}", R"(syntax at column 1: a name in "…" that does not end)"},
      {"\"a\xff\"", "{}", "syntax at column 1: an expression is UTF-8"},
      {"[99999999999999999999]", "{}", "syntax at column 2: an index of more than 64 bits"},
      {"&a", "{}", "syntax at column 1: & cannot stand here (& stands only before"},
      {R"("abs"(a))", "{}", "syntax at column 6: ( cannot stand here (the name of a function"},
      {"abs(a,)", "{}", "syntax at column 7"},
      {"@(a)", "{}", "syntax at column 2"},
      {"a.abz(@)", "{}",
       "unknown-function at column 3: there is no function abz() (there are abs,"},
      {"x_json(@)", "{}", "unknown-function at column 1"},
      {"abs()", "{}", "invalid-arity at column 1: abs() has 0 arguments (it is abs(number))"},
      {"join('a')", "{}",
       "invalid-arity at column 1: join() has 1 arguments (it is join(string, array of strings))"},
      {"not_null()", "{}", "invalid-arity at column 1: not_null() has 0 arguments"},
      {"sort_by(@, a)", "{}",
       "invalid-type at column 12: argument 2 of sort_by() is an expression"},
      {"abs(&a)", "{}", "invalid-type at column 5: argument 1 of abs() is a value"},
      {"a[::0]", "{}", "invalid-value at column 2: the step of a slice is not 0"},
  };
  check_problems(rows);
}

TEST(Jmespath, SaysWhatAFunctionMet) {
  const Row rows[] = {
      {"a.abs(b)", R"({"a":{"b":"x"}})",
       "invalid-type at column 3: argument 1 of abs() is string (it is abs(number))"},
      {"sum(@)", R"([1,"2"])", "invalid-type at column 1: argument 1 of sum() is array, or its"},
      {"sort(@)", R"([1,"2"])", "invalid-type at column 1"},
      {"max(@)", "[true]", "invalid-type at column 1"},
      {"sort_by(@, &a)", R"([{"a":1},{}])", "invalid-type at column 13: sort_by() takes an expr"},
      {"sort_by(@, &a)", R"([{"a":1},{"a":"x"}])", "invalid-type at column 13"},
      {"max_by(@, &a)", R"([{"a":true}])", "invalid-type at column 12"},
      {"keys(@)", "[1]", "invalid-type at column 1"},
      {"length(@)", "1", "invalid-type at column 1"},
      {"contains(@, 'a')", "null", "invalid-type at column 1"},
      {"join(',', @)", R"(["a",1])", "invalid-type at column 1"},
      {"map(&a, @)", "{}", "invalid-type at column 1"},
      {"merge(@, `1`)", "{}", "invalid-type at column 1: argument 2 of merge() is number"},
      {"reverse(@)", "{}", "invalid-type at column 1"},
      {"sum(@)", "[1e308,1e308]", "invalid-value at column 1: sum() is beyond all doubles"},
  };
  check_problems(rows);
}

TEST(Jmespath, AddsWhatPlaybooksNeedWhereItIsAskedFor) {
  const Row rows[] = {
      {"x_json(@).a[0]", R"("{\"a\":[1]}")", "1"},
      {"x_json(@)", R"(" null ")", "null"},
      {"x_url_decode(@)", R"("a%20b%2F%e2%9c%93+%zz%4z%4")", "\"a b/\u2713+%zz%4z%4\""},
      {"x_url_decode(@)", R"("%ff")", "\"\uFFFD\""},
      {"x_time_add(@, `3600`)", R"("2026-03-01T23:30:00Z")", R"("2026-03-02T00:30:00Z")"},
      {"x_time_add(@, `-0.5`)", R"("2026-03-01T00:00:00+01:00")", R"("2026-02-28T22:59:59.500Z")"},
      {"x_sha256(@)", R"("abc")",
       R"("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")"},
      {"x_base64(@)", R"("\u2713")", R"("4pyT")"},
      {"x_base64(@, 'decode')", R"("4pyT")", "\"\u2713\""},
      {"keys[?id == $want.id].on | [0]",
       R"({"keys":[{"id":1,"on":"no"},{"id":2,"on":"yes"}],"want":{"id":2}})", R"("yes")"},
      {"a.b | $c", R"({"a":{"b":{"c":1}},"c":2})", "2"},
      {"$absent", "{}", "null"},
      {"$a", "[1]", "null"},
  };
  check(rows, {.additions = true});
  const Row problems[] = {
      {"x_json(@)", R"("{")", "invalid-value at column 1: x_json() takes a text that is JSON"},
      {"x_json(@)", "1", "invalid-type"},
      {"$", "{}", "syntax at column 1"},
      {"$1", "{}", "syntax at column 1"},
      {"x_time_add(@, `1`)", R"("yesterday")", "invalid-value"},
      {"x_time_add(@, `1`)", R"("2026-03-01T00:00:00")", "invalid-value"},
      {"x_time_add(@, `9223372036`)", R"("2026-03-01T00:00:00Z")", "invalid-value"},
      {"x_time_add(@, `9223372036854775807`)", R"("2026-03-01T00:00:00Z")", "invalid-value"},
      {"x_time_add(@, `-1e300`)", R"("2026-03-01T00:00:00Z")", "invalid-value"},
      {"x_base64(@, 'decode')", R"("4pyT=")", "invalid-value"},
      {"x_base64(@, 'decode')", R"("/w==")", "invalid-value at column 1: x_base64() gives texts"},
      {"x_base64(@, 'encode')", R"("a")", "invalid-value at column 1: x_base64() cannot do this"},
      {"x_sha256()", "{}",
       "invalid-arity at column 1: x_sha256() has 0 arguments (it is x_sha256(string))"},
      {"x_base64()", "{}",
       "invalid-arity at column 1: x_base64() has 0 arguments (it is x_base64(string [, string]))"},
  };
  check_problems(problems, {.additions = true});
}

TEST(Jmespath, PicksFromNamedRootsWithoutCopyingThem) {
  const JsonValue event = read(R"({"user":{"name":"eve"}})"), saved = read(R"({"key":[1,2]})");
  const Jmespath::Root roots[] = {{"event", &event}, {"saved", &saved}};
  const auto expression = Jmespath::compile("[event.user.name, saved.key[-1], item]");
  EXPECT_EQ(to_json(expression->evaluate_with(roots).value()), R"(["eve",2,null])");
  EXPECT_EQ(to_json(Jmespath::compile("keys(@)")->evaluate_with(roots).value()),
            R"(["event","saved"])");
  EXPECT_EQ(Jmespath::compile("@")->evaluate_with(roots)->object().size(), 2u);
}

TEST(Jmespath, FindsRootsThatAreNotAtHand) {
  const JmespathOptions options{.names = {"event", "saved"}};
  const Row rows[] = {
      {"evnt.user", "{}", "unknown-name at column 1: evnt is not at hand (there are event, saved)"},
      {"@ | @.item", "{}", "unknown-name at column 7"},
      {"[@][0].item", "{}", "null"},  // only what is asked of the root itself
      {"[event, {a: now}]", "{}", "unknown-name at column 13"},
      {"event.x || y", "{}", "unknown-name at column 12"},
      {"event[?a == b].c | [0].d", "{}", "null"},
      {"map(&a, not_null(saved.x, `[]`))", "{}", "[]"},
      {"length(@.now)", "{}", "unknown-name at column 10"},
      {"!(now && event)", "{}", "unknown-name at column 3"},
      {"now[0] == `1`", "{}", "unknown-name at column 1"},
      {"event.*.a[]", "{}", "null"},
  };
  check_problems(rows, options);
}

std::string repeated(std::string_view text, size_t times, std::string_view last = "") {
  std::string all;
  for (size_t i = 0; i < times; ++i) all += text;
  return all + std::string(last);
}

TEST(Jmespath, EndsWhateverItIsAsked) {
  const std::string doubled = repeated("[@,@]|", 100, "@");
  const std::string nested = repeated("[", 200) + repeated("]", 200);
  const std::string letters = '"' + repeated("x", 9'000'000) + '"';
  const std::string rows[][3] = {
      {repeated("a", kJmespathBytesMax + 1), "{}", "an expression has at most"},
      {repeated("(", 5000), "{}", "inside each other"},
      {repeated("[", 5000), "{}", "inside each other"},
      {repeated("!", 5000), "{}", "inside each other"},
      {repeated("a[*].", 3000), "{}", "inside each other"},
      {repeated("map(&", 1000), "{}", "inside each other"},
      {repeated("a.", 5000, "a"), "{}", "behind each other"},
      {repeated("[0]", 5000), "{}", "behind each other"},
      {repeated("a||", 5000, "a"), "{}", "behind each other"},
      // 2^100 values, as few as they are in memory.
      {doubled, "{}", "the result is too large"},
      {doubled + " | to_string(@)", "{}", "the result is too large"},
      {doubled + " | @ == @", "{}", "true"},
      {"[" + doubled + "," + doubled + "] | [0] == [1]", "{}", "too many steps"},
      {repeated("[@,@][]|", 60, "length(@)"), "[1]", "too many steps"},
      {repeated("[@]|", 398, "@"), nested, "the result is too deep"},
      {repeated("join('', [@,@])|", 60, "length(@)"), R"("x")", "too many steps"},
      {"length(join('', [@,@]))", letters, "a text is too long"},
      {"[@,@]", letters, "the result is too large"},
      {"{a: @, b: length(@)}.b", letters, "9000000"},
  };
  for (const auto& [expression, given, expected] : rows) {
    const std::string found = search(expression, given, {});
    EXPECT_NE(found.find(expected), std::string::npos)
        << expression.substr(0, 80) << "\n  " << found.substr(0, 200);
  }
}

TEST(Jmespath, TakesWhatIsJustWithinTheLimits) {
  EXPECT_EQ(search(repeated("(", 150) + "a" + repeated(")", 150), R"({"a":1})", {}), "1");
  EXPECT_EQ(search(repeated("a.", 390, "a"), "{}", {}), "null");
  EXPECT_EQ(search("a[*]" + repeated(".b[*]", 100), R"({"a":[]})", {}), "[]");
}

TEST(Jmespath, StopsAtTheStepsThatItIsGiven) {
  const JsonValue numbers = read("[1,2,3,4,5,6,7,8]");
  EXPECT_TRUE(Jmespath::compile("[?@ > `3`]", {.steps_max = 100})->evaluate(numbers));
  const auto stopped = Jmespath::compile("[?@ > `3`]", {.steps_max = 20})->evaluate(numbers);
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().code(), ErrorCode::kInvalid);
  EXPECT_TRUE(stopped.error().message().starts_with("too-large at column "));
}

// Texts that a search from each place on would take minutes for.
TEST(Jmespath, FindsAPieceInLinearTime) {
  const JsonValue value(JsonValue::Array{JsonValue(std::string(1'000'000, 'a')),
                                         JsonValue(std::string(500'000, 'a') + "b")});
  const auto found = Jmespath::compile("contains([0], [1])")->evaluate(value);
  EXPECT_EQ(to_json(found.value()), "false");
}

}  // namespace
}  // namespace stanch::codec

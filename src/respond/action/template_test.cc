#include "respond/action/template.h"

#include <gtest/gtest.h>

namespace stanch::respond {
namespace {

using codec::JsonValue;

JsonValue value_of(std::string_view json) {
  codec::JsonParser parser;
  return JsonValue::of(parser.parse(json));
}

std::string written(const CallValue& value) {
  std::string text;
  codec::JsonWriter json(text);
  value.append_to(json);
  return text;
}

const Names kNames{.roots = {"target", "state", "item"}, .holes = true};

struct Read {
  Template made;
  std::vector<TemplateProblem> problems;
};
Read read(const std::string& yaml, const Names& names = kNames) {
  const auto documents = codec::parse_yaml(yaml);
  Read out;
  out.made = Template::compile(documents.at(0).root, names, out.problems);
  return out;
}

std::string evaluated(const std::string& yaml, std::string_view state) {
  const Read given = read(yaml);
  EXPECT_TRUE(given.problems.empty()) << yaml << ": " << given.problems[0].message;
  if (!given.problems.empty()) return "";
  const JsonValue target(JsonValue::Object{{"name", JsonValue("eve")}}), of = value_of(state), item;
  const codec::Jmespath::Root roots[] = {{"target", &target}, {"state", &of}, {"item", &item}};
  const auto value = given.made.evaluate(roots);
  return value ? written(*value) : value.error().message();
}

TEST(Template, IsWhatTheNamesAtHandMakeOfIt) {
  const struct {
    const char* name;
    const char* yaml;
    const char* value;
  } cases[] = {
      {"constants", "{a: 1, b: true, c: x, d: null, e: '1', f: 0123}",
       R"({"value":{"a":1,"b":true,"c":"x","e":"1","f":"0123"}})"},
      {"alone it is any value", "a: ${state.list}", R"({"value":{"a":[1,{"b":2}]}})"},
      {"inside a text its text", "a: <${target.name}:${state.number}>",
       R"({"value":{"a":"<eve:7>"}})"},
      {"what is null is left out", "{a: '${state.absent}', b: 1}", R"({"value":{"b":1}})"},
      {"and empty in a text", "a: <${state.absent}>", R"({"value":{"a":"<>"}})"},
      {"braces and quotes inside", "a: \"${state.list[1].{x: b, y: '}'}}\"",
       R"({"value":{"a":{"x":2,"y":"}"}}})"},
      {"json", "a: {json: {b: ['${state.number}']}}", R"({"value":{"a":"{\"b\":[7]}"}})"},
      {"first", "a: {first: ['${state.absent}', '${state.number}', 3]}", R"({"value":{"a":7}})"},
      {"first of holes", "a: {first: ['${state.absent}', '${result.create.GroupId}']}",
       R"({"object":{"a":{"hole":"result.create.GroupId"}}})"},
      {"holes", "{a: '${now}', b: 'x-${token}', c: {json: {d: '${secret}'}}, e: 1}",
       R"({"object":{"a":{"hole":"now"},"b":{"text":[{"value":"x-"},{"hole":"token"}]},)"
       R"("c":{"json":{"object":{"d":{"hole":"secret"}}}},"e":{"value":1}}})"},
      {"text that looks like one", "a: ${state.trap}",
       R"({"value":{"a":"${now} {\"hole\":\"now\"}"}})"},
      {"its keys", "a: ${state.keys}", R"({"value":{"a":{"hole":"now"}}})"},
  };
  for (const auto& each : cases) {
    EXPECT_EQ(evaluated(each.yaml, R"({"list":[1,{"b":2}],"number":7,"keys":{"hole":"now"},)"
                                   R"("trap":"${now} {\"hole\":\"now\"}"})"),
              each.value)
        << each.name;
  }
}

TEST(Template, SaysAllThatIsWrong) {
  const struct {
    const char* yaml;
    std::vector<std::string> problems;
  } cases[] = {
      {"a: ${stat.x}", {"stat is not at hand"}},
      {"{a: '${', b: '${state.}'}", {"a ${ is not closed", "the expression ends too early"}},
      {"a: ${now || state.x}", {"now is not at hand"}},
      {"a: ${result.create}", {"result is not at hand"}},
      {"a: {first: 1}", {"'first' is a list"}},
      {"a: ${nosuch(state)}", {"there is no function nosuch()"}},
  };
  for (const auto& each : cases) {
    const Read given = read(each.yaml);
    ASSERT_EQ(given.problems.size(), each.problems.size()) << each.yaml;
    for (size_t i = 0; i < each.problems.size(); ++i) {
      EXPECT_NE(given.problems[i].message.find(each.problems[i]), std::string::npos)
          << given.problems[i].message;
      EXPECT_EQ(given.problems[i].mark.line, 1u);
    }
  }
  // Where nothing is called, nothing can be filled.
  EXPECT_EQ(read("a: ${now}", {.roots = {"state"}, .holes = false}).problems.size(), 1u);
}

TEST(Template, AnExpressionWithoutAValueIsSaid) {
  EXPECT_NE(evaluated("a: ${length(state.number)}", R"({"number":7})").find("${length("),
            std::string::npos);
}

TEST(Template, IsSaidOnOneLineAsItWasWritten) {
  const struct {
    const char* yaml;
    const char* expected;
  } cases[] = {
      {"{}", "{}"},
      {"{a: b, c: [1, true, null, '', 'x y', 1.2.0/4, '1', 'true']}",
       R"({a: b, c: [1, true, null, "", "x y", 1.2.0/4, "1", "true"]})"},
      {"a: ${ state.b }", "{a: ${state.b}}"},
      {"a: 'say \"${state.b}\", ${now}'", R"({a: "say \"${state.b}\", ${now}"})"},
      {"a: {first: ['${state.b}', '${result.create.GroupId}']}",
       "{a: {first: [${state.b}, ${result.create.GroupId}]}}"},
      {"a: {json: {b: '*'}}", "{a: {json: {b: *}}}"},
  };
  for (const auto& each : cases) {
    const Read given = read(each.yaml);
    EXPECT_TRUE(given.problems.empty()) << each.yaml;
    EXPECT_EQ(given.made.text(), each.expected);
  }
  EXPECT_EQ(Template().text(), "{}");
  EXPECT_EQ(read("{b: 1, a: {c: 2}}").made.members(), (std::vector<std::string>{"b", "a"}));
  EXPECT_TRUE(Template().members().empty());
}

TEST(CallValue, IsFilledOnceAndComesBackFromItsWriting) {
  const Read given =
      read("{a: '${now}', b: ['${result.create.GroupId}', 1], c: {json: {d: 'at ${now}'}}, e: x}");
  const JsonValue nothing;
  const codec::Jmespath::Root roots[] = {
      {"target", &nothing}, {"state", &nothing}, {"item", &nothing}};
  const CallValue value = given.made.evaluate(roots).value();
  EXPECT_EQ(value.known(), nullptr);
  EXPECT_EQ(value.holes().size(), 3u);
  const auto filled = value.filled([](const CallValue::Hole& hole) -> Result<JsonValue> {
    return JsonValue("${" + text_of(hole) + "}");  // which is text by now
  });
  EXPECT_EQ(to_json(*filled), R"({"a":"${now}","b":["${result.create.GroupId}",1],)"
                              R"("c":"{\"d\":\"at ${now}\"}","e":"x"})");
  const auto again = CallValue::read(value_of(written(value)));
  ASSERT_TRUE(again);
  EXPECT_EQ(*again, value);
  const auto failed = value.filled([](const CallValue::Hole&) -> Result<JsonValue> {
    return Error(ErrorCode::kUnavailable, "not yet");
  });
  EXPECT_EQ(failed.error().code(), ErrorCode::kUnavailable);
}

TEST(CallValue, OfForeignJsonIsReadOrRefused) {
  for (const char* json : {"null", "[]", "{}", R"({"hole":"then"})", R"({"hole":"result.a"})",
                           R"({"hole":"result.a.b c"})", R"({"list":{}})", R"({"object":[]})",
                           R"({"text":[1]})", R"({"value":1,"hole":"now"})", R"({"other":1})"}) {
    EXPECT_FALSE(CallValue::read(value_of(json))) << json;
  }
  EXPECT_EQ(written(CallValue::read(value_of(R"({"value":{"hole":"now"}})")).value()),
            R"({"value":{"hole":"now"}})");
}

}  // namespace
}  // namespace stanch::respond

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <string>

#include "codec/jmespath/jmespath.h"

// Laws that hold for every expression and value, over drawn ones.

namespace stanch::codec {
namespace {

JsonValue draw_value(int depth) {
  switch (*rc::gen::inRange(0, depth > 0 ? 7 : 5)) {
    case 0: return {};
    case 1: return JsonValue(*rc::gen::arbitrary<bool>());
    case 2: return JsonValue(*rc::gen::elementOf(std::vector<int64_t>{-1, 0, 1, 2, INT64_MAX}));
    case 3: return JsonValue(*rc::gen::elementOf(std::vector<double>{0.5, -2.25, 1e300}));
    case 4: {
      const auto texts = std::vector<std::string>{"", "a", "b", "1", "\u2713", "a\"\\\n"};
      return JsonValue(*rc::gen::elementOf(texts));
    }
    case 5: {
      JsonValue::Array array;
      const int size = *rc::gen::inRange(0, 4);
      for (int i = 0; i < size; ++i) array.push_back(draw_value(depth - 1));
      return JsonValue(std::move(array));
    }
    default: {
      JsonValue::Object object;
      for (const char* key : {"a", "b", "c"}) {
        if (*rc::gen::arbitrary<bool>()) object.emplace(key, draw_value(depth - 1));
      }
      return JsonValue(std::move(object));
    }
  }
}

std::string draw_expression(int depth) {
  static const std::vector<std::string> kLeaves = {"a",    "b",    "c",   "@",      "*",
                                                   "[0]",  "[-1]", "[]",  "[*]",    "[::-1]",
                                                   "[1:]", "'a'",  "`1`", "`[1,2]`"};
  if (depth == 0) return *rc::gen::elementOf(kLeaves);
  const std::string left = draw_expression(depth - 1);
  const auto right = [depth] { return draw_expression(depth - 1); };
  switch (*rc::gen::inRange(0, 14)) {
    case 0: return left + ".b";
    case 1: return "(" + left + ") | " + right();
    case 2: return "(" + left + ") || (" + right() + ")";
    case 3: return "(" + left + ") && (" + right() + ")";
    case 4: return "[" + left + ", " + right() + "]";
    case 5: return "{a: " + left + ", b: " + right() + "}";
    case 6: return "(" + left + ")[?" + right() + "]";
    case 7: return "!(" + left + ")";
    case 8: return "(" + left + ") == (" + right() + ")";
    case 9: return "(" + left + ")[*].[" + right() + "]";
    case 10: return "to_string(" + left + ")";
    case 11: return "sort_by(to_array(" + left + "), &to_string(" + right() + "))";
    case 12: return "map(&" + left + ", to_array(" + right() + "))";
    default: return "not_null(" + left + ", " + right() + ")";
  }
}

std::string outcome(const std::string& expression, const JsonValue& value) {
  const auto compiled = Jmespath::compile(expression);
  RC_ASSERT(compiled.has_value());
  const auto result = compiled->evaluate(value);
  return result ? to_json(*result) : "error";
}

RC_GTEST_PROP(JmespathLaw, NeverChangesWhatItLooksAtAndGivesTheSameAgain, ()) {
  const JsonValue value = draw_value(3);
  const std::string expression = draw_expression(3), before = to_json(value);
  const std::string first = outcome(expression, value);
  RC_ASSERT(to_json(value) == before);
  RC_ASSERT(outcome(expression, value) == first);
}

RC_GTEST_PROP(JmespathLaw, PipesAssociate, ()) {
  const JsonValue value = draw_value(3);
  const std::string a = draw_expression(2), b = draw_expression(2), c = draw_expression(2);
  RC_ASSERT(outcome("(" + a + " | " + b + ") | " + c, value) ==
            outcome(a + " | (" + b + " | " + c + ")", value));
}

RC_GTEST_PROP(JmespathLaw, APipeIsOneExpressionOfTheResultOfAnother, ()) {
  const JsonValue value = draw_value(3);
  const std::string a = draw_expression(2), b = draw_expression(2);
  const auto first = Jmespath::compile(a)->evaluate(value);
  RC_ASSERT(outcome(a + " | " + b, value) == (first ? outcome(b, *first) : "error"));
}

RC_GTEST_PROP(JmespathLaw, GivesWhatReadsBackEqual, ()) {
  const auto result = Jmespath::compile(draw_expression(3))->evaluate(draw_value(3));
  RC_PRE(result.has_value());
  JsonParser parser;
  const std::string json = to_json(*result);
  RC_ASSERT(JsonValue::of(parser.parse(json)) == *result);
}

RC_GTEST_PROP(JmespathLaw, AFilterAndItsNegationShareOutTheElements, ()) {
  const JsonValue value(JsonValue::Array{draw_value(2), draw_value(2), draw_value(2)});
  const std::string condition = draw_expression(2);
  const auto kept = Jmespath::compile("[?" + condition + "]")->evaluate(value);
  const auto rest = Jmespath::compile("[?!(" + condition + ")]")->evaluate(value);
  RC_PRE(kept.has_value() && rest.has_value());
  // A filter is a projection too, which leaves out null.
  const auto all = Jmespath::compile("[*]")->evaluate(value);
  RC_ASSERT(kept->array().size() + rest->array().size() == all->array().size());
}

RC_GTEST_PROP(JmespathLaw, SortingKeepsAllAndPutsThemInOrder, ()) {
  const JsonValue value(
      JsonValue::Array{draw_value(1), draw_value(1), draw_value(1), draw_value(1), draw_value(1)});
  const auto sorted = Jmespath::compile("sort([*].to_string(@))")->evaluate(value);
  RC_ASSERT(sorted.has_value());
  for (size_t i = 1; i < sorted->array().size(); ++i) {
    RC_ASSERT(sorted->array()[i - 1].string() <= sorted->array()[i].string());
  }
  RC_ASSERT(outcome("length(sort([*].to_string(@))) == length(@)", value) == "true");
}

}  // namespace
}  // namespace stanch::codec

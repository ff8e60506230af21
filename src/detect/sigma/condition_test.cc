#include "detect/sigma/condition.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "detect/sigma/load.h"
#include "detect/sigma/print.h"
#include "detect/sigma/rule_text_for_test.h"

namespace stanch::detect::sigma {
namespace {

// The condition over detections a, b, c, s_1, s_2, _hidden, 1, all: printed back, or the
// first code that was reported for it.
std::string read(const std::string& condition) {
  std::string detection;
  for (const char* name : {"a", "b", "c", "s_1", "s_2", "s-3", "_hidden", "'1'", "all"}) {
    detection += "  " + std::string(name) + ": {x: y}\n";
  }
  const RuleText text{"r.yml",
                      rule_with_detection_for_test(detection + "  condition: " + condition + "\n")};
  const LoadedRules loaded = load({&text, 1}, {});
  for (const Diagnostic& diagnostic : loaded.diagnostics) {
    if (diagnostic.code->severity == Severity::kError) return std::string(diagnostic.code->id);
  }
  std::string printed;
  for (const Condition& read : loaded.rules.at(0).conditions) {
    if (!printed.empty()) printed += " | ";
    printed += to_text(read, loaded.rules[0]);
  }
  return printed;
}

TEST(SigmaCondition, GrammarReadsAsTheSpecificationBinds) {
  struct Case {
    std::string text, expected;
  };
  // Many in a row are not deep.
  std::string many_nots = "not a", many_nots_printed = "(not a)";
  for (int i = 0; i < 100; ++i) {
    many_nots += " and not (a)";
    many_nots_printed += " and (not a)";
  }
  const Case cases[] = {
      {"a", "a"},
      {"a and b", "(a and b)"},
      {"a or b", "(a or b)"},
      {"a and b and c", "(a and b and c)"},
      {"a or b and c", "(a or (b and c))"},
      {"a and b or c", "((a and b) or c)"},
      {"a and b or c and a", "((a and b) or (c and a))"},
      {"(a or b) and c", "((a or b) and c)"},
      {"a and (b and c)", "(a and (b and c))"},
      {"not a", "(not a)"},
      {"not a and b", "((not a) and b)"},
      {"not a or b", "((not a) or b)"},
      {"not (a and b)", "(not (a and b))"},
      {"not not a", "(not (not a))"},
      {"a and not b", "(a and (not b))"},
      {"((a))", "a"},
      {"1 of s_*", "1 of [s_1 s_2]"},
      {"any of s_*", "1 of [s_1 s_2]"},
      {"all of s_*", "all of [s_1 s_2]"},
      {"1 of *", "1 of [a b c s_1 s_2 s-3 _hidden 1 all]"},
      {"1 of them", "1 of [a b c s_1 s_2 s-3 1 all]"},
      {"all of them", "all of [a b c s_1 s_2 s-3 1 all]"},
      {"1 of _*", "1 of [_hidden]"},
      {"1 of s*1", "1 of [s_1]"},
      {"1 of *-*", "1 of [s-3]"},
      {"1 of a", "1 of [a]"},
      {"not 1 of s_* and a", "((not 1 of [s_1 s_2]) and a)"},
      {"1 of s_* and not all of s*", "(1 of [s_1 s_2] and (not all of [s_1 s_2 s-3]))"},
      {"'1'", "1"},
      {"all", "all"},
      {"all and a", "(all and a)"},
      {"s-3 and _hidden", "(s-3 and _hidden)"},
      {"'  a   and\tb '", "(a and b)"},
      {">-\n    a and\n    b", "(a and b)"},
      {many_nots, "(" + many_nots_printed + ")"},
      {"[a, b and c]", "a | (b and c)"},
      {"", "SIG006"},
      {"'   '", "SIG024"},
      {"and", "SIG024"},
      {"a b", "SIG024"},
      {"a and or b", "SIG024"},
      {"not", "SIG024"},
      {"(a", "SIG024"},
      {"a)", "SIG024"},
      {"()", "SIG024"},
      {"1 of", "SIG024"},
      {"1 of (a)", "SIG024"},
      {"of them", "SIG024"},
      {"3 of s_*", "SIG024"},
      {"s_*", "SIG024"},
      {"a, b", "SIG024"},
      {"a && b", "SIG024"},
      {"a NOT b", "SIG024"},
      {"A", "SIG025"},
      {"them", "SIG025"},
      {"a and x", "SIG025"},
      {"1 of x*", "SIG026"},
      {"1 of S_*", "SIG026"},
      {"a | count() > 5", "SIG023"},
      {"a near b", "SIG023"},
  };
  for (const Case& c : cases) EXPECT_EQ(read(c.text), c.expected) << c.text;
}

// Printing puts in all parentheses; reading that again must give the same tree.
TEST(SigmaCondition, WhatIsPrintedReadsBackTheSame) {
  const char* operands[] = {"a", "not b", "(a or c)", "(b and not c)", "not (a and c)"};
  for (const char* first : operands) {
    for (const char* second : operands) {
      for (const char* third : operands) {
        for (const std::string& join : {std::string(" and "), std::string(" or ")}) {
          for (const std::string& other : {std::string(" and "), std::string(" or ")}) {
            const std::string text = first + join + second + other + third;
            const std::string printed = read(text);
            EXPECT_EQ(read(printed), printed) << text;
          }
        }
      }
    }
  }
}

}  // namespace
}  // namespace stanch::detect::sigma

// Small sizes, all of them: conditions × truth assignments, patterns × texts, numbers × numbers.

#include <gtest/gtest.h>

#include "compare.h"
#include "generate.h"

namespace stanch::differential {
namespace {

std::string rule(const std::string& title, const std::string& detections) {
  return "title: " + title + "\nlogsource: {product: aws}\ndetection:\n" + detections;
}

// ---- conditions

// A condition, its text with as few parentheses as possible, and its truth for each of the
// eight assignments to a, b, c (a bit each): a third opinion, on the grammar.
struct Expression {
  std::string text;
  int binding;  // 0 or, 1 and, 2 not, 3 a name
  uint8_t truth;
};

std::string within(const Expression& inner, int binding) {
  return inner.binding >= binding ? inner.text : "(" + inner.text + ")";
}

void combine(const std::vector<Expression>& left, const std::vector<Expression>& right,
             std::vector<Expression>& out) {
  for (const Expression& l : left) {
    for (const Expression& r : right) {
      out.push_back({within(l, 0) + " or " + within(r, 0), 0, uint8_t(l.truth | r.truth)});
      out.push_back({within(l, 1) + " and " + within(r, 1), 1, uint8_t(l.truth & r.truth)});
    }
  }
}

// All expressions of up to `operators` operators over `leaves`.
std::vector<Expression> expressions(std::vector<Expression> leaves, size_t operators) {
  std::vector<std::vector<Expression>> of_size = {std::move(leaves)};
  for (size_t n = 1; n <= operators; ++n) {
    std::vector<Expression> next;
    for (const Expression& e : of_size[n - 1]) {
      next.push_back({"not " + within(e, 2), 2, uint8_t(~e.truth)});
    }
    for (size_t left = 0; left < n; ++left) combine(of_size[left], of_size[n - 1 - left], next);
    of_size.push_back(std::move(next));
  }
  std::vector<Expression> all;
  for (const auto& some : of_size) all.insert(all.end(), some.begin(), some.end());
  return all;
}

void check_conditions(const std::vector<Expression>& all) {
  std::vector<std::string> rules;
  for (const Expression& e : all) {
    rules.push_back(
        rule("x", "  a: {x: 1}\n  b: {y: 1}\n  c: {z: 1}\n  condition: " + e.text + "\n"));
  }
  auto set = load(rules);
  codec::JsonParser parser;
  detect::Matcher matcher(set, codec::HashSecret{7});
  for (int bits = 0; bits < 8; ++bits) {
    Event event{"{\"x\":" + std::to_string(bits & 1) + ",\"y\":" + std::to_string(bits >> 1 & 1) +
                    ",\"z\":" + std::to_string(bits >> 2) + "}",
                {}};
    Verdict engine = engine_verdict(parser, matcher, *set, event);
    Verdict naive = naive_verdict(*set, event);
    for (size_t i = 0; i < all.size(); ++i) {
      bool expected = all[i].truth >> bits & 1;
      ASSERT_EQ(engine.matches[i], expected) << all[i].text << " on " << event.json;
      ASSERT_EQ(naive.matches[i], expected) << all[i].text << " on " << event.json;
    }
  }
}

// Bit i of a truth is assignment i: a is bit 0 of i, b bit 1, c bit 2.
const std::vector<Expression> kNames = {
    {"a", 3, 0b10101010}, {"b", 3, 0b11001100}, {"c", 3, 0b11110000}};

TEST(DifferentialExhaustive, AllConditionsOfThreeOperators) {
  std::vector<Expression> all = expressions(kNames, 3);
  EXPECT_EQ(all.size(), 3u + 21u + 273u + 4431u);
  check_conditions(all);
}

TEST(DifferentialExhaustive, AllConditionsOfTwoOperatorsWithQuantifiers) {
  std::vector<Expression> leaves = kNames;
  leaves.push_back({"1 of them", 3, 0b11111110});
  leaves.push_back({"all of *", 3, 0b10000000});
  std::vector<Expression> all = expressions(leaves, 2);
  EXPECT_EQ(all.size(), 5u + 55u + 1155u);
  check_conditions(all);
}

// ---- patterns

std::vector<std::string> words(std::string_view alphabet, size_t length_max) {
  std::vector<std::string> all = {""};
  for (size_t from = 0, length = 0; length < length_max; ++length) {
    size_t to = all.size();
    for (; from < to; ++from) {
      for (char c : alphabet) all.push_back(all[from] + c);
    }
  }
  return all;
}

void check_patterns(const std::string& modifiers) {
  std::vector<std::string> rules;
  for (const std::string& pattern : words("ab*?\\", 3)) {
    if (modifiers.starts_with("|") && pattern.empty()) continue;
    rules.push_back(
        rule("x", "  s: {\"f" + modifiers + "\": " + in_quotes(pattern) + "}\n  condition: s\n"));
  }
  std::vector<Event> events;
  for (const std::string& text : words("abA\\*", 3)) {
    events.push_back({"{\"f\":" + in_quotes(text) + "}", {}});
  }
  auto text = difference(rules, events);
  EXPECT_FALSE(text) << *text;
}

TEST(DifferentialExhaustive, AllPatternsOnAllTexts) {
  for (const char* modifiers :
       {"", "|contains", "|startswith", "|endswith", "|cased", "|contains|cased", "|neq"}) {
    SCOPED_TRACE(modifiers);
    check_patterns(modifiers);
  }
}

TEST(DifferentialExhaustive, AllKeywordsOnAllTexts) {
  std::vector<std::string> rules;
  for (const std::string& pattern : words("ab*?\\", 3)) {
    if (!pattern.empty()) {
      rules.push_back(rule("x", "  s: [" + in_quotes(pattern) + "]\n  condition: s\n"));
    }
  }
  std::vector<Event> events;
  for (const std::string& text : words("abA\\*", 3)) {
    events.push_back({"{\"f\":{\"g\":[" + in_quotes(text) + "]}}", {}});
  }
  auto text = difference(rules, events);
  EXPECT_FALSE(text) << *text;
}

// ---- numbers

TEST(DifferentialExhaustive, AllComparisonsOfNumbers) {
  const std::vector<std::string> numbers = {"0",
                                            "-0",
                                            "0.0",
                                            "0e5",
                                            "1",
                                            "1.0",
                                            "1e0",
                                            "10e-1",
                                            "-1",
                                            "-1.0",
                                            "10",
                                            "1e1",
                                            "1E+1",
                                            "0.1",
                                            "1e-1",
                                            "9007199254740992",
                                            "9007199254740993",
                                            "9007199254740993.0",
                                            "1e400",
                                            "10e399",
                                            "-1e400",
                                            "1e-400",
                                            "18446744073709551616",
                                            "0.30000000000000004",
                                            "0.3",
                                            "123456789012345678901234567890",
                                            "1.23456789012345678901234567890e29"};
  std::vector<std::string> rules;
  std::vector<Event> events;
  for (const std::string& number : numbers) {
    for (const char* modifier : {"", "|lt", "|lte", "|gt", "|gte", "|neq"}) {
      rules.push_back(
          rule("x", std::string("  s: {f") + modifier + ": " + number + "}\n  condition: s\n"));
    }
    rules.push_back(rule("x", "  s: {f: \"" + number + "\"}\n  condition: s\n"));
    events.push_back({"{\"f\":" + number + "}", {}});
    events.push_back({"{\"f\":\"" + number + "\"}", {}});
    events.push_back({"{\"f\":\" " + number + "\"}", {}});
  }
  auto text = difference(rules, events);
  EXPECT_FALSE(text) << *text;
}

}  // namespace
}  // namespace stanch::differential

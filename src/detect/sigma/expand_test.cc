#include "detect/sigma/expand.h"

#include <gtest/gtest.h>

#include <string>

#include "detect/sigma/load.h"
#include "detect/sigma/print.h"
#include "detect/sigma/rule_text_for_test.h"

namespace stanch::detect::sigma {
namespace {

const Placeholders& placeholders() {
  static const Placeholders kPlaceholders = {{"a", {"x", "y"}},
                                             {"b", {"1", "2"}},
                                             {"none", {}},
                                             {"wild", {"*-prod", "a\\*b"}},
                                             {"net", {"10.0.0.0/8"}},
                                             {"expr", {"x.*y"}},
                                             {"percent", {"%a%"}}};
  return kPlaceholders;
}

std::string expand(const std::string& item) {
  const RuleText text{"r.yml",
                      rule_with_detection_for_test("  s:\n    " + item + "\n  condition: s\n")};
  const LoadedRules loaded = load({&text, 1}, placeholders());
  if (loaded.rules.empty()) {
    return loaded.diagnostics.empty() ? "?" : std::string(loaded.diagnostics[0].code->id);
  }
  return to_text(loaded.rules[0].detections[0].detection.children.at(0).item);
}

TEST(SigmaExpand, PlaceholdersBecomeTheirValues) {
  struct Case {
    const char* name;
    std::string item, expected;
  };
  const Case cases[] = {
      {"alone", "f|expand: '%a%'", "f|expand: ['x', 'y']"},
      {"inside text", "f|expand: 'arn:%a%:z'", "f|expand: ['arn:x:z', 'arn:y:z']"},
      {"two: all combinations", "f|expand: '%a%-%b%'", "f|expand: ['x-1', 'x-2', 'y-1', 'y-2']"},
      {"the same twice", "f|expand: '%a%%a%'", "f|expand: ['xx', 'xy', 'yx', 'yy']"},
      {"beside plain values", "f|expand: ['%a%', z, 5, null]",
       "f|expand: ['x', 'y', 'z', 5, null]"},
      {"with other modifiers", "f|contains|expand: '%a%'", "f|contains|expand: ['x', 'y']"},
      {"wildcards are wildcards", "f|expand: '%wild%'", "f|expand: ['*-prod', 'a\\*b']"},
      {"networks", "f|cidr|expand: '%net%'", "f|cidr|expand: ['10.0.0.0/8']"},
      {"expressions", "f|re|expand: '^%expr%$'", "f|re|expand: ['^(?:x.*y)$']"},
      {"expressions of a list", "f|re|expand: '^(%a%,)*%b%$'",
       "f|re|expand: ['^((?:x|y),)*(?:1|2)$']"},
      {"expressions of an empty list", "f|re|expand: ['%a%%none%', z]", "f|re|expand: ['z']"},
      {"numbers where numbers are asked for", "f|gt|expand: '%b%'", "f|gt|expand: [1, 2]"},
      {"text where they are not", "f|gt|expand: '%a%'", "SIG020"},
      {"an escaped percent sign", "f|expand: '\\%a\\%%b%'", "f|expand: ['%a%1', '%a%2']"},
      {"an escaped backslash before one", "f|expand: 'c:\\\\%b%'",
       "f|expand: ['c:\\\\1', 'c:\\\\2']"},
      {"a lone percent sign", "f|expand: ['100%', '%b%', '%', '%%', '% a%']",
       "f|expand: ['100%', '1', '2', '%', '%%', '% a%']"},
      {"values are not scanned again", "f|expand: '%percent%'", "f|expand: ['%a%']"},
      {"keywords", "'|expand': '%a%'", "|expand: ['x', 'y']"},
      {"an empty list leaves nothing", "f|expand: '%none%'", "f|expand: []"},
      {"an empty list leaves the others", "f|expand: ['%none%', '%b%']", "f|expand: ['1', '2']"},
      {"an empty list in a combination", "f|expand: '%a%%none%'", "f|expand: []"},
      {"without expand nothing happens", "f: '%a%'", "f: ['%a%']"},
      {"an unknown name", "f|expand: '%c%'", "SIG033"},
      {"an unknown name beside a known one", "f|expand: ['%a%', '%c%']", "SIG033"},
      {"names mind case", "f|expand: '%A%'", "SIG033"},
  };
  for (const Case& c : cases) EXPECT_EQ(expand(c.item), c.expected) << c.name;
}

TEST(SigmaExpand, AnUnknownNameRefusesTheRuleInAClassOfItsOwn) {
  const RuleText text{
      "r.yml", rule_with_detection_for_test("  s: {f|expand: ['%c%', '%d%']}\n  condition: s\n")};
  const LoadedRules loaded = load({&text, 1}, {});
  EXPECT_TRUE(loaded.rules.empty());
  EXPECT_EQ(loaded.reports.at(0).state, RuleState::kRefusedPlaceholder);
  ASSERT_EQ(loaded.diagnostics.size(), 2u) << "each name is told";
  EXPECT_EQ(loaded.diagnostics[0].message, "the placeholder %c% has no values");
  EXPECT_EQ(loaded.diagnostics[0].hint,
            "give it values in content/placeholders.yaml, e.g. c: [value]");
}

TEST(SigmaExpand, CombinationsAndLengthsAreLimited) {
  Placeholders large;
  for (int i = 0; i < 101; ++i) large["many"].push_back(std::to_string(i));
  large["long"].push_back(std::string(5000, 'x'));
  const auto code_of = [&](const std::string& value) {
    const RuleText text{"r.yml", rule_with_detection_for_test("  s: {f|expand: '" + value +
                                                              "'}\n  condition: s\n")};
    const LoadedRules loaded = load({&text, 1}, large);
    return loaded.diagnostics.empty() ? "loaded" : std::string(loaded.diagnostics[0].code->id);
  };
  EXPECT_EQ(code_of("%many%"), "loaded");
  EXPECT_EQ(code_of("%many%%many%"), "SIG003");  // 10,201
  EXPECT_EQ(code_of("%many%%many%%many%%many%"), "SIG003");
  EXPECT_EQ(code_of("%long%"), "loaded");
  EXPECT_EQ(code_of("%long%%long%"), "SIG003");

  large["accounts"].assign(3000, "123456789012");
  const RuleText text{"r.yml", rule_with_detection_for_test(
                                   "  s: {f|re|expand: '^(%accounts%,)*$'}\n  condition: s\n")};
  EXPECT_EQ(load({&text, 1}, large).rules.size(), 1u);
  large["accounts"].assign(6000, "123456789012");
  EXPECT_EQ(load({&text, 1}, large).rules.size(), 0u);
}

}  // namespace
}  // namespace stanch::detect::sigma

#include "detect/sigma/modifiers.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace stanch::detect::sigma {
namespace {

std::vector<Modifier> parse(std::string_view text) {
  std::vector<Modifier> modifiers;
  while (!text.empty()) {
    const size_t bar = std::min(text.find('|'), text.size());
    const auto modifier = find_modifier(text.substr(0, bar));
    EXPECT_TRUE(modifier.has_value()) << text;
    modifiers.push_back(*modifier);
    text.remove_prefix(std::min(bar + 1, text.size()));
  }
  return modifiers;
}

TEST(SigmaModifier, AllOfTheSpecificationAreKnown) {
  for (const char* name : {"contains", "startswith", "endswith",     "all",   "exists",  "cased",
                           "neq",      "base64",     "base64offset", "wide",  "utf16le", "utf16be",
                           "utf16",    "windash",    "re",           "i",     "m",       "s",
                           "lt",       "lte",        "gt",           "gte",   "minute",  "hour",
                           "day",      "week",       "month",        "year",  "cidr",    "expand",
                           "fieldref", "ignorecase", "multiline",    "dotall"}) {
    EXPECT_TRUE(find_modifier(name).has_value()) << name;
  }
  EXPECT_EQ(modifier_names().size(), 34u);
  EXPECT_EQ(find_modifier("Contains"), std::nullopt);
  EXPECT_EQ(find_modifier(""), std::nullopt);
  EXPECT_EQ(name_of(*find_modifier("wide")), "utf16le");
  EXPECT_EQ(name_of(*find_modifier("ignorecase")), "i");
}

TEST(SigmaModifier, CombinationsThatMakeSenseAreAccepted) {
  for (const char* text : {"",
                           "contains",
                           "contains|all",
                           "all|contains",
                           "contains|cased",
                           "cased|contains",
                           "startswith|endswith",
                           "re",
                           "re|i",
                           "re|i|m|s",
                           "re|contains",
                           "re|i|startswith",
                           "re|all",
                           "re|neq",
                           "cidr",
                           "cidr|all",
                           "cidr|expand",
                           "expand|cidr",
                           "expand|re",
                           "re|expand",
                           "contains|expand",
                           "gt",
                           "gte|neq",
                           "gt|expand",
                           "hour",
                           "hour|gte",
                           "hour|neq",
                           "week|lt|expand",
                           "base64",
                           "base64|contains",
                           "wide|base64offset|contains",
                           "utf16|base64",
                           "windash|contains|all",
                           "contains|windash",
                           "contains|all|windash",
                           "windash|base64",
                           "exists",
                           "exists|neq",
                           "fieldref",
                           "fieldref|neq",
                           "fieldref|contains",
                           "fieldref|endswith|cased",
                           "neq",
                           "neq|contains",
                           "expand"}) {
    const auto problem = check_modifiers(parse(text), /*is_keyword=*/false);
    EXPECT_FALSE(problem.has_value()) << text << ": " << (problem ? problem->message : "");
  }
  for (const char* text : {"", "all", "contains", "contains|all", "re", "re|i", "cased", "neq",
                           "expand", "base64|contains", "windash"}) {
    EXPECT_FALSE(check_modifiers(parse(text), /*is_keyword=*/true).has_value()) << text;
  }
}

TEST(SigmaModifier, CombinationsThatCannotBeAreRefusedWithTheReason) {
  struct Case {
    std::string text, message;
  };
  const Case cases[] = {
      {"contains|re", "`re` must be the first modifier"},
      {"cidr|re", "`re` must be the first modifier"},
      {"contains|cidr", "`cidr` must be the first modifier"},
      {"cased|fieldref", "`fieldref` must be the first modifier"},
      {"gt|hour", "`hour` must be the first modifier"},
      {"hour|day", "`day` must be the first modifier"},
      {"contains|exists", "`exists` must be the first modifier"},
      {"i", "`i` is a flag of `re` and must directly follow it"},
      {"contains|m", "`m` is a flag of `re` and must directly follow it"},
      {"re|contains|i", "`i` is a flag of `re` and must directly follow it"},
      {"re|contains|endswith", "`endswith` compares text, and these values are none"},
      {"re|cased", "`re` minds case already"},
      {"re|base64", "`base64` changes text, and these values are none"},
      {"contains|base64", "`base64` cannot follow `contains`, `startswith` or `endswith`"},
      {"startswith|wide", "`utf16le` cannot follow `contains`, `startswith` or `endswith`"},
      {"cidr|contains", "`contains` compares text, and these values are none"},
      {"gt|contains", "`contains` compares text, and these values are none"},
      {"exists|contains", "`contains` compares text, and these values are none"},
      {"cidr|windash", "`windash` changes text, and these values are none"},
      {"gt|cased", "`cased` is for text, and these values are none"},
      {"contains|gt", "`gt` compares numbers, and these values are none"},
      {"gt|lt", "two comparisons in one item"},
      {"hour|gt|lt", "two comparisons in one item"},
      {"contains|contains", "`contains` stands twice"},
      {"re|i|ignorecase", "`i` stands twice"},
      {"all|contains|all", "`all` stands twice"},
      {"exists|all", "`all` cannot be combined with `exists`"},
      {"exists|expand", "`expand` cannot be combined with `exists`"},
      {"expand|fieldref", "`expand` cannot be combined with `fieldref`"},
  };
  for (const Case& c : cases) {
    const auto problem = check_modifiers(parse(c.text), /*is_keyword=*/false);
    ASSERT_TRUE(problem.has_value()) << c.text;
    EXPECT_EQ(problem->message, c.message) << c.text;
    EXPECT_FALSE(problem->hint.empty()) << c.text;
  }
  for (const char* text : {"exists", "fieldref", "gt", "hour", "cidr"}) {
    EXPECT_TRUE(check_modifiers(parse(text), /*is_keyword=*/true).has_value()) << text;
  }
}

TEST(SigmaModifier, FormSaysWhatTheValuesAre) {
  EXPECT_EQ(form_of(parse("contains|all")), ItemForm::kText);
  EXPECT_EQ(form_of(parse("expand|re|i")), ItemForm::kRegex);
  EXPECT_EQ(form_of(parse("cidr|neq")), ItemForm::kNetwork);
  EXPECT_EQ(form_of(parse("gte")), ItemForm::kNumber);
  EXPECT_EQ(form_of(parse("hour|gte")), ItemForm::kTimePart);
  EXPECT_EQ(form_of(parse("fieldref|contains")), ItemForm::kFieldRef);
  EXPECT_EQ(form_of(parse("exists")), ItemForm::kExists);
}

}  // namespace
}  // namespace stanch::detect::sigma

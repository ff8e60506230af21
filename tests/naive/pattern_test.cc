#include "naive/pattern.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace naive {
namespace {

using stanch::detect::sigma::Modifier;
using testing::ElementsAre;

// A pattern as text again: '*' and '?' for wildcards, everything else as it is.
std::vector<std::string> expanded(std::string_view written, std::vector<Modifier> modifiers) {
  std::vector<std::string> out;
  for (const Pattern& pattern : expand_pattern(written, modifiers)) {
    Text text;
    for (const Symbol& symbol : pattern) {
      text += symbol.kind == Symbol::kAny   ? U'*'
              : symbol.kind == Symbol::kOne ? U'?'
                                            : symbol.character;
    }
    out.push_back(to_utf8(text));
  }
  return out;
}

TEST(NaivePattern, MatchesWholeTexts) {
  struct {
    std::string_view pattern, text;
    bool expected;
  } cases[] = {
      {"abc", "ABC", true},
      {"abc", "abcd", false},
      {"a*", "a", true},
      {"a*c", "axxc", true},
      {"a*c", "axxcx", false},
      {"a?c", "abc", true},
      {"a?c", "ac", false},
      {"?", "\u00e9", true},
      {"*", "", true},
      {"", "", true},
      {"", "a", false},
      {R"(a\*)", "a*", true},
      {R"(a\*)", "ab", false},
      {R"(a\\*)", R"(a\b)", true},
      {R"(a\\*)", "ab", false},
      {R"(a\\\*)", R"(a\*)", true},
      {R"(a\b)", R"(a\b)", true},
      {R"(a\\b)", R"(a\b)", true},
      {R"(a\\\b)", R"(a\\b)", true},
      {R"(a\\\\b)", R"(a\\b)", true},
      {R"(a\)", R"(a\)", true},
      {"k", "\u212a", true},
      {"i", "\u0130", false},
      {"\u00df", "\u1e9e", true},
      {"\u03c3", "\u03c2", true},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(pattern_matches(parse_pattern(c.pattern), from_utf8(c.text), false), c.expected)
        << c.pattern << " on " << c.text;
  }
  EXPECT_FALSE(pattern_matches(parse_pattern("a"), U"A", true));
}

TEST(NaivePattern, EncodesAsPublished) {
  // RFC 4648 section 10.
  EXPECT_THAT(expanded("f", {Modifier::kBase64}), ElementsAre("Zg=="));
  EXPECT_THAT(expanded("fo", {Modifier::kBase64}), ElementsAre("Zm8="));
  EXPECT_THAT(expanded("foobar", {Modifier::kBase64}), ElementsAre("Zm9vYmFy"));
  // Each variant stands in the encoding of "", "x", "xx" before and "yy" after.
  EXPECT_THAT(expanded("foobar", {Modifier::kBase64Offset}),
              ElementsAre("Zm9vYmFy", "Zvb2Jhc", "mb29iYX"));
  EXPECT_THAT(expanded("ab", {Modifier::kUtf16Le}), ElementsAre(std::string("a\0b\0", 4)));
  EXPECT_THAT(expanded("ab", {Modifier::kUtf16Be}), ElementsAre(std::string("\0a\0b", 4)));
  EXPECT_THAT(expanded("a", {Modifier::kUtf16, Modifier::kBase64}), ElementsAre("//5hAA=="));
  EXPECT_THAT(expanded("ab", {Modifier::kUtf16Le, Modifier::kBase64, Modifier::kContains}),
              ElementsAre("*YQBiAA==*"));
}

TEST(NaivePattern, ReplacesDashesThatStartWords) {
  EXPECT_THAT(expanded("x -a", {Modifier::kWindash}),
              ElementsAre("x -a", "x /a", "x \u2013a", "x \u2014a", "x \u2015a"));
  EXPECT_THAT(expanded("x-a - /", {Modifier::kWindash}), ElementsAre("x-a - /"));
  EXPECT_EQ(expanded("-a /b", {Modifier::kWindash}).size(), 25u);
}

}  // namespace
}  // namespace naive

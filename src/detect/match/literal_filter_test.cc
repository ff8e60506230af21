#include "detect/match/literal_filter.h"

#include <gtest/gtest.h>

#include "codec/fold.h"

namespace stanch::detect::match {
namespace {

// It may say "perhaps" for nothing, but never no where folding finds a literal.
TEST(LiteralFilter, NeverMissesALiteral) {
  const std::vector<std::string> words = {"k", "ab", ":assumed-role/aws:", "\xC3\xA9", "st", "a"};
  const std::vector<std::string> pieces = {
      "K",  "k", "\xE2\x84\xAA",                                         // the Kelvin sign, a k
      "AB", "b", ":Assumed-Role/AWS:",     "\xC3\x89", "s", "\xC5\xBF",  // a long s
      "t",  "x", "a text of some length, "};
  size_t no = 0, yes = 0;
  for (const std::string& word : words) {
    const std::vector<std::string> literals = {codec::fold_case(word)};
    const LiteralFilter filter(literals);
    for (const std::string& a : pieces) {
      for (const std::string& b : pieces) {
        for (const std::string& c : pieces) {
          const std::string text = a + b + c;
          const bool has = codec::fold_case(text).find(literals[0]) != std::string::npos;
          const bool may = filter.may_contain(text);
          ASSERT_TRUE(may || !has) << word << " in " << text;
          ++(may ? yes : no);
        }
      }
    }
  }
  EXPECT_GT(no, yes / 4);
}

// Where a text was hardly longer than the literal, what lies in the middle was not looked at.
TEST(LiteralFilter, MissesNoFoldedLetterInTheMiddle) {
  const std::string literal = ":assumed-role/aws-kms-key-of-backups:";
  const LiteralFilter filter(std::vector<std::string>{literal});
  size_t places = 0;
  for (size_t at = 0; at < literal.size(); ++at) {
    if (literal[at] != 's' && literal[at] != 'k') continue;
    std::string text = literal;
    text.replace(at, 1, literal[at] == 's' ? "\xC5\xBF" : "\xE2\x84\xAA");
    for (size_t around = 0; around < 2 * literal.size(); ++around) {
      const std::string dashes(around, '-');
      EXPECT_TRUE(filter.may_contain(text + dashes)) << text << dashes;
      EXPECT_TRUE(filter.may_contain(dashes + text)) << dashes << text;
    }
    ++places;
  }
  EXPECT_EQ(places, 8u);
}

TEST(LiteralFilter, LooksAtEveryPlace) {
  const LiteralFilter filter(std::vector<std::string>{"needle", "pin"});
  for (size_t size = 0; size < 100; ++size) {
    const std::string hay(size, '-');
    EXPECT_FALSE(filter.may_contain(hay)) << size;
    for (size_t at = 0; at + 3 <= size; ++at) {
      std::string with = hay;
      with.replace(at, 3, "PIN");
      EXPECT_TRUE(filter.may_contain(with)) << with;
    }
  }
}

}  // namespace
}  // namespace stanch::detect::match

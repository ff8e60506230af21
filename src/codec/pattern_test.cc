#include "codec/pattern.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "codec/fold.h"
#include "codec/utf8.h"

namespace stanch::codec {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Pattern compile(std::string_view text, Pattern::Options options = {}) {
  auto pattern = Pattern::compile(text, options);
  EXPECT_TRUE(pattern.has_value()) << text << ": " << (pattern ? "" : pattern.error().message());
  return std::move(*pattern);
}

TEST(Pattern, SearchesAnywhere) {
  struct Case {
    const char* name;
    std::string expression, text;
    bool found;
    Pattern::Options options = {};
  };
  const Case cases[] = {
      {"inside", "b+", "abbc", true},
      {"not there", "b+", "acd", false},
      {"minds case", "abc", "ABC", false},
      {"ignores case", "abc", "xABCx", true, {.ignore_case = true}},
      {"ignores case by folding", "k", "\u212a", true, {.ignore_case = true}},
      {"anchors", "^b", "ab", false},
      {"anchors mean the text", "^b", "a\nb", false},
      {"anchors may mean lines", "^b$", "a\nb\nc", true, {.multi_line = true}},
      {"dot stops at a newline", "a.b", "a\nb", false},
      {"dot may go on", "a.b", "a\nb", true, {.dot_all = true}},
      {"flags inside", "(?i)abc", "ABC", true},
      {"a dot is a code point", "^a.b$",
       "a\xf0\x9f\x98\x80"
       "b",
       true},
      {"empty is everywhere", "", "x", true},
      {"empty text", "^$", "", true},
      {"a NUL in the text", "a.b", std::string("a\0b", 3), true},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(compile(c.expression, c.options).search(c.text), c.found) << c.name;
  }
}

TEST(Pattern, SaysWhatIsRefusedAndWhatToWriteInstead) {
  struct Case {
    const char* name;
    std::string expression, why, instead;
  };
  const Case cases[] = {
      {"look-ahead", "a(?=b)", "look-ahead", "second item"},
      {"negative look-ahead", "a(?!b)", "negative look-ahead", "and not filter"},
      {"look-behind", "(?<=a)b", "look-behind", "before it"},
      {"negative look-behind", "(?<!a)b", "negative look-behind", "and not filter"},
      {"back-reference", "(a)\\1", "back-references", "fieldref"},
      {"atomic", "(?>a+)", "atomic", "(?:…)"},
      {"possessive", "a++", "possessive", "linear"},
      {"named group", "(?<x>a)", "named groups", "(?:…)"},
      {"comment", "a(?#b)", "comments", "remove"},
      {"condition", "(a)(?(1)b|c)", "conditional", "|"},
      {"recursion", "a(?R)?", "recursion", "levels"},
      {"repeat too large", "a{2000}", "1000", "lower"},
      {"program too large", "(\\pL{30}){30}", "large", "lower"},
      {"nothing to repeat", "*a", "nothing to repeat", "backslash"},
      {"open bracket", "[a", "'['", "close"},
      {"open group", "(a", "partner", "\\("},
      {"closed too often", "a)", "partner", "\\)"},
      {"bad range", "[z-a]", "range", "low to high"},
      {"bad escape", "\\q", "escape", "\\d"},
      {"trailing backslash", "a\\", "backslash", "\\\\"},
      {"no UTF-8", "\xff", "UTF-8", "save"},
      {"too long", std::string(kPatternBytesMax + 1, 'a'), "longer", "split"},
  };
  for (const Case& c : cases) {
    const auto pattern = Pattern::compile(c.expression, {});
    ASSERT_FALSE(pattern.has_value()) << c.name;
    EXPECT_EQ(pattern.error().code(), ErrorCode::kInvalid) << c.name;
    EXPECT_THAT(pattern.error().message(), HasSubstr(c.why)) << c.name;
    EXPECT_THAT(pattern.error().message(), HasSubstr(c.instead)) << c.name;
  }
}

TEST(Pattern, TakesLongListsOfAlternatives) {
  std::string accounts;
  for (int i = 0; i < 4000; ++i)
    accounts += (i == 0 ? "" : "|") + std::to_string(100000000003 * (i + 1));
  const Pattern pattern = compile("^(?:(?:" + accounts + "),)*$");
  EXPECT_TRUE(pattern.search("100000000003,400000000012,"));
  EXPECT_FALSE(pattern.search("100000000003,400000000013,"));
}

TEST(Pattern, KnowsFewLiteralsOfWhichOneMustOccur) {
  const auto literals = [](std::string_view text, Pattern::Options options = {}) {
    const Pattern pattern = compile(text, options);
    const auto found = pattern.required_literals();
    return std::vector<std::string>(found.begin(), found.end());
  };
  EXPECT_THAT(literals("abc"), ElementsAre("abc"));
  EXPECT_THAT(literals("ABC"), ElementsAre("abc"));
  EXPECT_THAT(literals("abc|defg"), ElementsAre("abc", "defg"));
  EXPECT_THAT(literals("abc.*defgh"), ElementsAre("defgh"));  // the longer of the two
  EXPECT_THAT(literals("(abc|defg).*longest"), ElementsAre("longest"));
  EXPECT_THAT(literals("(?i)stra\xc3\x9f"
                       "e"),
              ElementsAre("stra\xc3\x9f"
                          "e"));
  EXPECT_THAT(literals("\u212a"
                       "elvin"),
              ElementsAre("kelvin"));
  EXPECT_THAT(literals("ab|abcdef"), IsEmpty());  // the first is too short to be of use
  EXPECT_THAT(literals("abcdef.*(ab|xyz)"), ElementsAre("abcdef"));
  EXPECT_THAT(literals("a"), IsEmpty());
  EXPECT_THAT(literals(".*"), IsEmpty());
  EXPECT_THAT(literals("abc|.*"), IsEmpty());
  EXPECT_THAT(literals("[0-9]+"), IsEmpty());
  EXPECT_THAT(literals(""), IsEmpty());
}

// RE2 lowers its literals by tables of its own. If they disagreed with fold_case() for one
// letter, an index over the literals would miss texts.
TEST(Pattern, LiteralsAgreeWithCaseFoldingForEveryLetter) {
  for (char32_t c = 0x80; c < 0x1f000; ++c) {
    if (c >= 0xd800 && c < 0xe000) continue;
    if (fold_case(c) == c && c % 64 != 0) continue;  // of the others a sample
    for (const char32_t letter : {c, fold_case(c)}) {
      std::string text = "xyz";
      append_utf8(letter, text);
      for (const bool ignore_case : {false, true}) {
        const Pattern pattern = compile(text, {.ignore_case = ignore_case});
        const std::string folded = fold_case(text);
        for (const std::string& literal : pattern.required_literals()) {
          EXPECT_THAT(folded, HasSubstr(literal)) << std::hex << static_cast<uint32_t>(letter);
        }
      }
    }
  }
}

TEST(Pattern, ReplacesAllThatItMatches) {
  EXPECT_EQ(*compile("a(b*)").replace_all("abb-a", "<\\1>"), "<bb>-<>");
  EXPECT_EQ(*compile("x").replace_all("abc", "y"), "abc");
  EXPECT_EQ(*compile("x").replace_all("x", "\\\\"), "\\");
  EXPECT_FALSE(compile("x").replace_all("x", "\\1").has_value());
}

}  // namespace
}  // namespace stanch::codec

#include "codec/fold.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "codec/utf8.h"

namespace stanch::codec {
namespace {

TEST(FoldCase, FollowsSimpleCaseFolding) {
  struct Case {
    const char *name, *input, *expected;
  };
  const std::vector<Case> cases = {
      {"empty", "", ""},
      {"ascii", "GetCallerIdentity", "getcalleridentity"},
      {"neighbours of letters stay", "@AZ[`az{", "@az[`az{"},
      {"long ascii", "arn:aws:iam::123456789012:role/OrganizationAccountAccessRole",
       "arn:aws:iam::123456789012:role/organizationaccountaccessrole"},
      {"kelvin", "\u212A", "k"},
      {"long s", "\u017F", "s"},
      {"angstrom", "\u212B", "\u00E5"},
      {"dotted capital I folds to itself", "\u0130", "\u0130"},
      {"dotless i folds to itself", "\u0131", "\u0131"},
      {"capital I is no Turkish I", "I", "i"},
      {"sharp s is not two letters", "\u00DF", "\u00DF"},
      {"capital sharp s", "\u1E9E", "\u00DF"},
      {"micro", "\u00B5", "\u03BC"},
      {"final sigma", "\u03A3\u03C2", "\u03C3\u03C3"},
      {"greek with prosgegrammeni", "\u1F88", "\u1F80"},
      {"every other letter", "\u0100\u0101\u0102", "\u0101\u0101\u0103"},
      {"cherokee folds up", "\uAB70", "\u13A0"},
      {"beyond the first plane", "\U00010400", "\U00010428"},
      {"title case", "\u01C5", "\u01C6"},
      {"bad bytes stay", "A\xFF\xC3", "a\xFF\xC3"},
      {"bad bytes stay in folded text", "a\xFF\xC3", "a\xFF\xC3"},
      {"ligature has no simple folding", "\uFB00", "\uFB00"},
  };
  for (const auto& [name, input, expected] : cases) EXPECT_EQ(fold_case(input), expected) << name;
}

TEST(FoldCase, ReturnsFoldedTextItself) {
  for (const std::string text :
       {"", "short", "longer than eight bytes", "h\u00E9llo w\u00F6rld \u65E5"}) {
    std::string scratch = "untouched";
    EXPECT_EQ(fold_case(text, scratch).data(), text.data()) << text;
    EXPECT_EQ(scratch, "untouched");
  }
}

// The fast paths against one code point at a time.
std::string fold_naively(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const Utf8Step step = decode_utf8(text);
    if (step.valid) append_utf8(fold_case(step.code_point), out);
    if (!step.valid) out += text.substr(0, step.length);
    text.remove_prefix(step.length);
  }
  return out;
}

TEST(FoldCase, FastPathsAgreeWithOneByOne) {
  std::mt19937 random(7);
  const std::vector<std::string> pieces = {
      "a",    "Z",        "@",         "{",         "\u00C9",     "\u00E9", "\u212A",
      "\xFF", "\xE2\x82", "eventName", "UPPERCASE", "\U00010400", "\x7F"};
  for (int round = 0; round < 20'000; ++round) {
    std::string text;
    for (size_t i = random() % 12; i > 0; --i) text += pieces[random() % pieces.size()];
    const std::string folded = fold_case(text);
    ASSERT_EQ(folded, fold_naively(text));
    ASSERT_EQ(fold_case(folded), folded) << "folding again changes nothing";
    bool ascii = true;
    for (const char c : text) ascii = ascii && static_cast<unsigned char>(c) < 0x80;
    ASSERT_EQ(is_ascii(text), ascii) << text;
  }
}

TEST(FoldCase, IsIdempotentForEveryCodePoint) {
  for (char32_t c = 0; c < 0x110000; ++c) ASSERT_EQ(fold_case(fold_case(c)), fold_case(c));
}

}  // namespace
}  // namespace stanch::codec

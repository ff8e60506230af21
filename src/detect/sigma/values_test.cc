#include "detect/sigma/values.h"

#include <gtest/gtest.h>

#include <array>

#include "detect/sigma/suggest.h"

namespace stanch::detect::sigma {
namespace {

TEST(SigmaValue, WildcardsAreThoseThatNothingEscapes) {
  for (const char* text : {"*", "a*", "?", "\\\\*", "\\a*", "\\\\\\\\?", "\\*?"}) {
    EXPECT_TRUE(has_wildcard(text)) << text;
  }
  for (const char* text : {"", "a", "\\*", "\\?", "a\\*b", "\\\\\\*", "\\", "a\\"}) {
    EXPECT_FALSE(has_wildcard(text)) << text;
  }
}

TEST(SigmaValue, AmbiguousIsWhatOtherToolsReadAsNumbersOrBooleans) {
  const auto ambiguous = [](std::string_view text, bool plain = true) {
    codec::YamlNode node;
    node.text = text;
    node.plain = plain;
    node.type = plain ? codec::yaml_type_of_plain(text) : codec::YamlType::kString;
    return is_ambiguous(node);
  };
  for (const char* text : {"yes", "No", "ON", "off", "0x1f", "-0x1F", "0o17", "0b101", "007", "+1",
                           "1_000", ".5", "1.", "+.5", "012345678901", ".inf", ".NaN"}) {
    EXPECT_TRUE(ambiguous(text)) << text;
    EXPECT_FALSE(ambiguous(text, /*plain=*/false)) << text;
  }
  for (const char* text : {"", "y", "true", "5", "-1.5", "1e5", "null", "~", "0xzz", "0x", "1-2",
                           "10.0.0.1", "on call", "-", ".", "_", "2024-01-01", "abc"}) {
    EXPECT_FALSE(ambiguous(text)) << text;
  }
}

TEST(SigmaSuggest, FindsWhatWasProbablyMeant) {
  constexpr std::array<std::string_view, 5> kWords = {"contains", "startswith", "endswith", "all",
                                                      "cidr"};
  struct Case {
    const char *word, *expected;
  };
  const Case cases[] = {
      {"contain", "contains"},
      {"cotnains", "contains"},
      {"Contains", "contains"},
      {"startwith", "startswith"},
      {"endwsith", "endswith"},
      {"cird", "cidr"},
      {"al", "all"},
      {"al1", "all"},
      {"xyz", ""},
      {"", ""},
      {"a", ""},
      {"containment", ""},
  };
  for (const Case& c : cases) EXPECT_EQ(find_similar(c.word, kWords), c.expected) << c.word;
  EXPECT_EQ(find_similar(std::string(100'000, 'x'), kWords), "");
  EXPECT_EQ(did_you_mean("al", kWords), "did you mean 'all'?");
  EXPECT_EQ(did_you_mean("xyz", kWords, "else"), "else");
}

}  // namespace
}  // namespace stanch::detect::sigma

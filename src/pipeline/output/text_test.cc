#include "pipeline/output/text.h"

#include <gtest/gtest.h>

#include "pipeline/output/attack.h"
#include "pipeline/output/finding_writer.h"

namespace stanch::pipeline::output {
namespace {

TEST(Text, CountsTerminalColumns) {
  const struct {
    const char* name;
    std::string_view text;
    size_t expected;
  } cases[] = {
      {"empty", "", 0},       {"ascii", "abc", 3},
      {"umlaut", "ä", 1},     {"combining", "a\u0308", 1},
      {"wide", "日本", 4},    {"emoji", "🔥", 2},
      {"greek", "λ", 1},      {"halfwidth", "ｱ", 1},
      {"fullwidth", "Ａ", 2}, {"variation", "✓\ufe0f", 1},
  };
  for (const auto& each : cases) EXPECT_EQ(columns_of(each.text), each.expected) << each.name;
}

TEST(Text, FitsIntoColumns) {
  const Style unicode{.unicode = true};
  const Style ascii{};
  const struct {
    const char* name;
    std::string_view text;
    size_t columns;
    const Style& style;
    std::string_view expected;
  } cases[] = {
      {"fits", "abc", 3, unicode, "abc"},
      {"cut", "abcd", 3, unicode, "ab…"},
      {"cut ascii", "abcd", 3, ascii, "ab~"},
      {"wide is not halved", "日本語", 4, unicode, "日…"},
      {"escape", "a\x1b[0m", 20, unicode, "a\\x1b[0m"},
      {"none", "abc", 0, unicode, ""},
      {"empty", "", 5, unicode, ""},
      {"bad utf-8", "\xff", 5, unicode, "\ufffd"},
  };
  for (const auto& each : cases) {
    EXPECT_EQ(fit(each.text, each.columns, each.style), each.expected) << each.name;
  }
  EXPECT_EQ(fit_padded("日", 4, unicode), "日  ");
  EXPECT_EQ(columns_of(std::string_view(fit(std::string(1 << 20, 'a'), 10, unicode))), 10u);
}

TEST(Text, WrapsAtSpaces) {
  EXPECT_EQ(wrapped("", 2, 10), "");
  EXPECT_EQ(wrapped("ab  cd ef", 2, 9), "ab  cd ef");
  EXPECT_EQ(wrapped("ab  cd ef", 2, 8), "ab  cd\n  ef");
  EXPECT_EQ(wrapped("abcdefghijkl mn", 2, 5), "abcdefghijkl\n  mn");
}

TEST(Text, GroupsDigits) {
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(1000), "1,000");
  EXPECT_EQ(grouped(1234567), "1,234,567");
}

TEST(Text, SaysBytesInUnitsOfThousand) {
  EXPECT_EQ(bytes_text(0), "0 B");
  EXPECT_EQ(bytes_text(999), "999 B");
  EXPECT_EQ(bytes_text(1000), "1.0 kB");
  EXPECT_EQ(bytes_text(999'999), "1.0 MB");
  EXPECT_EQ(bytes_text(1'500'000'000), "1.5 GB");
}

TEST(Text, EscapesHiddenCharactersOfJson) {
  std::string json = "x\u202e{\"a\":\"\u202e\u009bä\U000e0041\"}";
  escape_hidden(json, 4);
  EXPECT_EQ(json, "x\u202e{\"a\":\"\\u202e\\u009bä\\udb40\\udc41\"}");
}

TEST(Attack, IsReadFromTags) {
  const std::vector<std::string> tags = {"attack.initial-access",
                                         "attack.Initial_Access",
                                         "attack.t1078.004",
                                         "attack.T1098",
                                         "attack.g0016",
                                         "attack.s0002",
                                         "attack.t10",
                                         "attack.t1078.4",
                                         "cve.2024-1",
                                         "attack.",
                                         "attack.defense-impairment"};
  const Attack attack = attack_of(tags);
  EXPECT_EQ(attack.tactics, (std::vector<std::string>{"initial-access", "defense-impairment"}));
  EXPECT_EQ(attack.techniques, (std::vector<std::string>{"T1078.004", "T1098"}));
}

TEST(Format, IsFoundByName) {
  EXPECT_EQ(find_format("sarif"), Format::kSarif);
  EXPECT_EQ(find_format("SARIF"), std::nullopt);
}

}  // namespace
}  // namespace stanch::pipeline::output

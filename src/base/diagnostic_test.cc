#include "base/diagnostic.h"

#include <gtest/gtest.h>

#include <vector>

namespace stanch {
namespace {

constexpr DiagnosticCode kUnknown{"SIG012", "unknown-modifier", Severity::kError,
                                  "No such modifier."};
constexpr DiagnosticCode kSlow{"SIG050", "slow", Severity::kWarning, "Works, but slowly."};

TEST(Diagnostic, TextShowsPlaceSnippetAndHint) {
  struct Case {
    const char* name;
    Diagnostic diagnostic;
    const char* expected;
  };
  const std::vector<Case> cases = {
      {"all parts",
       {&kUnknown,
        {"rules/a.yml", 3, 7},
        "'containz' is no modifier",
        "  foo|containz: x",
        "write contains"},
       "rules/a.yml:3:7: error SIG012 unknown-modifier: 'containz' is no modifier\n"
       "     3 |   foo|containz: x\n"
       "       |       ^\n"
       "       = write contains\n"},
      {"whole file", {&kSlow, {"a.yml", 0, 0}, "m", "", ""}, "a.yml: warning SIG050 slow: m\n"},
      {"whole line",
       {&kSlow, {"a.yml", 12, 0}, "m", "line", ""},
       "a.yml:12: warning SIG050 slow: m\n    12 | line\n"},
      {"no caret behind a snippet that was cut",
       {&kSlow, {"a.yml", 1, 900}, "m", "line", ""},
       "a.yml:1:900: warning SIG050 slow: m\n     1 | line\n"},
      {"escapes never reach the terminal",
       {&kSlow, {"a\x1B.yml", 1, 0}, "m\x07", "\x1B[31m\tred\x7F", "h\n"},
       "a?.yml:1: warning SIG050 slow: m?\n     1 | ?[31m red?\n       = h?\n"},
      {"nor do those beyond ASCII, and marks that turn the direction",
       {&kSlow, {"a", 1, 0}, "\u009b31m\u0080\u009f\u00a0", "\u202e\u2066\u200f\u2028", "\u2069"},
       "a:1: warning SIG050 slow: ?31m??\u00a0\n     1 | ????\n       = ?\n"},
      {"other characters stay, what is no UTF-8 does not",
       {&kSlow,
        {"a", 1, 0},
        "M\u00fcller \u20ac \U0001f6a8",
        "\x9b[2J\xc2\xff\xe2\x80",
        "\u2027\u202f"},
       "a:1: warning SIG050 slow: M\u00fcller \u20ac \U0001f6a8\n     1 | ?[2J????\n       = "
       "\u2027\u202f\n"},
  };
  for (const auto& [name, diagnostic, expected] : cases)
    EXPECT_EQ(to_text(diagnostic), expected) << name;
}

TEST(Diagnostic, LineOfFindsTheLine) {
  const std::string text = "first\nsecond\r\n\nfourth";
  const std::vector<std::pair<uint32_t, const char*>> cases = {
      {1, "first"}, {2, "second"}, {3, ""}, {4, "fourth"}, {5, ""}, {4'000'000'000, ""},
  };
  for (const auto& [line, expected] : cases) EXPECT_EQ(line_of(text, line), expected) << line;
  EXPECT_EQ(line_of(std::string(1000, 'x'), 1).size(), 200u);
}

TEST(Diagnostic, OnlyErrorsAreErrors) {
  EXPECT_FALSE(has_errors({}));
  EXPECT_FALSE(has_errors(Diagnostics{{&kSlow, {}, "", "", ""}}));
  EXPECT_TRUE(has_errors(Diagnostics{{&kSlow, {}, "", "", ""}, {&kUnknown, {}, "", "", ""}}));
}

TEST(Severity, HasANameForEach) {
  EXPECT_EQ(name_of(Severity::kError), "error");
  EXPECT_EQ(name_of(Severity::kWarning), "warning");
  EXPECT_EQ(name_of(Severity::kNote), "note");
}

}  // namespace
}  // namespace stanch

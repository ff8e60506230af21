#include "base/suggest.h"

#include <gtest/gtest.h>

#include <array>

namespace stanch {
namespace {

TEST(Suggest, FindsWhatWasProbablyMeant) {
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
}  // namespace stanch

#include "detect/correlate/packed_texts.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace stanch::detect::correlate {
namespace {

TEST(PackedTexts, GivesBackWhatWasPutIn) {
  const std::string longer(127, 'x'), longest(300'000, 'y');
  const struct {
    std::string_view first;
    std::vector<std::optional<std::string_view>> others;
  } cases[] = {
      {"", {}},
      {"id", {}},
      {"id", {"", std::nullopt, "a"}},
      {longer, {std::nullopt, longer}},
      {longest, {longest, "", longer}},
      {std::string_view("a\0b", 3), {std::string_view("\0", 1)}},
  };
  for (const auto& c : cases) {
    const PackedTexts texts(c.first, c.others);
    EXPECT_EQ(texts.first(), c.first);
    for (size_t i = 0; i < c.others.size(); ++i) EXPECT_EQ(texts.other(i), c.others[i]) << i;
  }
}

}  // namespace
}  // namespace stanch::detect::correlate

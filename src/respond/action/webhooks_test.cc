#include "respond/action/webhooks.h"

#include <gtest/gtest.h>

namespace stanch::respond {
namespace {

TEST(Webhooks, AreNamesAndUrls) {
  Diagnostics diagnostics;
  const auto webhooks =
      read_webhooks("webhooks.yaml",
                    "desk: https://desk.example.com/x\nhere: http://127.0.0.1:1/\n", diagnostics);
  EXPECT_TRUE(diagnostics.empty());
  ASSERT_EQ(webhooks.size(), 2u);
  EXPECT_EQ(webhooks.at("desk"), "https://desk.example.com/x");
  EXPECT_EQ(read_webhooks("webhooks.yaml", "# none\n", diagnostics).size(), 0u);
  EXPECT_TRUE(diagnostics.empty());
}

TEST(Webhooks, SayAllThatIsWrongAtOnce) {
  Diagnostics diagnostics;
  const auto webhooks = read_webhooks("webhooks.yaml",
                                      "Desk: https://desk.example.com/x\n"
                                      "plain: http://desk.example.com/x\n"
                                      "list: [a]\n"
                                      "none:\n"
                                      "good: https://desk.example.com/x\n",
                                      diagnostics);
  ASSERT_EQ(diagnostics.size(), 4u);
  for (uint32_t i = 0; i < 4; ++i) EXPECT_EQ(diagnostics[i].place.line, i + 1);
  EXPECT_EQ(webhooks.size(), 1u);
}

}  // namespace
}  // namespace stanch::respond

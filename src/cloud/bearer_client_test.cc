#include "cloud/bearer_client.h"

#include <gtest/gtest.h>

namespace stanch::cloud {
namespace {

TEST(TargetAt, NeverLeavesTheHost) {
  const std::string endpoint = "https://management.azure.com";
  const struct {
    const char *url, *target;  // "" if it is not believed
  } cases[] = {
      {"https://management.azure.com/subscriptions/s/op?api-version=1",
       "/subscriptions/s/op?api-version=1"},
      {"/subscriptions/s", "/subscriptions/s"},
      {"https://Management.azure.com:443/x", "/x"},
      {"https://management.azure.com:443@evil.example/x", ""},
      {"http://management.azure.com/x", ""},
      {"https://management.azure.com:444/x", ""},
      {"https://management.azure.com.evil.example/x", ""},
      {"https://evil.example/x", ""},
      {"https://management.azure.com@evil.example/x", ""},
      {"https://management.azure.com\\@evil.example/x", ""},
      {"https://management.azure.com", ""},
      {"https://management.azure.com?x", ""},
      {"//evil.example/x", ""},
      {"/a\\b", ""},
      {"/a b", ""},
      {"/a#b", ""},
      {"x", ""},
      {"", ""},
  };
  for (const auto& each : cases) {
    EXPECT_EQ(target_at(endpoint, each.url).value_or(""), each.target) << each.url;
  }
  EXPECT_EQ(target_at("http://127.0.0.1:5000", "http://127.0.0.1:5000/x"), "/x");
  EXPECT_EQ(target_at("http://127.0.0.1:5000", "http://127.0.0.1:5001/x"), std::nullopt);
}

}  // namespace
}  // namespace stanch::cloud

#include "cloud/gcp/endpoint.h"

#include <gtest/gtest.h>

#include "cloud/world_for_test.h"

namespace stanch::cloud::gcp {
namespace {

TEST(GoogleEndpoint, MayBeOnesOwn) {
  World world;
  const auto endpoint = [&](const std::string& host) {
    const auto found =
        world.run<std::string>([&](env::Env env) { return endpoint_of(env.variables, host); });
    return found ? *found : World::words(found.error());
  };
  EXPECT_EQ(endpoint("compute.googleapis.com"), "https://compute.googleapis.com");
  world.sim.set_variable("GOOGLE_ENDPOINT_URL", "http://127.0.0.1:9/");
  world.sim.set_variable("GOOGLE_ENDPOINT_URL_IAM", "http://127.0.0.1:8");
  EXPECT_EQ(endpoint("compute.googleapis.com"), "http://127.0.0.1:9");
  EXPECT_EQ(endpoint("iam.googleapis.com"), "http://127.0.0.1:8");
  world.sim.set_variable("GOOGLE_ENDPOINT_URL_IAM", "http://10.0.0.1");
  EXPECT_EQ(endpoint("iam.googleapis.com"),
            "denied: GOOGLE_ENDPOINT_URL_IAM: 10.0.0.1: plain HTTP is for local addresses only");
}

TEST(GoogleEndpoint, TokensComeFromGoogleAlone) {
  const struct {
    const char* url;
    bool may;
  } cases[] = {
      {"https://oauth2.googleapis.com/token", true},
      {"https://STS.googleapis.com/v1/token", true},
      {"http://127.0.0.1:5000/token", true},
      {"http://oauth2.googleapis.com/token", false},
      {"https://oauth2.googleapis.com:444/token", false},
      {"https://googleapis.com.evil.example/token", false},
      {"https://evilgoogleapis.com/token", false},
      {"https://evil.example/?.googleapis.com", false},
      {"https://oauth2.googleapis.com@evil.example/", false},
      {"http://10.0.0.1/token", false},
      {"file:///etc/passwd", false},
      {"", false},
  };
  for (const auto& each : cases) {
    EXPECT_EQ(check_google_url("token_uri", each.url).has_value(), each.may) << each.url;
  }
}

}  // namespace
}  // namespace stanch::cloud::gcp

#include "cloud/token.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cloud/token_for_test.h"
#include "cloud/world_for_test.h"

namespace stanch::cloud {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

TEST(Token, IsReadWithItsEnd) {
  const Time now = Time(seconds(1'700'000'000));
  const struct {
    const char* body;
    int64_t lasts;  // seconds; 0: it is refused
  } cases[] = {
      {R"({"access_token":"t","expires_in":3599,"token_type":"Bearer"})", 3599},
      {R"({"access_token":"t","expires_in":"3599"})", 3599},
      {R"({"access_token":"t","expires_on":"1700000100"})", 100},
      {R"({"access_token":"t","expires_on":1700000100})", 100},
      {R"({"access_token":"t","expires_in":"86399","expires_on":"1"})", 86399},
      {R"({"access_token":"t","expires_in":9999999999})", 48 * 3600},
      {R"({"access_token":"t","expires_in":0})", 0},
      {R"({"access_token":"t","expires_in":-5})", 0},
      {R"({"access_token":"t","expires_on":"1699999999"})", 0},
      {R"({"access_token":"t","expires_on":"-9223372036854775808"})", 0},
      {R"({"access_token":"t","expires_in":"soon"})", 0},
      {R"({"access_token":"t"})", 0},
      {R"({"access_token":"","expires_in":3599})", 0},
      {R"({"access_token":"a b","expires_in":3599})", 0},
      {R"({"access_token":"a\r\nb: c","expires_in":3599})", 0},
      {R"({"access_token":7,"expires_in":3599})", 0},
      {R"([])", 0},
      {"<html>", 0},
      {"", 0},
  };
  for (const auto& each : cases) {
    const auto token = read_token({.status = 200, .body = each.body}, now, "test", {});
    ASSERT_EQ(token.has_value(), each.lasts != 0) << each.body;
    if (each.lasts == 0) {
      EXPECT_EQ(token.error().code(), ErrorCode::kUnavailable) << each.body;
      continue;
    }
    EXPECT_EQ(token->value, "t");
    EXPECT_EQ(*token->expires - now, seconds(each.lasts)) << each.body;
  }
}

TEST(Token, ARefusalSaysWhatTheCallerMayDoAndNoSecrets) {
  const struct {
    int status;
    const char* body;
    const char* expected;
  } cases[] = {
      {401,
       R"({"error":"invalid_client","error_description":"AADSTS7000215: Invalid.\r\nTrace: 1"})",
       "denied: test: refused with status 401, invalid_client: AADSTS7000215: Invalid."},
      {400, R"({"error":"invalid_grant","error_description":"Bad \u0001 assertion"})",
       "denied: test: refused with status 400, invalid_grant: Bad ? assertion"},
      {400, R"({"error":"invalid_scope"})",
       "invalid: test: refused with status 400, invalid_scope"},
      {400, R"({"error":"invalid_client","error_description":"you sent the-SECRET to us"})",
       "denied: test: refused with status 400, invalid_client: (not shown: there is a secret in "
       "it)"},
      {400, R"({"error":"temporarily_unavailable"})",
       "unavailable: test: refused with status 400, temporarily_unavailable"},
      {403, R"({"error":{"code":403,"status":"PERMISSION_DENIED","message":"no"}})",
       "denied: test: refused with status 403, PERMISSION_DENIED: no"},
      {429, "", "throttled: test: refused with status 429"},
      {503, "<html>", "unavailable: test: refused with status 503"},
      {302, "", "invalid: test: refused with status 302"},
  };
  for (const auto& each : cases) {
    const auto token =
        read_token({.status = each.status, .body = each.body}, {}, "test", {"the-SECRET"});
    ASSERT_FALSE(token);
    EXPECT_EQ(World::words(token.error()), each.expected);
  }
}

TEST(TokenRequest, IsAFormWithoutWhatIsEmpty) {
  const auto request = token_request("https://a/token", {{"a", "b c"}, {"d", ""}, {"e", "&="}});
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.body, "a=b%20c&e=%26%3D");
  EXPECT_FALSE(request.plain_http);
  EXPECT_EQ(World::header(request, "Content-Type"), "application/x-www-form-urlencoded");
}

TEST(TokenCache, RenewsEachAudienceByItselfAndForgetsWhatWasRefused) {
  env::SimWorld world(1);
  std::vector<std::string> loaded;
  const auto outcome = world.run([&](env::Env env) {
    TokenCache cache(env, [&](const std::string& audience) -> Result<Token> {
      loaded.push_back(audience);
      return Token{.value = audience + std::to_string(loaded.size()),
                   .expires = env.clock.now() + hours(1),
                   .source = "test"};
    });
    EXPECT_EQ(cache.get("a")->value, "a1");
    EXPECT_EQ(cache.get("b")->value, "b2");
    EXPECT_EQ(cache.get("a")->value, "a1");
    env.clock.sleep(minutes(54));
    EXPECT_EQ(cache.get("a")->value, "a1");
    env.clock.sleep(minutes(2));
    const Token a = *cache.get("a");
    EXPECT_EQ(a.value, "a3") << "less than five minutes were left";
    cache.drop("a", {.value = "a1", .expires = {}, .source = ""});
    EXPECT_EQ(cache.get("a")->value, "a3") << "another one was refused";
    cache.drop("a", a);
    EXPECT_EQ(cache.get("a")->value, "a4");
    for (size_t i = 0; i < 2 * TokenCache::kAudiencesMax; ++i) {
      EXPECT_TRUE(cache.get("c" + std::to_string(i)));
    }
  });
  EXPECT_EQ(outcome.end, env::End::kFinished) << outcome.message;
}

}  // namespace
}  // namespace stanch::cloud

#include "cloud/aws/sts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <set>

#include "cloud/aws/world_for_test.h"

namespace stanch::cloud::aws {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

constexpr const char* kSts = "https://sts.eu-west-1.amazonaws.com/";
constexpr const char* kLater = "2027-01-01T00:00:00Z";

Credentials hub() {
  return {.access_key_id = "ASIAHUB",
          .secret_access_key = "SECRETkey",
          .session_token = "SECRETtoken",
          .expires = std::nullopt,
          .source = "hub"};
}

RoleSession session() {
  return {.role_arn = "arn:aws:iam::111122223333:role/respond", .session_name = "inc-abc"};
}

std::string assume(World& world, const RoleSession& wanted, const StsOptions& options) {
  const auto result = world.run<Credentials>(
      [&](env::Env env) { return assume_role(env, hub(), wanted, options); });
  if (!result) return World::words(result.error());
  world.last = *result;
  return result->access_key_id;
}

TEST(AssumeRole, SendsAllThatWasAgreed) {
  World world;
  world.servers[kSts] = World::always(200, sts_answer("ASIA1", kLater));
  RoleSession wanted = session();
  wanted.lasts = std::chrono::minutes(15);
  wanted.external_id = "SECRET/1";
  wanted.source_identity = "inc-abc";
  wanted.policy = R"({"Version":"2012-10-17"})";
  wanted.tags = {{"incident", "inc abc"}, {"empty", ""}};
  EXPECT_EQ(assume(world, wanted, {.region = "eu-west-1"}), "ASIA1");
  EXPECT_EQ(world.requests[0].body,
            "Action=AssumeRole&Version=2011-06-15"
            "&RoleArn=arn%3Aaws%3Aiam%3A%3A111122223333%3Arole%2Frespond&RoleSessionName=inc-abc"
            "&DurationSeconds=900&Policy=%7B%22Version%22%3A%222012-10-17%22%7D"
            "&ExternalId=SECRET%2F1&SourceIdentity=inc-abc"
            "&Tags.member.1.Key=incident&Tags.member.1.Value=inc%20abc"
            "&Tags.member.2.Key=empty&Tags.member.2.Value=");
  EXPECT_EQ(World::header(world.requests[0], "Content-Type"),
            "application/x-www-form-urlencoded; charset=utf-8");
}

TEST(AssumeRole, SignsForTheServersTimeAnewAtEachAttempt) {
  World world;
  world.servers[kSts] = [&](const env::HttpRequest&) {
    if (world.requests.size() == 3) return World::answer(200, sts_answer("ASIA1", kLater));
    env::HttpTurn turn{.fate = env::HttpFate::kAnswerLost};
    turn.takes = std::chrono::seconds(3);
    return turn;
  };
  const StsOptions options{.region = "eu-west-1", .clock_ahead = std::chrono::hours(-2)};
  EXPECT_EQ(assume(world, session(), options), "ASIA1");
  ASSERT_EQ(world.requests.size(), 3u);
  std::set<std::string> dates;
  for (const auto& request : world.requests) {
    dates.insert(World::header(request, "X-Amz-Date"));
    EXPECT_THAT(World::header(request, "X-Amz-Date"), StartsWith("20251231T22"));
  }
  EXPECT_EQ(dates.size(), 3u);
}

TEST(AssumeRole, ErrorsSayWhatTheCallerMayDoAndNoSecrets) {
  struct Case {
    int status;
    std::string body, expected;
    size_t requests = 1;
  };
  const std::string who = "cannot become arn:aws:iam::111122223333:role/respond: STS answers ";
  const Case cases[] = {
      {403, sts_error("AccessDenied", "User: arn:x is not\nauthorized"),
       "denied: " + who + "403 AccessDenied: User: arn:x is not?authorized"},
      {403, sts_error("SignatureDoesNotMatch", "x"),
       "denied: " + who + "403 SignatureDoesNotMatch: x"},
      {400, sts_error("ExpiredToken", "x"), "denied: " + who + "400 ExpiredToken: x"},
      {400, sts_error("ValidationError", "x"), "invalid: " + who + "400 ValidationError: x"},
      {400, sts_error("Throttling", "x"), "throttled: " + who + "400 Throttling: x"},
      {400, sts_error("IDPCommunicationError", "x"),
       "unavailable: " + who + "400 IDPCommunicationError: x"},
      {403, "<html>", "denied: " + who + "403"},
      {503, "", "unavailable: " + who + "503", 3},
      {400, sts_error("Odd", "You sent SECRETtoken"),
       "invalid: " + who + "400 Odd: (not shown: there is a secret in it)"},
      {400, sts_error("SECRETkey", "x"),
       "invalid: " + who + "400 (not shown: there is a secret in it): x"},
      {302, "", "invalid: " + who + "302"},
      {200, "<a>",
       "unavailable: cannot become arn:aws:iam::111122223333:role/respond: STS answers "
       "without credentials"},
      {200, sts_answer("ASIA1", "soon"),
       "unavailable: cannot become "
       "arn:aws:iam::111122223333:role/respond: STS answers without credentials"},
  };
  for (const Case& c : cases) {
    World world;
    world.servers[kSts] = World::always(c.status, c.body);
    EXPECT_EQ(assume(world, session(), {.region = "eu-west-1"}), c.expected);
    EXPECT_EQ(world.requests.size(), c.requests) << c.expected;
  }
}

TEST(AssumeRole, WhatStsWouldRefuseIsNotSent) {
  struct Case {
    std::function<void(RoleSession&)> change;
    std::string problem;
  };
  const Case cases[] = {
      {[](RoleSession& s) { s.role_arn = "respond"; }, "no ARN"},
      {[](RoleSession& s) { s.role_arn = "arn:aws:iam::1:user/x"; }, "no ARN"},
      {[](RoleSession& s) { s.role_arn = "arn:aws:iam::1:role/x y"; }, "no ARN"},
      {[](RoleSession& s) { s.session_name = "a"; }, "session name"},
      {[](RoleSession& s) { s.session_name = std::string(65, 'a'); }, "session name"},
      {[](RoleSession& s) { s.session_name = "a b"; }, "session name"},
      {[](RoleSession& s) { s.source_identity = "a/b"; }, "source identity"},
      {[](RoleSession& s) { s.lasts = std::chrono::minutes(14); }, "15 minutes"},
      {[](RoleSession& s) { s.lasts = std::chrono::hours(13); }, "15 minutes"},
      {[](RoleSession& s) { s.policy = std::string(2049, ' '); }, "policy is too long"},
      {[](RoleSession& s) { s.tags.resize(51); }, "50 tags"},
  };
  for (const Case& c : cases) {
    World world;
    RoleSession wanted = session();
    c.change(wanted);
    EXPECT_THAT(assume(world, wanted, {.region = "eu-west-1"}), HasSubstr(c.problem));
    EXPECT_TRUE(world.requests.empty());
  }
  World world;
  EXPECT_THAT(assume(world, session(), {.region = "evil.example/"}), HasSubstr("region"));
}

TEST(AssumeRole, ATokenIsNotToldInErrors) {
  World world;
  world.servers[kSts] = World::always(400, sts_error("InvalidIdentityToken", "bad: SECRET.jwt"));
  const auto result = world.run<Credentials>([&](env::Env env) {
    return assume_role_with_web_identity(env, "SECRET.jwt", session(), {.region = "eu-west-1"});
  });
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code(), ErrorCode::kDenied);
}

}  // namespace
}  // namespace stanch::cloud::aws

#include "cloud/webhook/client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>

#include "codec/base64.h"
#include "env/sim/sim.h"

namespace stanch::cloud::webhook {
namespace {

using codec::JsonValue;
using env::HttpFate;
using env::HttpTurn;
using testing::HasSubstr;
using testing::Not;

// The example of Standard Webhooks.
constexpr const char* kSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
constexpr const char* kUrl = "https://hooks.example.com/PATHSECRET";

class WebhookTest : public ::testing::Test {
 protected:
  WebhookTest() : sim_(1) {
    sim_.script_http([this](const env::HttpRequest& request, Time) {
      requests_.push_back(request);
      return turn_;
    });
  }

  Called call(const std::string& operation, JsonValue::Object parameters,
              const std::string& name = "idp") {
    parameters.emplace("Name", JsonValue(name));
    Called called;
    const auto outcome = sim_.run([&](env::Env env) {
      Client client(env, {{"idp", kUrl}, {"the-desk", "http://127.0.0.1:8099/x"}});
      called = client.call({.service = "webhook",
                            .operation = operation,
                            .parameters = JsonValue(std::move(parameters)),
                            .writes = operation == "Send"});
    });
    EXPECT_EQ(outcome.end, env::End::kFinished) << outcome.message;
    EXPECT_THAT(called.refusal.message, Not(HasSubstr("SECRET")));
    EXPECT_THAT(called.refusal.message, Not(HasSubstr("MfKQ9r8GK")));
    return called;
  }
  Called send(const std::string& name = "idp") {
    return call("Send",
                {{"Id", JsonValue("msg_p5jXN8AQM9LWM0D4loKWxJek")},
                 {"Body", JsonValue(R"({"test": 2432232314})")}},
                name);
  }
  std::string header(std::string_view name) const {
    for (const env::HttpHeader& each : requests_.at(0).headers) {
      if (each.name == name) return each.value;
    }
    return "";
  }

  env::SimWorld sim_;
  std::vector<env::HttpRequest> requests_;
  HttpTurn turn_ = {.response = {.status = 204}};
};

TEST(WebhookSignature, IsThatOfTheExampleOfStandardWebhooks) {
  const std::string key = *codec::decode_base64("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
  EXPECT_EQ(
      signature_of(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, R"({"test": 2432232314})"),
      "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

TEST_F(WebhookTest, SendsAMessageSignedWithItsSecret) {
  sim_.set_variable("STANCH_WEBHOOK_IDP", kSecret);
  const Called called = send();
  ASSERT_TRUE(called.answer) << called.refusal.message;
  EXPECT_EQ(*called.answer->value["Status"].integer(), 204);
  ASSERT_EQ(requests_.size(), 1u);
  EXPECT_EQ(requests_[0].url, kUrl);
  EXPECT_EQ(requests_[0].body, R"({"test": 2432232314})");
  EXPECT_FALSE(requests_[0].plain_http);
  EXPECT_EQ(header("webhook-id"), "msg_p5jXN8AQM9LWM0D4loKWxJek");
  EXPECT_EQ(header("webhook-signature"),
            signature_of(*codec::decode_base64("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
                         "msg_p5jXN8AQM9LWM0D4loKWxJek", std::stoll(header("webhook-timestamp")),
                         R"({"test": 2432232314})"));
}

TEST_F(WebhookTest, ReadsTheSecretFromAFile) {
  sim_.set_variable("STANCH_WEBHOOK_THE_DESK_FILE", "/run/desk");
  sim_.put_file("/run/desk", std::string(kSecret) + "\n");
  EXPECT_TRUE(send("the-desk").answer);
  EXPECT_TRUE(requests_.at(0).plain_http);
}

TEST_F(WebhookTest, SendsNothingUnsigned) {
  for (const char* secret :
       {"", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_c2hvcnQ=", "whsec_not base64"}) {
    sim_.set_variable("STANCH_WEBHOOK_IDP", secret);
    const Called called = send();
    EXPECT_FALSE(called.answer) << secret;
    EXPECT_EQ(called.refusal.code, ErrorCode::kDenied) << secret;
  }
  EXPECT_TRUE(requests_.empty());
}

TEST_F(WebhookTest, TellsWhereANameLeadsButNotThePath) {
  Called called = call("GetWebhook", {});
  ASSERT_TRUE(called.answer);
  EXPECT_EQ(called.answer->value["Host"].string(), "hooks.example.com");
  EXPECT_EQ(called.answer->value["Signed"].boolean(), false);
  EXPECT_THAT(codec::to_json(called.answer->value), Not(HasSubstr("SECRET")));
  sim_.set_variable("STANCH_WEBHOOK_IDP", kSecret);
  EXPECT_EQ(call("GetWebhook", {}).answer->value["Signed"].boolean(), true);
  called = call("GetWebhook", {}, "nobody");
  EXPECT_EQ(called.refusal.provider_code, "NoSuchWebhook");
  EXPECT_TRUE(requests_.empty());
}

TEST_F(WebhookTest, SaysWhatAnAnswerLeavesOpen) {
  sim_.set_variable("STANCH_WEBHOOK_IDP", kSecret);
  const struct {
    HttpTurn turn;
    ErrorCode code;
  } cases[] = {
      {{.response = {.status = 400}}, ErrorCode::kInvalid},
      {{.response = {.status = 308}}, ErrorCode::kInvalid},
      {{.response = {.status = 401}}, ErrorCode::kDenied},
      {{.response = {.status = 410}}, ErrorCode::kNotFound},
      {{.response = {.status = 429, .headers = {{"Retry-After", "7"}}}}, ErrorCode::kThrottled},
      {{.response = {.status = 502}}, ErrorCode::kUnknownOutcome},
      {{.fate = HttpFate::kRefused}, ErrorCode::kUnavailable},
  };
  for (const auto& each : cases) {
    turn_ = each.turn;
    const Called called = send();
    EXPECT_FALSE(called.answer);
    EXPECT_EQ(called.refusal.code, each.code) << each.turn.response.status;
    EXPECT_EQ(called.valid_until != Time{}, each.code == ErrorCode::kUnknownOutcome);
  }
  EXPECT_EQ(requests_.size(), std::size(cases));  // none was sent again
}

TEST(WebhookUrl, IsHttpsUnlessItIsOfThisMachine) {
  for (const char* good : {"https://hooks.example.com/x", "https://10.0.0.7/x",
                           "http://localhost:8080/x", "http://127.0.0.1/x", "http://[::1]:9/x"}) {
    EXPECT_TRUE(check_url(good)) << good;
  }
  for (const char* bad : {"http://hooks.example.com/x", "http://169.254.169.254/x",
                          "http://[fd00:ec2::254]/x", "ftp://localhost/x", "hooks.example.com"}) {
    EXPECT_FALSE(check_url(bad)) << bad;
  }
  EXPECT_TRUE(is_webhook_name("identity-team2"));
  for (const char* bad : {"", "2x", "Team", "a_b", "../x"})
    EXPECT_FALSE(is_webhook_name(bad)) << bad;
}

}  // namespace
}  // namespace stanch::cloud::webhook

#include "cloud/aws/client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>

#include "codec/timestamp.h"
#include "env/sim/sim.h"

namespace stanch::cloud::aws {
namespace {

using codec::JsonValue;
using env::HttpFate;
using env::HttpTurn;
using testing::HasSubstr;
using testing::StartsWith;

HttpTurn answered(int status, std::string body, std::vector<env::HttpHeader> headers = {}) {
  return {.response = {.status = status, .headers = std::move(headers), .body = std::move(body)}};
}

const std::string kDone = "<UpdateAccessKeyResponse><ResponseMetadata/></UpdateAccessKeyResponse>";
const std::string kThrottled =
    "<ErrorResponse><Error><Code>Throttling</Code><Message>m</Message></Error></ErrorResponse>";

class ClientTest : public ::testing::Test {
 protected:
  ClientTest() : sim_(1) {
    sim_.script_http([this](const env::HttpRequest& request, Time) {
      requests_.push_back(request);
      if (turns_.empty()) return HttpTurn{.fate = HttpFate::kRefused};
      HttpTurn turn = turns_.front();
      turns_.pop_front();
      return turn;
    });
  }

  Called call(Call call) {
    Called called;
    const auto outcome = sim_.run([&](env::Env env) {
      Client client(
          env, {.credentials = [](const std::string& account, cloud::Duty) -> Result<Credentials> {
            return Credentials{.access_key_id = "AKIA" + account,
                               .secret_access_key = "SECRET",
                               .session_token = "",
                               .expires = {},
                               .source = ""};
          }});
      if (leave_within_) call.not_after = env.clock.now() + *leave_within_;
      called = client.call(call);
    });
    EXPECT_EQ(outcome.end, env::End::kFinished) << outcome.message;
    return called;
  }

  static Call write() {
    return {.service = "iam",
            .operation = "UpdateAccessKey",
            .account = "111122223333",
            .region = "eu-west-1",
            .parameters = JsonValue(JsonValue::Object{{"UserName", JsonValue("eve")},
                                                      {"AccessKeyId", JsonValue("AKIAX")},
                                                      {"Status", JsonValue("Inactive")}}),
            .token = "",
            .writes = true};
  }
  static Call read() {
    return {.service = "iam",
            .operation = "ListAccessKeys",
            .account = "111122223333",
            .region = "eu-west-1",
            .parameters = JsonValue(JsonValue::Object{{"UserName", JsonValue("eve")}}),
            .token = "",
            .writes = false,
            .all_pages = true};
  }

  env::SimWorld sim_;
  std::deque<HttpTurn> turns_;
  std::vector<env::HttpRequest> requests_;
  std::optional<Duration> leave_within_;
};

TEST_F(ClientTest, SignsForTheServiceAndItsRegion) {
  turns_ = {answered(200, kDone, {{"x-amzn-RequestId", "r-1"}})};
  const Called called = call(write());
  ASSERT_TRUE(called.answer) << called.refusal.message;
  EXPECT_EQ(called.answer->request_id, "r-1");
  ASSERT_EQ(requests_.size(), 1u);
  EXPECT_EQ(requests_[0].url, "https://iam.amazonaws.com/");
  EXPECT_THAT(requests_[0].body, HasSubstr("Action=UpdateAccessKey"));
  std::string authorization;
  for (const auto& header : requests_[0].headers) {
    if (header.name == "Authorization") authorization = header.value;
  }
  EXPECT_THAT(authorization, HasSubstr("Credential=AKIA111122223333/"));
  EXPECT_THAT(authorization, HasSubstr("/us-east-1/iam/aws4_request"));
}

TEST_F(ClientTest, AsksForRegionsAndEndpointsOfOnesOwn) {
  turns_ = {answered(200, "<DescribeInstancesResponse/>"), answered(200, "<X/>")};
  Call call_of{.service = "ec2",
               .operation = "DescribeInstances",
               .account = "1",
               .region = "eu-central-1",
               .parameters = JsonValue(JsonValue::Object())};
  ASSERT_TRUE(call(call_of).answer);
  EXPECT_EQ(requests_[0].url, "https://ec2.eu-central-1.amazonaws.com/");
  sim_.set_variable("AWS_ENDPOINT_URL", "http://127.0.0.1:5000");
  ASSERT_TRUE(call(call_of).answer);
  EXPECT_EQ(requests_[1].url, "http://127.0.0.1:5000/");
  EXPECT_TRUE(requests_[1].plain_http);
}

TEST_F(ClientTest, WritesAreRepeatedOnlyIfTheyNeverLeft) {
  const struct {
    const char* name;
    std::vector<HttpTurn> turns;
    size_t sent;
    std::optional<ErrorCode> code;  // of the refusal; none: it was answered
  } cases[] = {
      {"throttled", {answered(400, kThrottled), answered(200, kDone)}, 1, ErrorCode::kThrottled},
      {"never left", {{.fate = HttpFate::kRefused}, answered(200, kDone)}, 2, {}},
      {"refused for ever", {}, 5, ErrorCode::kUnavailable},
      {"answer lost", {{.fate = HttpFate::kAnswerLost}}, 1, ErrorCode::kUnknownOutcome},
      {"500", {answered(500, "")}, 1, ErrorCode::kUnknownOutcome},
      {"503", {answered(503, "<html>")}, 1, ErrorCode::kUnknownOutcome},
      {"denied",
       {answered(403, "<ErrorResponse><Error><Code>AccessDenied</Code></Error></ErrorResponse>")},
       1,
       ErrorCode::kDenied},
      {"no such thing",
       {answered(404, "<ErrorResponse><Error><Code>NoSuchEntity</Code></Error></ErrorResponse>")},
       1,
       ErrorCode::kNotFound},
  };
  for (const auto& each : cases) {
    requests_.clear();
    turns_.assign(each.turns.begin(), each.turns.end());
    const Called called = call(write());
    EXPECT_EQ(requests_.size(), each.sent) << each.name;
    EXPECT_EQ(called.answer.has_value(), !each.code.has_value()) << each.name;
    if (!each.code) continue;
    EXPECT_EQ(called.refusal.code, *each.code) << each.name << ": " << called.refusal.message;
    // Whoever takes over waits for as long as the provider may still take it up.
    EXPECT_EQ(called.valid_until > Time{}, each.code == ErrorCode::kUnknownOutcome) << each.name;
  }
}

TEST_F(ClientTest, ReadsAreAskedAgain) {
  const std::string page =
      "<ListAccessKeysResponse><ListAccessKeysResult><AccessKeyMetadata/>"
      "</ListAccessKeysResult></ListAccessKeysResponse>";
  turns_ = {{.fate = HttpFate::kAnswerLost}, answered(500, ""), answered(200, page)};
  EXPECT_TRUE(call(read()).answer);
  EXPECT_EQ(requests_.size(), 3u);
}

std::string page_of(const std::string& key, const std::string& marker) {
  return "<ListAccessKeysResponse><ListAccessKeysResult><AccessKeyMetadata><member><AccessKeyId>" +
         key + "</AccessKeyId></member></AccessKeyMetadata><IsTruncated>" +
         (marker.empty() ? "false" : "true") + "</IsTruncated>" +
         (marker.empty() ? "" : "<Marker>" + marker + "</Marker>") +
         "</ListAccessKeysResult></ListAccessKeysResponse>";
}

TEST_F(ClientTest, PagesAreOneAnswer) {
  turns_ = {answered(200, page_of("A", "m1")), answered(200, page_of("B", "m2")),
            answered(200, page_of("C", ""))};
  const Called called = call(read());
  ASSERT_TRUE(called.answer);
  std::string keys;
  for (const JsonValue& key : called.answer->value["AccessKeyMetadata"].array()) {
    keys += key["AccessKeyId"].string();
  }
  EXPECT_EQ(keys, "ABC");
  EXPECT_THAT(requests_[1].body, HasSubstr("Marker=m1"));
  EXPECT_THAT(requests_[2].body, HasSubstr("Marker=m2"));

  turns_ = {answered(200, page_of("A", "m")), answered(200, page_of("B", "m"))};
  EXPECT_EQ(call(read()).refusal.code, ErrorCode::kCorrupt);
  // A page that fails is no shorter answer.
  turns_ = {
      answered(200, page_of("A", "m")),
      answered(403, "<ErrorResponse><Error><Code>AccessDenied</Code></Error></ErrorResponse>")};
  EXPECT_FALSE(call(read()).answer);
}

TEST_F(ClientTest, AClockThatIsOffIsSetOnce) {
  const std::string skewed =
      "<ErrorResponse><Error><Code>RequestTimeTooSkewed</Code></Error></ErrorResponse>";
  const std::vector<env::HttpHeader> date = {{"Date", "Sun, 01 Mar 2037 02:03:04 GMT"}};
  turns_ = {answered(403, skewed, date), answered(200, kDone)};
  EXPECT_TRUE(call(write()).answer);
  ASSERT_EQ(requests_.size(), 2u);
  const auto date_of = [](const env::HttpRequest& request) {
    for (const auto& header : request.headers) {
      if (header.name == "x-amz-date" || header.name == "X-Amz-Date") return header.value;
    }
    return std::string();
  };
  EXPECT_THAT(date_of(requests_[0]), testing::Not(StartsWith("20370301T0203")));
  EXPECT_THAT(date_of(requests_[1]), StartsWith("20370301T0203"));
  turns_ = {answered(403, skewed, date), answered(403, skewed, date)};
  EXPECT_EQ(call(write()).refusal.code, ErrorCode::kDenied);
}

// Whoever was stopped for long before its call left must look again: nothing leaves late, not even
// as a second attempt.
TEST_F(ClientTest, NothingLeavesAfterItsTime) {
  leave_within_ = std::chrono::seconds(-1);
  EXPECT_EQ(call(write()).refusal.code, ErrorCode::kUnavailable);
  EXPECT_TRUE(requests_.empty());
  for (int i = 0; i < 5; ++i) turns_.push_back({.fate = HttpFate::kRefused});
  for (HttpTurn& turn : turns_) turn.takes = std::chrono::seconds(20);
  leave_within_ = std::chrono::seconds(30);
  EXPECT_EQ(call(write()).refusal.code, ErrorCode::kUnavailable);
  EXPECT_EQ(requests_.size(), 2u);
}

TEST_F(ClientTest, RefusesWhatIsNotInTheTableAndWhatItDoesNotTake) {
  Call unknown = write();
  unknown.operation = "DeleteEverything";
  EXPECT_EQ(call(unknown).refusal.code, ErrorCode::kInvalid);
  Call wrong = write();
  wrong.parameters.object().erase("Status");
  EXPECT_THAT(call(wrong).refusal.message,
              HasSubstr("iam.UpdateAccessKey: Status: it is required"));
  EXPECT_TRUE(requests_.empty());
}

}  // namespace
}  // namespace stanch::cloud::aws

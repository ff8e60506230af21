#include "cloud/aws/client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <functional>
#include <map>
#include <memory>

#include "cloud/retries.h"
#include "codec/timestamp.h"
#include "env/sim/sim.h"

namespace stanch::cloud::aws {
namespace {

using codec::JsonValue;
using env::HttpFate;
using env::HttpTurn;
using std::chrono::milliseconds;
using std::chrono::seconds;
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
    sim_.script_http([this](const env::HttpRequest& request, Time now) {
      requests_.push_back(request);
      times_.push_back(now);
      if (turns_.empty()) return HttpTurn{.fate = HttpFate::kRefused};
      HttpTurn turn = turns_.front();
      turns_.pop_front();
      return turn;
    });
  }

  // With one client, in one run.
  void with_client(const std::function<void(env::Env, Client&)>& program) {
    const auto outcome = sim_.run([&](env::Env env) {
      Client client(
          env, {.credentials = [](const std::string& account, cloud::Duty) -> Result<Credentials> {
            return Credentials{.access_key_id = "AKIA" + account,
                               .secret_access_key = "SECRET",
                               .session_token = "",
                               .expires = {},
                               .source = ""};
          }});
      program(env, client);
    });
    EXPECT_EQ(outcome.end, env::End::kFinished) << outcome.message;
  }

  Called call(Call call) {
    Called called;
    with_client([&](env::Env env, Client& client) {
      if (leave_within_) call.not_after = env.clock.now() + *leave_within_;
      called = client.call(call);
    });
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
  std::vector<Time> times_;  // of these
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

// S3 says 200 before it knows; but what somebody wrote into an object is no answer of S3.
TEST_F(ClientTest, AnErrorMayComeWith200) {
  const std::string error = "<Error><Code>InternalError</Code><Message>We erred.</Message></Error>";
  turns_ = {answered(200, error), answered(200, error)};
  Call call_of{
      .service = "s3",
      .operation = "CopyObject",
      .account = "111122223333",
      .region = "eu-west-1",
      .parameters = JsonValue(JsonValue::Object{
          {"Bucket", JsonValue("b")}, {"Key", JsonValue("k")}, {"CopySource", JsonValue("a/k")}}),
      .writes = true};
  const Called called = call(call_of);
  ASSERT_FALSE(called.answer);
  EXPECT_EQ(called.refusal.code, ErrorCode::kUnknownOutcome);
  EXPECT_EQ(called.refusal.provider_code, "InternalError");
  EXPECT_EQ(called.refusal.message, "s3.CopyObject: InternalError: We erred.");
  call_of.operation = "GetObject";
  call_of.writes = false;
  call_of.parameters.object().erase("CopySource");
  EXPECT_TRUE(call(call_of).answer);
}

// Read as an answer, it would say that there is nothing: no policy, no instance.
TEST_F(ClientTest, AnErrorWith200IsNoEmptyAnswer) {
  const struct {
    const char *service, *operation, *body;
    JsonValue::Object parameters;
  } cases[] = {
      {"s3",
       "GetBucketPolicy",
       "<Error><Code>SlowDown</Code></Error>",
       {{"Bucket", JsonValue("b")}}},
      {"ec2",
       "DescribeInstances",
       "<Response><Errors><Error><Code>SlowDown</Code></Error></Errors></Response>",
       {}},
      {"iam",
       "ListAccessKeys",
       "<ErrorResponse><Error><Code>SlowDown</Code></Error></ErrorResponse>",
       {}},
      {"organizations", "DescribeOrganization", R"({"__type":"SlowDown","message":"m"})", {}},
  };
  for (const auto& each : cases) {
    turns_ = {answered(200, each.body), answered(200, each.body), answered(200, each.body),
              answered(200, each.body), answered(200, each.body)};
    const Called called = call({.service = each.service,
                                .operation = each.operation,
                                .account = "1",
                                .region = "eu-west-1",
                                .parameters = JsonValue(each.parameters)});
    ASSERT_FALSE(called.answer) << each.operation;
    EXPECT_EQ(called.refusal.provider_code, "SlowDown") << each.operation;
  }
  // One that stands deeper is part of an answer.
  turns_ = {answered(200, R"({"Organization":{"Id":"o-1","Arn":"__type"},"x":{"__type":"y"}})")};
  EXPECT_TRUE(call({.service = "organizations",
                    .operation = "DescribeOrganization",
                    .account = "1",
                    .region = "eu-west-1",
                    .parameters = JsonValue(JsonValue::Object())})
                  .answer);
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

Call bucket_call(const std::string& bucket, bool writes = false) {
  Call call{.service = "s3",
            .operation = writes ? "PutBucketPolicy" : "GetBucketPolicy",
            .account = "1",
            .region = "us-east-1",
            .parameters = JsonValue(JsonValue::Object{{"Bucket", JsonValue(bucket)}}),
            .token = "",
            .writes = writes};
  if (writes) call.parameters.object().emplace("Policy", JsonValue("{}"));
  return call;
}

std::string signed_region(const env::HttpRequest& request) {
  for (const auto& header : request.headers) {
    if (header.name != "Authorization") continue;
    const size_t end = header.value.find("/s3/aws4_request");
    const size_t begin = header.value.rfind('/', end - 1) + 1;
    return header.value.substr(begin, end - begin);
  }
  return "";
}

TEST_F(ClientTest, GoesToTheRegionOfABucketOnce) {
  const std::vector<env::HttpHeader> there = {{"x-amz-bucket-region", "eu-central-1"}};
  const std::string moved =
      "<Error><Code>PermanentRedirect</Code>"
      "<Endpoint>evil.example</Endpoint></Error>";
  const std::string malformed =
      "<Error><Code>AuthorizationHeaderMalformed</Code>"
      "<Region>eu-central-1</Region></Error>";
  const struct {
    const char* name;
    HttpTurn turn;
  } cases[] = {
      {"301", answered(301, moved, there)},
      {"307", answered(307, "<Error><Code>TemporaryRedirect</Code></Error>", there)},
      {"400", answered(400, malformed)},
      {"no body", answered(400, "", there)},
  };
  for (const auto& each : cases) {
    for (const bool writes : {false, true}) {
      SCOPED_TRACE(each.name);
      requests_.clear();
      turns_ = {each.turn, answered(200, "{}"), answered(200, "{}"), answered(200, "{}")};
      with_client([&](env::Env, Client& client) {
        EXPECT_TRUE(client.call(bucket_call("acme", writes)).answer);
        EXPECT_TRUE(client.call(bucket_call("acme", writes)).answer) << "it is remembered";
        EXPECT_TRUE(client.call(bucket_call("other", writes)).answer);
      });
      ASSERT_EQ(requests_.size(), 4u);
      std::string regions;
      for (const auto& request : requests_) regions += signed_region(request) + " ";
      EXPECT_EQ(regions, "us-east-1 eu-central-1 eu-central-1 us-east-1 ");
      EXPECT_THAT(requests_[0].url, StartsWith("https://s3.us-east-1.amazonaws.com/acme"));
      EXPECT_THAT(requests_[1].url, StartsWith("https://s3.eu-central-1.amazonaws.com/acme"));
    }
  }
}

TEST_F(ClientTest, GoesNowhereElseForABucket) {
  const auto said = [](int status, const std::string& region) {
    return answered(status, "<Error><Code>PermanentRedirect</Code></Error>",
                    {{"x-amz-bucket-region", region}});
  };
  const struct {
    const char* name;
    std::vector<HttpTurn> turns;
    size_t sent;
  } cases[] = {
      {"a second time", {said(301, "eu-west-1"), said(301, "eu-west-2")}, 2},
      {"where it was", {said(301, "us-east-1")}, 1},
      {"another partition", {said(301, "cn-north-1")}, 1},
      {"GovCloud", {said(301, "us-gov-west-1")}, 1},
      {"no region", {said(301, "evil.example/")}, 1},
      {"nothing said", {answered(301, "<Error><Code>PermanentRedirect</Code></Error>")}, 1},
      {"another error", {said(403, "eu-west-1")}, 1},
      {"a bad request",
       {answered(400, "<Error><Code>InvalidRequest</Code></Error>",
                 {{"x-amz-bucket-region", "eu-west-1"}})},
       1},
  };
  for (const auto& each : cases) {
    SCOPED_TRACE(each.name);
    requests_.clear();
    turns_ = {each.turns.begin(), each.turns.end()};
    const Called called = call(bucket_call("acme"));
    EXPECT_FALSE(called.answer);
    EXPECT_EQ(requests_.size(), each.sent);
  }
}

TEST_F(ClientTest, RemembersSoManyBucketsAndNoMore) {
  with_client([&](env::Env, Client& client) {
    const auto ask = [&](size_t number) {
      turns_ = {answered(301, "", {{"x-amz-bucket-region", "eu-west-1"}}), answered(200, "{}")};
      requests_.clear();
      EXPECT_TRUE(client.call(bucket_call("b" + std::to_string(number))).answer ||
                  requests_.size() == 1);
      return requests_.size();
    };
    for (size_t i = 0; i < Client::kBucketsMax; ++i) EXPECT_EQ(ask(i), 2u);
    EXPECT_EQ(ask(0), 1u);
    EXPECT_EQ(ask(Client::kBucketsMax), 2u);
    EXPECT_EQ(ask(0), 2u) << "it was forgotten";
  });
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

TEST_F(ClientTest, IsNotBackBeforeItIsAskedTo) {
  const std::string page = page_of("A", "");
  const struct {
    const char* name;
    HttpTurn refusal;
    Duration least, most;
  } cases[] = {
      {"429", answered(429, "", {{"Retry-After", "7"}}), seconds(7), seconds(8)},
      {"503", answered(503, "", {{"retry-after", "7"}}), seconds(7), seconds(8)},
      {"throttled", answered(400, kThrottled, {{"X-Amz-Retry-After", "7000"}}), seconds(7),
       seconds(8)},
      {"longer than it waits", answered(429, "", {{"Retry-After", "3000"}}), kPauseMax,
       kPauseMax + seconds(1)},
      {"nobody can mean it", answered(429, "", {{"Retry-After", "300000"}}), {}, seconds(3)},
      {"not said", answered(429, ""), {}, seconds(3)},
  };
  for (const auto& each : cases) {
    times_.clear();
    turns_ = {each.refusal, answered(200, page)};
    EXPECT_TRUE(call(read()).answer) << each.name;
    ASSERT_EQ(times_.size(), 2u) << each.name;
    EXPECT_GE(span_of(times_[0], times_[1]), each.least) << each.name;
    EXPECT_LE(span_of(times_[0], times_[1]), each.most) << each.name;
  }
}

// A write is its caller's to send again, and so is the waiting.
TEST_F(ClientTest, TellsWhatItIsAskedTo) {
  turns_ = {answered(429, "", {{"Retry-After", "7"}}), answered(503, "", {{"Retry-After", "9"}}),
            answered(404, "", {{"Retry-After", "9"}})};
  EXPECT_EQ(call(write()).refusal.retry_after, seconds(7));
  EXPECT_EQ(call(write()).refusal.retry_after, seconds(9));
  EXPECT_EQ(call(write()).refusal.retry_after, Duration{});
  EXPECT_EQ(requests_.size(), 3u);
}

TEST_F(ClientTest, DoesNotWaitPastItsTime) {
  turns_ = {answered(429, "", {{"Retry-After", "20"}}), answered(200, page_of("A", ""))};
  leave_within_ = seconds(10);
  EXPECT_EQ(call(read()).refusal.code, ErrorCode::kThrottled);
  EXPECT_EQ(requests_.size(), 1u);
}

// Eight that list keys while IAM is slow, and one of evidence that comes after them: it has not met
// the slowness, so it goes at once. In another account nobody waits.
TEST_F(ClientTest, SlowsDownTogetherButForEvidence) {
  std::map<std::string, Duration> took;  // by account; "evidence"
  with_client([&](env::Env env, Client& client) {
    turns_ = {answered(429, "")};
    const auto timed = [&](const std::string& name, const Call& call) {
      turns_.push_back(answered(200, page_of("A", "")));
      const Steady begin = env.clock.steady();
      EXPECT_TRUE(client.call(call).answer) << name;
      took[name] = env.clock.steady() - begin;
    };
    timed("first", read());
    std::vector<std::unique_ptr<env::Thread>> threads;
    for (int i = 0; i < 8; ++i) {
      threads.push_back(env.threads.start("reader", [&, i] { timed(std::to_string(i), read()); }));
    }
    env.clock.sleep(milliseconds(100));
    Call evidence = read(), other = read();
    evidence.is_evidence = true;
    other.account = "444455556666";
    timed("evidence", evidence);
    timed("other", other);
    for (const auto& thread : threads) thread->join();
  });
  Duration longest{};
  for (const auto& [name, span] : took) longest = std::max(longest, span);
  EXPECT_GE(longest, seconds(4));  // without a pace they would all be there at once
  EXPECT_LE(longest, seconds(20));
  EXPECT_LE(took.at("evidence"), milliseconds(100));
  EXPECT_LE(took.at("other"), milliseconds(100));
}

TEST_F(ClientTest, AWriteThatHasNoTurnInItsTimeIsNotSent) {
  with_client([&](env::Env env, Client& client) {
    for (int i = 0; i < 6; ++i) turns_.push_back(answered(400, kThrottled));
    Call call = write();
    for (int i = 0; i < 6; ++i) {
      call.not_after = env.clock.now() + seconds(20);
      EXPECT_EQ(client.call(call).refusal.code, ErrorCode::kThrottled);
    }
    EXPECT_EQ(requests_.size(), 6u);
    call.not_after = env.clock.now() + milliseconds(500);
    const Called called = client.call(call);
    EXPECT_EQ(called.refusal.code, ErrorCode::kThrottled);
    EXPECT_EQ(called.valid_until, Time{});
    EXPECT_THAT(called.refusal.message, HasSubstr("iam lets no more through"));
    EXPECT_EQ(requests_.size(), 6u);
  });
}

// Each read that fails takes 4 retries; what does not answer at all takes twice as much.
TEST_F(ClientTest, AsksNoLongerAgainOnceNothingSucceeds) {
  for (const bool is_answered : {true, false}) {
    with_client([&](env::Env env, Client& client) {
      const size_t fail = is_answered ? 25 : 12;
      requests_.clear();
      turns_.assign(200, is_answered ? answered(500, "") : HttpTurn{.fate = HttpFate::kRefused});
      for (size_t i = 0; i < fail; ++i) EXPECT_FALSE(client.call(read()).answer);
      EXPECT_EQ(requests_.size(), fail * kAttemptsMax);
      requests_.clear();
      EXPECT_FALSE(client.call(read()).answer);
      EXPECT_EQ(requests_.size(), is_answered ? 1u : 3u);
      // Evidence has retries of its own.
      Call evidence = read();
      evidence.is_evidence = true;
      requests_.clear();
      EXPECT_FALSE(client.call(evidence).answer);
      EXPECT_EQ(requests_.size(), 5u);
      // What succeeds gives back.
      for (int i = 0; i < RetryQuota::kCostWithoutAnswer; ++i) {
        turns_.push_front(answered(200, page_of("A", "")));
        EXPECT_TRUE(client.call(read()).answer);
      }
      requests_.clear();
      EXPECT_FALSE(client.call(read()).answer);
      EXPECT_EQ(requests_.size(), is_answered ? 3u : 2u);
      (void)env;
    });
  }
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

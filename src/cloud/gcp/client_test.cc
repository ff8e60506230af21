#include "cloud/gcp/client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>

#include "cloud/world_for_test.h"

namespace stanch::cloud::gcp {
namespace {

using codec::JsonValue;
using env::HttpFate;
using env::HttpTurn;
using testing::ElementsAre;
using testing::HasSubstr;

HttpTurn answered(int status, std::string body) {
  return {.response = {.status = status, .body = std::move(body)}};
}

class GoogleClient : public ::testing::Test {
 protected:
  GoogleClient() : sim_(1) {
    sim_.script_http([this](const env::HttpRequest& request, Time) {
      requests_.push_back(request.method + " " + request.url);
      sent_.push_back(request);
      if (turns_.empty()) return HttpTurn{.fate = HttpFate::kRefused};
      HttpTurn turn = turns_.front();
      turns_.pop_front();
      return turn;
    });
  }

  Called call(const Call& call) {
    Called called;
    const auto outcome = sim_.run([&](env::Env env) {
      Client client(env, {.token = [&](const TokenAsk& ask) -> Result<Token> {
                      asked_.push_back(ask.account + " " + ask.audience);
                      return Token{.value = "SECRET-1", .expires = {}, .source = "test"};
                    }});
      called = client.call(call);
    });
    EXPECT_EQ(outcome.end, env::End::kFinished) << outcome.message;
    World::expect_no_secret(called.refusal.message + called.refusal.provider_code);
    return called;
  }

  static JsonValue json(const char* text) {
    codec::JsonParser parser;
    return JsonValue::of(parser.parse(text));
  }
  static Call set_tags() {
    return {.service = "gcp-compute",
            .operation = "instances.setTags",
            .account = "proj",
            .parameters = json(R"({"zone":"z","instance":"vm",)"
                               R"("body":{"items":["quarantine"],"fingerprint":"f1"}})"),
            .token = "plan step",
            .writes = true};
  }

  env::SimWorld sim_;
  std::deque<HttpTurn> turns_;
  std::vector<std::string> requests_, asked_;
  std::vector<env::HttpRequest> sent_;
};

TEST_F(GoogleClient, ChangesWhatHasTheFingerprintAndWaits) {
  turns_ = {answered(200, R"({"name":"operation-1","status":"RUNNING"})"),
            answered(200, R"({"name":"operation-1","status":"RUNNING"})"),
            answered(200, R"({"name":"operation-1","status":"DONE","targetId":"7"})")};
  const Called called = call(set_tags());
  ASSERT_TRUE(called.answer) << called.refusal.message;
  EXPECT_EQ(called.answer->value["targetId"].text_or_empty(), "7");
  EXPECT_THAT(requests_[0],
              testing::StartsWith("POST https://compute.googleapis.com/compute/v1/projects/proj/"
                                  "zones/z/instances/vm/setTags?requestId="));
  EXPECT_EQ(requests_[1],
            "GET https://compute.googleapis.com/compute/v1/projects/proj/zones/z/operations/"
            "operation-1");
  EXPECT_EQ(sent_[0].body, R"({"fingerprint":"f1","items":["quarantine"]})");
  EXPECT_EQ(World::header(sent_[0], "Authorization"), "Bearer SECRET-1");
  EXPECT_EQ(asked_[0], "proj https://www.googleapis.com/auth/cloud-platform");
}

TEST_F(GoogleClient, AConflictIsNoFailure) {
  turns_ = {answered(412, R"({"error":{"errors":[{"reason":"conditionNotMet"}],"message":"m"}})")};
  EXPECT_EQ(call(set_tags()).refusal.code, ErrorCode::kConflict);
  turns_ = {answered(200, R"({"name":"o","status":"DONE","error":{"errors":[)"
                          R"({"code":"CONDITION_NOT_MET","message":"m"}]}})"),
            answered(200, R"({"name":"o","status":"DONE","error":{"errors":[)"
                          R"({"code":"CONDITION_NOT_MET","message":"m"}]}})")};
  // Of what was accepted some may have been done.
  const Called failed = call(set_tags());
  EXPECT_EQ(failed.refusal.code, ErrorCode::kUnknownOutcome);
  EXPECT_THAT(failed.refusal.message, HasSubstr("it was accepted, and failed: CONDITION_NOT_MET"));
  turns_ = {answered(200, R"({"name":"../../o","status":"RUNNING"})")};
  EXPECT_THAT(call(set_tags()).refusal.message, HasSubstr("would be said elsewhere"));
}

TEST_F(GoogleClient, WritesAreRepeatedOnlyIfTheyNeverLeft) {
  const struct {
    std::vector<HttpTurn> turns;
    size_t sent;
    std::optional<ErrorCode> code;
  } cases[] = {
      {{{.fate = HttpFate::kRefused}, answered(200, R"({"status":"DONE"})")}, 2, {}},
      {{{.fate = HttpFate::kAnswerLost}}, 1, ErrorCode::kUnknownOutcome},
      {{answered(503, "")}, 1, ErrorCode::kUnknownOutcome},
      {{answered(403, R"({"error":{"errors":[{"reason":"rateLimitExceeded"}]}})")},
       1,
       ErrorCode::kThrottled},
  };
  for (const auto& each : cases) {
    requests_.clear();
    turns_.assign(each.turns.begin(), each.turns.end());
    const Called called = call(set_tags());
    EXPECT_EQ(requests_.size(), each.sent);
    EXPECT_EQ(called.answer.has_value(), !each.code.has_value());
    if (each.code) {
      EXPECT_EQ(called.refusal.code, *each.code);
    }
  }
}

TEST_F(GoogleClient, PagesFollowTheirTokens) {
  turns_ = {answered(200, R"({"items":[1],"nextPageToken":"a b"})"),
            answered(200, R"({"nextPageToken":"c"})"), answered(200, R"({"items":[2]})")};
  const Called called = call({.service = "gcp-compute",
                              .operation = "firewalls.list",
                              .account = "proj",
                              .all_pages = true});
  ASSERT_TRUE(called.answer) << called.refusal.message;
  EXPECT_EQ(to_json(called.answer->value["items"]), "[1,2]");
  EXPECT_THAT(requests_[1], HasSubstr("/projects/proj/global/firewalls?pageToken=a%20b"));
}

TEST_F(GoogleClient, NamesOfResourcesKeepTheirForm) {
  turns_.assign(3, answered(200, "{}"));
  EXPECT_TRUE(call({.service = "gcp-iam",
                    .operation = "projects.serviceAccounts.disable",
                    .account = "proj",
                    .parameters = json(R"({"name":"projects/proj/serviceAccounts/a@b.example"})"),
                    .writes = true})
                  .answer);
  EXPECT_TRUE(call({.service = "gcp-iam-deny",
                    .operation = "policies.get",
                    .account = "proj",
                    .parameters = json(R"({"attachedTo":"projects/proj","policy":"stanch-1"})")})
                  .answer);
  EXPECT_TRUE(call({.service = "workspace-directory",
                    .operation = "users.signOut",
                    .account = "C1",
                    .parameters = json(R"({"userKey":"eve@x.example"})"),
                    .writes = true})
                  .answer);
  EXPECT_THAT(
      requests_,
      ElementsAre(
          "POST https://iam.googleapis.com/v1/projects/proj/serviceAccounts/a%40b.example:disable",
          "GET https://iam.googleapis.com/v2/policies/"
          "cloudresourcemanager.googleapis.com%2Fprojects%2Fproj/denypolicies/stanch-1",
          "POST https://admin.googleapis.com/admin/directory/v1/users/eve%40x.example/signOut"));
  EXPECT_THAT(asked_.back(), HasSubstr("admin.directory.user.security"));
}

TEST_F(GoogleClient, RefusesWhatIsNotMeantBeforeItLeaves) {
  Call other = set_tags();
  other.account = "other";
  other.parameters.object().emplace("project", JsonValue("proj"));
  EXPECT_THAT(call(other).refusal.message, HasSubstr("in another project than other"));
  Call wrong = set_tags();
  wrong.parameters.object()["body"] = json(R"({"itmes":[]})");
  EXPECT_THAT(call(wrong).refusal.message, HasSubstr("body.itmes: there is no such parameter"));
  Call path = set_tags();
  path.parameters.object()["instance"] = JsonValue("../x");
  EXPECT_THAT(call(path).refusal.message, HasSubstr("cannot be a part of a path"));
  EXPECT_EQ(call({.service = "graph", .operation = "users.get"}).refusal.code, ErrorCode::kInvalid);
  EXPECT_TRUE(requests_.empty());
}

}  // namespace
}  // namespace stanch::cloud::gcp

#include "cloud/azure/client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <functional>

#include "cloud/world_for_test.h"

namespace stanch::cloud::azure {
namespace {

using codec::JsonValue;
using env::HttpFate;
using env::HttpTurn;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;

const std::string kArm = "https://management.azure.com";
const std::string kVm =
    "/subscriptions/sub-1/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/vm";
const std::string kNic =
    "/subscriptions/sub-1/resourceGroups/rg/providers/Microsoft.Network/networkInterfaces/nic";

HttpTurn answered(int status, std::string body, std::vector<env::HttpHeader> headers = {}) {
  return {.response = {.status = status, .headers = std::move(headers), .body = std::move(body)}};
}
HttpTurn refused(int status, const std::string& code) {
  return answered(status, R"({"error":{"code":")" + code + R"(","message":"why"}})");
}

class AzureClient : public ::testing::Test {
 protected:
  AzureClient() : sim_(1) {
    sim_.script_http([this](const env::HttpRequest& request, Time now) {
      requests_.push_back(request.method + " " + request.url);
      sent_.push_back(request);
      times_.push_back(now);
      if (turns_.empty()) return HttpTurn{.fate = HttpFate::kRefused};
      HttpTurn turn = turns_.front();
      turns_.pop_front();
      return turn;
    });
  }

  Called call(Call call) {
    Called called;
    const auto outcome = sim_.run([&](env::Env env) {
      const auto cloud = cloud_of(env.variables);
      ASSERT_TRUE(cloud);
      Client client(env, *cloud,
                    {.token = [&](const TokenAsk& ask) -> Result<Token> {
                       asked_.push_back(ask.account + " " + ask.audience);
                       return Token{.value = "SECRET-" + std::to_string(tokens_),
                                    .expires = {},
                                    .source = "test"};
                     },
                     .refused = [&](const TokenAsk&, const Token&) { ++tokens_; }});
      if (leave_within_) call.not_after = env.clock.now() + *leave_within_;
      called = client.call(call);
    });
    EXPECT_EQ(outcome.end, env::End::kFinished) << outcome.message;
    World::expect_no_secret(called.refusal.message + called.refusal.provider_code);
    return called;
  }

  static Call deallocate() {
    return {.service = "azure-compute",
            .operation = "virtualMachines.deallocate",
            .account = "sub-1",
            .parameters = JsonValue(JsonValue::Object{{"id", JsonValue(kVm)}}),
            .writes = true};
  }
  static Call put_nic() {
    return {.service = "azure-network",
            .operation = "networkInterfaces.createOrUpdate",
            .account = "sub-1",
            .parameters = JsonValue(JsonValue::Object{
                {"id", JsonValue(kNic)},
                {"ifMatch", JsonValue("W/\"1\"")},
                {"body", JsonValue(JsonValue::Object{{"location", JsonValue("westeurope")}})}}),
            .writes = true};
  }
  static Call get_vm() {
    return {.service = "azure-compute",
            .operation = "virtualMachines.get",
            .account = "sub-1",
            .parameters = JsonValue(JsonValue::Object{{"id", JsonValue(kVm)}})};
  }
  static Call list_users() {
    return {.service = "graph",
            .operation = "groups.listMembers",
            .account = "tenant-1",
            .parameters = JsonValue(JsonValue::Object{{"groupId", JsonValue("g 1")}}),
            .all_pages = true};
  }

  env::SimWorld sim_;
  std::deque<HttpTurn> turns_;
  std::vector<std::string> requests_, asked_;
  std::vector<env::HttpRequest> sent_;
  std::vector<Time> times_;
  int tokens_ = 1;
  std::optional<Duration> leave_within_;
};

TEST_F(AzureClient, AsksTheEndpointThatIsMeantWithItsToken) {
  turns_ = {answered(200, R"({"name":"vm","properties":{"x":1}})",
                     {{"x-ms-correlation-request-id", "r-1"}}),
            answered(200, R"({"value":[]})", {{"request-id", "r-2"}})};
  const Called vm = call(get_vm());
  ASSERT_TRUE(vm.answer) << vm.refusal.message;
  EXPECT_EQ(to_json(vm.answer->value), R"({"name":"vm","properties":{"x":1}})");
  EXPECT_EQ(vm.answer->request_id, "r-1");
  EXPECT_EQ(call(list_users()).answer->request_id, "r-2");
  EXPECT_THAT(requests_, ElementsAre("GET " + kArm + kVm + "?api-version=2026-04-01",
                                     "GET https://graph.microsoft.com/v1.0/groups/g%201/members"));
  EXPECT_THAT(asked_, ElementsAre("sub-1 https://management.azure.com",
                                  "tenant-1 https://graph.microsoft.com"));
  EXPECT_EQ(World::header(sent_[0], "Authorization"), "Bearer SECRET-1");
}

TEST_F(AzureClient, ChangesOnlyWhatIsInTheSubscriptionOfTheCall) {
  Call elsewhere = deallocate();
  elsewhere.account = "sub-2";
  const Called called = call(elsewhere);
  EXPECT_EQ(called.refusal.code, ErrorCode::kInvalid);
  EXPECT_THAT(called.refusal.message, HasSubstr("in another subscription than sub-2"));
  Call all{.service = "azure-compute", .operation = "virtualMachines.listAll", .account = "sub-1"};
  turns_ = {answered(200, R"({"value":[]})")};
  const Called listed = call(all);
  EXPECT_TRUE(listed.answer) << listed.refusal.message;
  EXPECT_THAT(requests_,
              ElementsAre("GET " + kArm +
                          "/subscriptions/sub-1/providers/Microsoft.Compute/virtualMachines"
                          "?api-version=2026-04-01"));
}

TEST_F(AzureClient, WritesAreRepeatedOnlyIfTheyDidNothing) {
  const struct {
    const char* name;
    std::vector<HttpTurn> turns;
    size_t sent;
    std::optional<ErrorCode> code;  // of the refusal; none: it was answered
  } cases[] = {
      {"done", {answered(200, "")}, 1, {}},
      {"throttled", {refused(429, "TooManyRequests"), answered(200, "")}, 1, ErrorCode::kThrottled},
      {"never left", {{.fate = HttpFate::kRefused}, answered(200, "")}, 2, {}},
      {"refused for ever", {}, 5, ErrorCode::kUnavailable},
      {"answer lost", {{.fate = HttpFate::kAnswerLost}}, 1, ErrorCode::kUnknownOutcome},
      {"500", {answered(500, "")}, 1, ErrorCode::kUnknownOutcome},
      {"503", {answered(503, "<html>")}, 1, ErrorCode::kUnknownOutcome},
      {"another token is good",
       {refused(401, "ExpiredAuthenticationToken"), answered(200, "")},
       2,
       {}},
      {"no token is good",
       {refused(401, "InvalidAuthenticationToken"), refused(401, "InvalidAuthenticationToken")},
       2,
       ErrorCode::kDenied},
      {"denied", {refused(403, "AuthorizationFailed")}, 1, ErrorCode::kDenied},
      {"locked", {refused(409, "ScopeLocked")}, 1, ErrorCode::kDenied},
      {"changed meanwhile", {refused(412, "PreconditionFailed")}, 1, ErrorCode::kConflict},
      {"no such thing", {refused(404, "ResourceNotFound")}, 1, ErrorCode::kNotFound},
      {"done, and nobody knows what came",
       {answered(200, "<html>")},
       1,
       ErrorCode::kUnknownOutcome},
  };
  for (const auto& each : cases) {
    requests_.clear();
    turns_.assign(each.turns.begin(), each.turns.end());
    const Called called = call(deallocate());
    EXPECT_EQ(requests_.size(), each.sent) << each.name;
    EXPECT_EQ(called.answer.has_value(), !each.code.has_value()) << each.name;
    if (!each.code) continue;
    EXPECT_EQ(called.refusal.code, *each.code) << each.name << ": " << called.refusal.message;
    EXPECT_EQ(called.valid_until > Time{}, each.code == ErrorCode::kUnknownOutcome) << each.name;
  }
}

TEST_F(AzureClient, ReadsAreAskedAgainWhenAzureSays) {
  turns_ = {answered(429, "", {{"Retry-After", "7"}}),
            answered(503, ""),
            {.fate = HttpFate::kAnswerLost},
            answered(200, "{}")};
  EXPECT_TRUE(call(get_vm()).answer);
  ASSERT_EQ(times_.size(), 4u);
  EXPECT_GE(times_[1] - times_[0], seconds(7));
}

TEST_F(AzureClient, NothingLeavesLate) {
  leave_within_ = seconds(-1);
  const Called called = call(deallocate());
  EXPECT_EQ(called.refusal.code, ErrorCode::kUnavailable);
  EXPECT_TRUE(requests_.empty());
  EXPECT_EQ(called.valid_until, Time{});
}

TEST_F(AzureClient, SendsConditionsAndKeepsThePasswordToItself) {
  turns_ = {
      answered(200, R"({"properties":{"provisioningState":"Succeeded"}})"),
      answered(400, R"({"error":{"code":"Request_BadRequest","message":"pass-SECRET is short"}})")};
  EXPECT_TRUE(call(put_nic()).answer);
  EXPECT_EQ(World::header(sent_[0], "If-Match"), "W/\"1\"");
  EXPECT_EQ(sent_[0].body, R"({"location":"westeurope"})");
  const Called reset = call(
      {.service = "graph",
       .operation = "users.update",
       .account = "t",
       .parameters = JsonValue(JsonValue::Object{
           {"userId", JsonValue("u")},
           {"body", JsonValue(JsonValue::Object{
                        {"passwordProfile",
                         JsonValue(JsonValue::Object{{"password", JsonValue("pass-SECRET")}})}})}}),
       .writes = true});
  EXPECT_EQ(reset.refusal.message,
            "graph.users.update: Request_BadRequest: (not shown: there is a secret in it)");
}

TEST_F(AzureClient, WaitsUntilItIsDone) {
  const std::string status = kArm + "/subscriptions/sub-1/operations/1?api-version=1";
  turns_ = {answered(202, "", {{"Azure-AsyncOperation", status}, {"Retry-After", "5"}}),
            answered(200, R"({"status":"InProgress"})", {{"Retry-After", "9"}}), answered(503, ""),
            refused(401, "ExpiredAuthenticationToken"), answered(200, R"({"status":"Succeeded"})")};
  leave_within_ = seconds(1);  // that it leaves, not that it is done
  const Called called = call(deallocate());
  ASSERT_TRUE(called.answer) << called.refusal.message;
  ASSERT_EQ(requests_.size(), 5u);
  EXPECT_EQ(requests_[1], "GET " + status);
  EXPECT_GE(times_[1] - times_[0], seconds(5));
  EXPECT_GE(times_[2] - times_[1], seconds(9));
}

TEST_F(AzureClient, AnswersWithTheResourceOrTheResult) {
  const std::string status = kArm + "/op/1", location = kArm + "/op/1/result";
  turns_ = {answered(201, R"({"etag":"1"})", {{"Azure-AsyncOperation", status}}),
            answered(200, R"({"status":"Succeeded"})"), answered(200, R"({"etag":"2"})")};
  EXPECT_EQ(to_json(call(put_nic()).answer->value), R"({"etag":"2"})");
  ASSERT_EQ(requests_.size(), 3u);
  EXPECT_EQ(requests_[2], "GET " + kArm + kNic + "?api-version=2026-03-01");

  const Call grant{
      .service = "azure-compute",
      .operation = "snapshots.grantAccess",
      .account = "sub-1",
      .parameters = JsonValue(JsonValue::Object{
          {"id", JsonValue("/subscriptions/sub-1/resourceGroups/rg/providers/Microsoft.Compute/"
                           "snapshots/s")},
          {"body", JsonValue(JsonValue::Object{{"access", JsonValue("Read")}})}}),
      .writes = true};
  turns_ = {answered(202, "", {{"Azure-AsyncOperation", status}, {"Location", location}}),
            answered(200, R"({"status":"Succeeded"})"),
            answered(200, R"({"accessSAS":"https://a?sig"})")};
  EXPECT_EQ(to_json(call(grant).answer->value), R"({"accessSAS":"https://a?sig"})");
  EXPECT_EQ(requests_.back(), "GET " + location);
  turns_ = {answered(202, "", {{"Location", location}}), answered(202, ""),
            answered(200, R"({"accessSAS":"x"})")};
  EXPECT_EQ(to_json(call(grant).answer->value), R"({"accessSAS":"x"})");
}

TEST_F(AzureClient, WhatFailedOrCannotBeSeenIsSaid) {
  const std::string status = kArm + "/op/1";
  const std::vector<env::HttpHeader> accepted = {{"Azure-AsyncOperation", status}};
  const struct {
    const char* name;
    std::vector<HttpTurn> turns;
    ErrorCode code;
    const char* message;
  } cases[] = {
      {"a failure that is known",
       {answered(202, "", accepted),
        answered(200, R"({"status":"Failed","error":{"code":"ScopeLocked","message":"m"}})")},
       ErrorCode::kDenied,
       "it was accepted, and failed: ScopeLocked: m"},
      {"it was given up",
       {answered(202, "", accepted), answered(200, R"({"status":"Canceled"})")},
       ErrorCode::kUnknownOutcome,
       "it was accepted, and failed"},
      {"a failure that is not",
       {answered(202, "", accepted),
        answered(200, R"({"status":"Failed","error":{"code":"Odd","message":"m"}})")},
       ErrorCode::kUnknownOutcome,
       "it was accepted, and failed: Odd: m"},
      {"nobody may look",
       {answered(202, "", accepted), refused(403, "AuthorizationFailed")},
       ErrorCode::kUnknownOutcome,
       "it was accepted, but how far it is cannot be seen"},
      {"another host",
       {answered(202, "", {{"Azure-AsyncOperation", "https://evil.example/op"}})},
       ErrorCode::kUnknownOutcome,
       "it was accepted, but how far it is would be said elsewhere"},
  };
  for (const auto& each : cases) {
    turns_.assign(each.turns.begin(), each.turns.end());
    const Called called = call(deallocate());
    ASSERT_FALSE(called.answer) << each.name;
    EXPECT_EQ(called.refusal.code, each.code) << each.name;
    EXPECT_THAT(called.refusal.message, HasSubstr(each.message)) << each.name;
    EXPECT_TRUE(turns_.empty()) << each.name;
  }
  for (const std::string& request : requests_) {
    EXPECT_THAT(request, HasSubstr(kArm)) << "the token went elsewhere";
  }
}

TEST_F(AzureClient, WaitsNoLongerThanItSays) {
  turns_.assign(10'000, answered(200, R"({"status":"InProgress"})"));
  turns_.push_front(answered(202, "", {{"Azure-AsyncOperation", kArm + "/op/1"}}));
  const Called called = call(deallocate());
  EXPECT_EQ(called.refusal.code, ErrorCode::kUnknownOutcome);
  EXPECT_THAT(called.refusal.message, HasSubstr("is not done yet"));
  EXPECT_LE(times_.back() - times_.front(), BearerClient::kDoneWithin);
  EXPECT_GE(times_.back() - times_.front(), BearerClient::kDoneWithin - minutes(1));
  EXPECT_GT(called.valid_until, times_.back());
}

TEST_F(AzureClient, PagesFollowOneAnotherAtOneHost) {
  const std::string graph = "https://graph.microsoft.com/v1.0";
  turns_ = {answered(200, R"({"value":[1],"@odata.nextLink":")" + graph + R"(/groups/g/m?s=1"})"),
            answered(200, R"({"value":[2],"@odata.nextLink":")" + graph + R"(/groups/g/m?s=2"})"),
            answered(200, R"({"value":[3]})")};
  const Called called = call(list_users());
  ASSERT_TRUE(called.answer) << called.refusal.message;
  EXPECT_EQ(to_json(called.answer->value["value"]), "[1,2,3]");
  EXPECT_EQ(requests_[2], "GET " + graph + "/groups/g/m?s=2");

  turns_ = {answered(200, R"({"value":[1],"@odata.nextLink":"https://evil.example/x"})")};
  EXPECT_EQ(call(list_users()).refusal.code, ErrorCode::kCorrupt);
  turns_.assign(3, answered(200, R"({"value":[],"@odata.nextLink":")" + graph + R"(/x"})"));
  EXPECT_THAT(call(list_users()).refusal.message, HasSubstr("round in a circle"));
  for (const env::HttpRequest& request : sent_) EXPECT_THAT(request.url, HasSubstr(graph));
}

TEST_F(AzureClient, OtherProvidersAreNotItsBusiness) {
  for (const char* service : {"iam", "webhook", "nosuch"}) {
    const Called called = call({.service = service, .operation = "UpdateAccessKey"});
    EXPECT_EQ(called.refusal.code, ErrorCode::kInvalid);
    EXPECT_THAT(called.refusal.message, HasSubstr("the table of operations has no "));
  }
}

}  // namespace
}  // namespace stanch::cloud::azure

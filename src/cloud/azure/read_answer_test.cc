#include "cloud/azure/read_answer.h"

#include <gtest/gtest.h>

namespace stanch::cloud::azure {
namespace {

TEST(AzureError, IsReadInEachForm) {
  const struct {
    int status;
    const char *body, *code, *message;
  } cases[] = {
      {403, R"({"error":{"code":"AuthorizationFailed","message":"The client …"}})",
       "AuthorizationFailed", "The client …"},
      {404,
       R"({"error":{"code":"Request_ResourceNotFound","message":"m","innerError":{"code":"x"}}})",
       "Request_ResourceNotFound", "m"},
      {404, R"({"Code":"x","code":"ResourceNotFound","message":"m"})", "ResourceNotFound", "m"},
      {400, R"({"error":"invalid","code":"BadRequest"})", "BadRequest", ""},
      {502, "<html>", "HTTP 502", ""},
      {500, "", "HTTP 500", ""},
      {500, R"({"error":{"code":5,"message":[]}})", "HTTP 500", ""},
  };
  for (const auto& each : cases) {
    const RestError error = read_error({.status = each.status, .body = each.body});
    EXPECT_EQ(error.code, each.code) << each.body;
    EXPECT_EQ(error.message, each.message) << each.body;
  }
}

TEST(AzureError, SaysWhatTheCallerMayDo) {
  const struct {
    int status;
    const char* code;
    ErrorCode expected;
  } cases[] = {
      {400, "InvalidParameter", ErrorCode::kInvalid},
      {400, "InUseNetworkSecurityGroupCannotBeDeleted", ErrorCode::kConflict},
      {401, "ExpiredAuthenticationToken", ErrorCode::kDenied},
      {403, "AuthorizationFailed", ErrorCode::kDenied},
      {403, "Authorization_RequestDenied", ErrorCode::kDenied},
      {404, "ResourceNotFound", ErrorCode::kNotFound},
      {409, "AnotherOperationInProgress", ErrorCode::kConflict},
      {409, "ScopeLocked", ErrorCode::kDenied},
      {409, "ReadOnlyDisabledSubscription", ErrorCode::kDenied},
      {412, "PreconditionFailed", ErrorCode::kConflict},
      {408, "HTTP 408", ErrorCode::kUnknownOutcome},
      {429, "TooManyRequests", ErrorCode::kThrottled},
      {429, "HTTP 429", ErrorCode::kThrottled},
      {500, "InternalServerError", ErrorCode::kUnknownOutcome},
      {500, "ResourceNotFound", ErrorCode::kNotFound},
      {503, "HTTP 503", ErrorCode::kUnknownOutcome},
      {509, "HTTP 509", ErrorCode::kThrottled},
      {307, "HTTP 307", ErrorCode::kInvalid},
  };
  for (const auto& each : cases) {
    EXPECT_EQ(class_of({.code = each.code, .message = ""}, each.status), each.expected)
        << each.status << " " << each.code;
  }
}

TEST(AzureOperation, IsWatchedWhereTheAnswerSays) {
  const RestCall put{.method = "PUT", .target = "/r", .headers = {}, .body = ""};
  const RestCall post{.method = "POST", .target = "/r/stop", .headers = {}, .body = ""};
  const RestCall get{.method = "GET", .target = "/r", .headers = {}, .body = ""};
  const struct {
    const char* name;
    const RestCall& sent;
    env::HttpResponse response;
    const char* url;  // "" if it is done
    How how;
  } cases[] = {
      {"a status",
       post,
       {.status = 202, .headers = {{"Azure-AsyncOperation", "A"}, {"Location", "L"}}, .body = ""},
       "A",
       How::kStatus},
      {"a location",
       post,
       {.status = 202, .headers = {{"Location", "L"}}, .body = ""},
       "L",
       How::kLocation},
      {"a location of what was made is nothing to wait for",
       put,
       {.status = 201, .headers = {{"Location", "L"}}, .body = ""},
       "",
       {}},
      {"the resource",
       put,
       {.status = 201, .headers = {}, .body = R"({"properties":{"provisioningState":"Updating"}})"},
       "/r",
       How::kResource},
      {"a resource that is done",
       put,
       {.status = 200,
        .headers = {},
        .body = R"({"properties":{"provisioningState":"Succeeded"}})"},
       "",
       {}},
      {"nothing", post, {.status = 200, .headers = {}, .body = "{}"}, "", {}},
      {"no JSON", put, {.status = 200, .headers = {}, .body = "x"}, "", {}},
      {"a read",
       get,
       {.status = 202, .headers = {{"Azure-AsyncOperation", "A"}}, .body = ""},
       "",
       {}},
  };
  for (const auto& each : cases) {
    const auto found = watched(each.sent, each.response);
    EXPECT_EQ(found ? found->url : "", each.url) << each.name;
    EXPECT_EQ(found ? static_cast<How>(found->how) : each.how, each.how) << each.name;
  }
}

TEST(AzureOperation, SaysHowFarItIs) {
  using State = Progress::State;
  const struct {
    How how;
    int status;
    const char* body;
    State state;
    const char* code;
  } cases[] = {
      {How::kStatus, 200, R"({"status":"InProgress"})", State::kRunning, ""},
      {How::kStatus, 200, R"({"status":"Creating"})", State::kRunning, ""},
      {How::kStatus, 200, R"({"status":"succeeded"})", State::kDone, ""},
      {How::kStatus, 200, R"({"status":"Failed","error":{"code":"Bad","message":"m"}})",
       State::kFailed, "Bad"},
      {How::kStatus, 200, R"({"status":"Canceled"})", State::kFailed, "Canceled"},
      {How::kStatus, 200, R"({})", State::kRunning, ""},
      {How::kStatus, 200, "", State::kRunning, ""},
      {How::kLocation, 202, R"({"status":"Succeeded"})", State::kRunning, ""},
      {How::kLocation, 200, "{}", State::kDone, ""},
      {How::kLocation, 204, "", State::kDone, ""},
      {How::kResource, 200, R"({"properties":{"provisioningState":"Updating"}})", State::kRunning,
       ""},
      {How::kResource, 200, R"({"properties":{"provisioningState":"Failed"}})", State::kFailed,
       "Failed"},
      {How::kResource, 200, R"({"properties":{}})", State::kDone, ""},
  };
  for (const auto& each : cases) {
    const Progress progress = progress_of({.url = "", .how = static_cast<int>(each.how)},
                                          {.status = each.status, .body = each.body});
    EXPECT_EQ(progress.state, each.state) << each.body;
    EXPECT_EQ(progress.error.code, each.code) << each.body;
  }
}

TEST(AzureOperation, HasItsResultWhereItBelongs) {
  const auto sent = [](const char* method) {
    return RestCall{.method = method, .target = "/r", .headers = {}, .body = ""};
  };
  const Watched status{.url = "A", .how = static_cast<int>(How::kStatus)};
  const Watched location{.url = "L", .how = static_cast<int>(How::kLocation)};
  const env::HttpResponse with{.status = 202, .headers = {{"location", "L"}}, .body = ""};
  const env::HttpResponse moved{.status = 200, .headers = {{"Location", "M"}}, .body = ""};
  const env::HttpResponse without{.status = 200};
  EXPECT_EQ(result_url(status, sent("PUT"), with, without), "/r");
  EXPECT_EQ(result_url(location, sent("PATCH"), with, without), "/r");
  EXPECT_EQ(result_url(status, sent("POST"), with, without), "L");
  EXPECT_EQ(result_url(status, sent("POST"), with, moved), "M");
  EXPECT_EQ(result_url(status, sent("POST"), without, without), "");
  EXPECT_EQ(result_url(location, sent("POST"), with, without), "");
  EXPECT_EQ(result_url(status, sent("DELETE"), with, without), "");
}

}  // namespace
}  // namespace stanch::cloud::azure

#include "cloud/gcp/read_answer.h"

#include <gtest/gtest.h>

namespace stanch::cloud::gcp {
namespace {

TEST(GoogleError, IsReadInEachForm) {
  const struct {
    int status;
    const char *body, *code, *message;
  } cases[] = {
      {403,
       R"({"error":{"code":403,"message":"m","errors":[{"reason":"rateLimitExceeded"}],"status":"X"}})",
       "rateLimitExceeded", "m"},
      {403, R"({"error":{"code":403,"message":"m","status":"PERMISSION_DENIED"}})",
       "PERMISSION_DENIED", "m"},
      {429,
       R"({"error":{"code":429,"message":"m","status":"RESOURCE_EXHAUSTED","details":[
           {"@type":"type.googleapis.com/google.rpc.Help","reason":"no"},
           {"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"RATE_LIMIT_EXCEEDED"}]}})",
       "RATE_LIMIT_EXCEEDED", "m"},
      {404, R"({"error":{"code":404,"message":"m"}})", "HTTP 404", "m"},
      {502, "<html>", "HTTP 502", ""},
      {500, R"({"error":"x"})", "HTTP 500", ""},
      {500, "", "HTTP 500", ""},
  };
  for (const auto& each : cases) {
    const RestError error = read_error({.status = each.status, .body = each.body});
    EXPECT_EQ(error.code, each.code) << each.body;
    EXPECT_EQ(error.message, each.message) << each.body;
  }
}

TEST(GoogleError, SaysWhatTheCallerMayDo) {
  const struct {
    int status;
    const char* code;
    ErrorCode expected;
  } cases[] = {
      {400, "INVALID_ARGUMENT", ErrorCode::kInvalid},
      {400, "FAILED_PRECONDITION", ErrorCode::kConflict},
      {400, "resourceNotReady", ErrorCode::kConflict},
      {401, "UNAUTHENTICATED", ErrorCode::kDenied},
      {403, "PERMISSION_DENIED", ErrorCode::kDenied},
      {403, "rateLimitExceeded", ErrorCode::kThrottled},
      {403, "userRateLimitExceeded", ErrorCode::kThrottled},
      {403, "quotaExceeded", ErrorCode::kDenied},
      {404, "notFound", ErrorCode::kNotFound},
      {409, "ABORTED", ErrorCode::kConflict},
      {412, "conditionNotMet", ErrorCode::kConflict},
      {408, "HTTP 408", ErrorCode::kUnknownOutcome},
      {429, "RESOURCE_EXHAUSTED", ErrorCode::kThrottled},
      {500, "INTERNAL", ErrorCode::kUnknownOutcome},
      {500, "PERMISSION_DENIED", ErrorCode::kDenied},
      {503, "backendError", ErrorCode::kUnknownOutcome},
      {307, "HTTP 307", ErrorCode::kInvalid},
  };
  for (const auto& each : cases) {
    EXPECT_EQ(class_of({.code = each.code, .message = ""}, each.status), each.expected)
        << each.status << " " << each.code;
  }
}

TEST(GoogleOperation, IsFoundBesideWhatWasCalled) {
  const struct {
    Waits waits;
    const char *target, *body, *url;  // "-": it is done
  } cases[] = {
      {Waits::kCompute, "/compute/v1/projects/p/zones/z/instances/i/stop?requestId=1",
       R"({"name":"operation-1","status":"RUNNING"})",
       "/compute/v1/projects/p/zones/z/operations/operation-1"},
      {Waits::kCompute, "/compute/v1/projects/p/regions/r/instanceGroupManagers/m/abandonInstances",
       R"({"name":"operation-1","status":"PENDING"})",
       "/compute/v1/projects/p/regions/r/operations/operation-1"},
      {Waits::kCompute, "/compute/v1/projects/p/global/firewalls",
       R"({"name":"operation-1","status":"RUNNING"})",
       "/compute/v1/projects/p/global/operations/operation-1"},
      {Waits::kCompute, "/compute/v1/projects/p/setCommonInstanceMetadata",
       R"({"name":"operation-1","status":"RUNNING"})",
       "/compute/v1/projects/p/global/operations/operation-1"},
      {Waits::kCompute, "/compute/v1/projects/p/global/firewalls",
       R"({"name":"operation-1","status":"DONE"})", "-"},
      {Waits::kCompute, "/compute/v1/projects/p/global/firewalls",
       R"({"name":"../x","status":"RUNNING"})", ""},
      {Waits::kCompute, "/compute/v1/projects/p/global/firewalls", R"({"status":"RUNNING"})", ""},
      {Waits::kOperation, "/v2/policies/a%2Fb/denypolicies?policyId=d",
       R"({"name":"policies/a%2Fb/denypolicies/d/operations/1","done":false})",
       "/v2/policies/a%2Fb/denypolicies/d/operations/1"},
      {Waits::kOperation, "/v2/x", R"({"name":"operations/1"})", "/v2/operations/1"},
      {Waits::kOperation, "/v2/x", R"({"name":"operations/1","done":true})", "-"},
      {Waits::kOperation, "/v2/x", R"({"name":"operations/../1"})", ""},
      {Waits::kOperation, "/v2/x", R"({"name":"operations/%2e%2e/1"})", ""},
      {Waits::kOperation, "/v2/x", R"({"name":"/operations/1"})", ""},
      {Waits::kOperation, "/v2/x", R"({"name":"operations/1?x=y"})", ""},
      {Waits::kNot, "/v1/x", R"({"name":"n","done":false})", "-"},
  };
  for (const auto& each : cases) {
    const RestCall sent{.method = "POST", .target = each.target, .headers = {}, .body = ""};
    const auto found = watched(each.waits, sent, {.status = 200, .body = each.body});
    EXPECT_EQ(found ? found->url : "-", each.url) << each.target << each.body;
  }
}

TEST(GoogleOperation, SaysHowFarItIs) {
  using State = Progress::State;
  const struct {
    const char* body;
    State state;
    const char *code, *message;
  } cases[] = {
      {R"({"status":"PENDING"})", State::kRunning, "", ""},
      {R"({"status":"DONE"})", State::kDone, "", ""},
      {R"({"status":"DONE","error":{"errors":[{"code":"RESOURCE_NOT_FOUND","message":"m"}]}})",
       State::kFailed, "RESOURCE_NOT_FOUND", "m"},
      {R"({"done":false})", State::kRunning, "", ""},
      {R"({"done":true,"response":{}})", State::kDone, "", ""},
      {R"({"done":true,"error":{"code":7,"message":"m"}})", State::kFailed, "PERMISSION_DENIED",
       "m"},
      {R"({"done":true,"error":{"code":77}})", State::kFailed, "code 77", ""},
      {R"({"done":true,"error":{}})", State::kFailed, "UNKNOWN", ""},
      {"x", State::kRunning, "", ""},
  };
  for (const auto& each : cases) {
    const Progress progress = progress_of({.status = 200, .body = each.body});
    EXPECT_EQ(progress.state, each.state) << each.body;
    EXPECT_EQ(progress.error.code, each.code) << each.body;
    EXPECT_EQ(progress.error.message, each.message) << each.body;
  }
}

}  // namespace
}  // namespace stanch::cloud::gcp

// What Azure Resource Manager and Microsoft Graph say of a request: why it was refused, and how far
// that is which it began. The contract of the latter is in "Track asynchronous Azure operations"
// (Microsoft Learn), and in the words of azure-core's ARMPolling:
//
//   Azure-AsyncOperation   a URL that answers {"status": "InProgress" | "Succeeded" | …}
//   Location               a URL that answers 202 until it is done, and the result then
//   neither                of PUT and PATCH: properties.provisioningState of the resource
//
// A result is at the resource after PUT and PATCH, at Location after POST.

#include "cloud/azure/read_answer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "base/ascii.h"
#include "codec/json.h"

namespace stanch::cloud::azure {

namespace {

bool is_one_of(std::string_view code, std::initializer_list<std::string_view> codes) {
  return std::ranges::find(codes, code) != codes.end();
}

RestError error_of(codec::JsonView body) {
  RestError error;
  if (!body) return error;
  const codec::JsonView inner = body["error"];
  const codec::JsonView said = inner && inner.is_object() ? inner : body;
  error.code = said["code"].string_or_empty();
  error.message = said["message"].string_or_empty();
  return error;
}

Progress::State state_of(std::string_view status) {
  const std::string word = ascii_lower(status);
  if (word == "succeeded") return Progress::State::kDone;
  if (word == "failed" || word == "canceled" || word == "cancelled") {
    return Progress::State::kFailed;
  }
  return Progress::State::kRunning;
}

bool replaces(const RestCall& sent) { return sent.method == "PUT" || sent.method == "PATCH"; }

const std::string* header_of(const env::HttpResponse& response, std::string_view name) {
  const std::string* value = response.find_header(name);
  return value == nullptr || value->empty() ? nullptr : value;
}

}  // namespace

RestError read_error(const env::HttpResponse& response) {
  codec::JsonParser parser;
  RestError error = error_of(parser.parse(response.body));
  if (error.code.empty()) error.code = fmt::format("HTTP {}", response.status);
  return error;
}

ErrorCode class_of(const RestError& error, int status) {
  const auto is = [&](std::initializer_list<std::string_view> codes) {
    return is_one_of(error.code, codes);
  };
  // 509: Graph's "Bandwidth Limit Exceeded".
  if (status == 429 || status == 509 ||
      is({"TooManyRequests", "SubscriptionRequestsThrottled", "ResourceRequestsThrottled",
          "OperationThrottled"})) {
    return ErrorCode::kThrottled;
  }
  // A lock, a policy and a subscription that is off answer 409 too; waiting does not help.
  if (status == 401 || status == 403 ||
      is({"AuthorizationFailed", "LinkedAuthorizationFailed", "Authorization_RequestDenied",
          "DenyAssignmentAuthorizationFailed", "ExpiredAuthenticationToken", "Forbidden",
          "InvalidAuthenticationToken", "InvalidAuthenticationTokenTenant",
          "ReadOnlyDisabledSubscription", "RequestDisallowedByAzure", "RequestDisallowedByPolicy",
          "ScopeLocked"})) {
    return ErrorCode::kDenied;
  }
  if (status == 409 || status == 412 ||
      is({"AnotherOperationInProgress", "Canceled", "CanceledAndSupersededDueToAnotherOperation",
          "Conflict", "ConflictError", "ConcurrentModification", "Directory_ConcurrencyViolation",
          "OperationNotAllowed", "OperationPreempted", "PreconditionFailed",
          "ReferencedResourceNotProvisioned", "RetryableError", "InUse",
          "InUseNetworkSecurityGroupCannotBeDeleted"})) {
    return ErrorCode::kConflict;
  }
  if (status == 404 || status == 410 ||
      is({"NotFound", "ParentResourceNotFound", "Request_ResourceNotFound", "ResourceGroupNotFound",
          "ResourceNotFound", "SubscriptionNotFound"})) {
    return ErrorCode::kNotFound;
  }
  if (status >= 500 || status == 408) return ErrorCode::kUnknownOutcome;
  return ErrorCode::kInvalid;
}

std::string request_id_of(const env::HttpResponse& response) {
  for (const char* name : {"x-ms-correlation-request-id", "request-id", "x-ms-request-id"}) {
    if (const std::string* id = header_of(response, name)) return *id;
  }
  return {};
}

std::optional<Watched> watched(const RestCall& sent, const env::HttpResponse& response) {
  if (sent.method == "GET") return std::nullopt;
  const auto at = [](const std::string& url, How how) {
    return Watched{.url = url, .how = static_cast<int>(how)};
  };
  if (const std::string* url = header_of(response, "azure-asyncoperation")) {
    return at(*url, How::kStatus);
  }
  if (const std::string* url = header_of(response, "location"); url && response.status == 202) {
    return at(*url, How::kLocation);
  }
  if (!replaces(sent)) return std::nullopt;
  codec::JsonParser parser;
  const codec::JsonView body = parser.parse(response.body);
  if (!body) return std::nullopt;
  const std::string state = body["properties"]["provisioningState"].string_or_empty();
  if (state.empty() || state_of(state) == Progress::State::kDone) return std::nullopt;
  return at(sent.target, How::kResource);
}

Progress progress_of(const Watched& watched, const env::HttpResponse& response) {
  codec::JsonParser parser;
  Progress progress;
  const auto how = static_cast<How>(watched.how);
  if (how == How::kLocation) {
    progress.state = response.status == 202 ? Progress::State::kRunning : Progress::State::kDone;
    return progress;
  }
  const codec::JsonView body = parser.parse(response.body);
  if (!body) return progress;
  const codec::JsonView status =
      how == How::kStatus ? body["status"] : body["properties"]["provisioningState"];
  progress.state = state_of(status.string_or_empty());
  // A resource that no longer says so has arrived.
  if (how == How::kResource && !status) progress.state = Progress::State::kDone;
  if (progress.state != Progress::State::kFailed) return progress;
  progress.error = error_of(body);
  if (progress.error.code.empty()) progress.error.code = status.string_or_empty();
  return progress;
}

std::string result_url(const Watched& watched, const RestCall& sent, const env::HttpResponse& first,
                       const env::HttpResponse& last) {
  if (static_cast<How>(watched.how) == How::kResource || sent.method == "DELETE") return {};
  if (replaces(sent)) return sent.target;
  if (static_cast<How>(watched.how) == How::kLocation) return {};
  // The newest one: it may have moved while it was looked at.
  for (const env::HttpResponse* response : {&last, &first}) {
    if (const std::string* url = header_of(*response, "location")) return *url;
  }
  return {};
}

}  // namespace stanch::cloud::azure

// What Google Cloud says of a request: why it was refused (https://google.aip.dev/193, and the
// older form of Compute Engine and Storage with "errors"), and how far that is which it began:
//
//   Compute Engine   {"kind": "compute#operation", "name": …, "status": "RUNNING" | "DONE"}, to be
//                    found beside what was called: in its zone, its region, or globally
//   AIP-151          {"name": "operations/…", "done": true, "error" | "response": …}

#include "cloud/gcp/read_answer.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <string_view>

#include "cloud/rest_call.h"
#include "codec/json.h"
#include "codec/rpc_code.h"

namespace stanch::cloud::gcp {

namespace {

// As errors of operations have them.
std::string name_of_code(int64_t code) {
  const auto name = codec::rpc_code_name(code);
  return name ? std::string(*name) : fmt::format("code {}", code);
}

RestError error_in(codec::JsonView error) {
  RestError found;
  if (!error || !error.is_object()) return found;
  found.message = error["message"].string_or_empty();
  for (const codec::JsonView each : error["errors"].elements()) {
    if (found.code.empty()) found.code = each["reason"].string_or_empty();
    if (found.code.empty()) found.code = each["code"].string_or_empty();  // of an operation
    if (found.message.empty()) found.message = each["message"].string_or_empty();
  }
  for (const codec::JsonView each : error["details"].elements()) {
    const bool is_info =
        each["@type"].string_or_empty() == "type.googleapis.com/google.rpc.ErrorInfo";
    if (is_info && found.code.empty()) found.code = each["reason"].string_or_empty();
  }
  if (found.code.empty()) found.code = error["status"].string_or_empty();
  const codec::JsonView code = error["code"];
  if (found.code.empty() && code && code.is_number()) {
    const auto number = code.as_int64();
    if (number && *number < 100) found.code = name_of_code(*number);  // others are of HTTP
  }
  return found;
}

// "/compute/v1/projects/p/zones/z" of what is in that zone.
std::string place_of(std::string_view target) {
  target = target.substr(0, target.find('?'));
  const size_t project = target.find("/projects/");
  if (project == target.npos) return {};
  const size_t after = std::min(target.find('/', project + 10), target.size());
  std::string place(target.substr(0, after));
  for (const std::string_view kind : {"/zones/", "/regions/"}) {
    if (!target.substr(after).starts_with(kind)) continue;
    const size_t end = std::min(target.find('/', after + kind.size()), target.size());
    return place.append(target.substr(after, end - after));
  }
  return place + "/global";
}

bool is_operation_name(std::string_view name) {
  return is_segment(name) && std::ranges::all_of(name, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  std::string_view("-_.").contains(c);
         });
}

// "policies/cloudresourcemanager.googleapis.com%2Fprojects%2F7/denypolicies/d/operations/1": it
// goes into a URL as it is.
bool is_operation_path(std::string_view name) {
  if (name.size() > 1024) return false;
  while (true) {
    const std::string_view segment = name.substr(0, name.find('/'));
    std::string plain(segment);
    for (const std::string_view slash : {"%2F", "%2f"}) {
      for (size_t at = plain.find(slash); at != plain.npos; at = plain.find(slash)) {
        plain.replace(at, slash.size(), "-");
      }
    }
    if (!is_operation_name(plain)) return false;
    if (segment.size() == name.size()) return true;
    name.remove_prefix(segment.size() + 1);
  }
}

}  // namespace

RestError read_error(const env::HttpResponse& response) {
  codec::JsonParser parser;
  const codec::JsonView body = parser.parse(response.body);
  RestError error = body ? error_in(body["error"]) : RestError();
  if (error.code.empty()) error.code = fmt::format("HTTP {}", response.status);
  return error;
}

ErrorCode class_of(const RestError& error, int status) {
  const auto is = [&](std::initializer_list<std::string_view> codes) {
    return std::ranges::find(codes, error.code) != codes.end();
  };
  // Rates answer 429, or 403 in the older form. A quota of things, or of a day, does not come back
  // by waiting a little: those are denied.
  if (status == 429 || is({"RATE_LIMIT_EXCEEDED", "rateLimitExceeded", "userRateLimitExceeded",
                           "RESOURCE_EXHAUSTED", "concurrentLimitExceeded",
                           "RESOURCE_OPERATION_RATE_EXCEEDED", "resourceOperationRateExceeded"})) {
    return ErrorCode::kThrottled;
  }
  if (status == 401 || status == 403 ||
      is({"PERMISSION_DENIED", "UNAUTHENTICATED", "forbidden", "quotaExceeded", "QUOTA_EXCEEDED",
          "dailyLimitExceeded", "PERMISSIONS_ERROR", "IAM_PERMISSION_DENIED",
          "SERVICE_DISABLED"})) {
    return ErrorCode::kDenied;
  }
  if (status == 409 || status == 412 ||
      is({"ABORTED", "ALREADY_EXISTS", "FAILED_PRECONDITION", "alreadyExists",
          "RESOURCE_ALREADY_EXISTS", "conditionNotMet", "CONDITION_NOT_MET", "resourceNotReady",
          "RESOURCE_NOT_READY", "resourceInUseByAnotherResource",
          "RESOURCE_IN_USE_BY_ANOTHER_RESOURCE", "invalidFingerprint"})) {
    return ErrorCode::kConflict;
  }
  if (status == 404 || status == 410 || is({"NOT_FOUND", "notFound", "RESOURCE_NOT_FOUND"})) {
    return ErrorCode::kNotFound;
  }
  if (is({"INVALID_ARGUMENT", "OUT_OF_RANGE", "UNIMPLEMENTED", "badRequest", "invalid"})) {
    return ErrorCode::kInvalid;
  }
  if (status >= 500 || status == 408) return ErrorCode::kUnknownOutcome;
  return ErrorCode::kInvalid;
}

std::optional<Watched> watched(Waits waits, const RestCall& sent,
                               const env::HttpResponse& response) {
  if (waits == Waits::kNot) return std::nullopt;
  codec::JsonParser parser;
  const codec::JsonView body = parser.parse(response.body);
  if (!body || progress_of(response).state == Progress::State::kDone) return std::nullopt;
  const std::string name = body["name"].string_or_empty();
  // A name that is none leads nowhere, which is said.
  if (waits == Waits::kCompute) {
    const std::string place = place_of(sent.target);
    if (place.empty() || !is_operation_name(name)) return Watched{};
    return Watched{.url = place + "/operations/" + name};
  }
  const size_t version = sent.target.find('/', 1);
  if (version == std::string::npos || !is_operation_path(name)) return Watched{};
  return Watched{.url = sent.target.substr(0, version + 1) + name};
}

Progress progress_of(const env::HttpResponse& response) {
  codec::JsonParser parser;
  Progress progress;
  const codec::JsonView body = parser.parse(response.body);
  if (!body) return progress;
  const codec::JsonView done = body["done"];
  const bool has_ended =
      (done && done.is_bool() && done.as_bool()) || body["status"].string_or_empty() == "DONE";
  if (!has_ended) return progress;
  const codec::JsonView error = body["error"];
  progress.state = Progress::State::kDone;
  if (!error || !error.is_object()) return progress;
  progress.state = Progress::State::kFailed;
  progress.error = error_in(error);
  if (progress.error.code.empty()) progress.error.code = "UNKNOWN";
  return progress;
}

}  // namespace stanch::cloud::gcp

#include "cloud/aws/client.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "cloud/aws/endpoint.h"
#include "cloud/aws/read_answer.h"
#include "cloud/aws/signing.h"
#include "cloud/aws/write_call.h"
#include "cloud/pages.h"
#include "cloud/retries.h"
#include "cloud/retry_after.h"
#include "codec/http_date.h"
#include "codec/json_member.h"
#include "codec/timestamp.h"

namespace stanch::cloud::aws {

namespace {

using codec::JsonValue;

bool is_s3(const Service& service) { return service.signing_name == "s3"; }

// The region whose name the signature bears.
std::string signing_region(const Service& service, const std::string& partition,
                           const std::string& region) {
  const auto global = service.global.find(partition);
  return global == service.global.end() ? region : global->second.region;
}

// A virtual host would need a bucket without dots, for the certificate; a path takes any.
std::string with_prefix(std::string url, const std::string& host_prefix) {
  if (!host_prefix.empty()) url.insert(url.find("://") + 3, host_prefix);
  return url;
}

}  // namespace

struct Client::Attempt {
  Called called;
  bool was_answered = false;
  bool clock_was_off = false;
  bool gives_up = false;
  std::string region;  // in which the bucket is, another than was asked
};

Client::Client(env::Env env, ClientOptions options, const Operations& operations)
    : env_(env),
      options_(std::move(options)),
      operations_(operations),
      flows_(env),
      monitor_(env.threads.monitor()),
      clock_ahead_(options_.clock_ahead) {}

Client::~Client() = default;

Called Client::call(const Call& call) {
  const Operation* operation = operations_.find(call.service, call.operation);
  if (operation == nullptr || !operation->service->is_of_aws()) {
    return refused(ErrorCode::kInvalid, fmt::format("the table of operations has no {}.{}",
                                                    call.service, call.operation));
  }
  if (!call.all_pages || operation->paging == nullptr) {
    return call_one(*operation, call, call.parameters);
  }
  const Paging& paging = *operation->paging;
  JsonValue all, parameters = call.parameters;
  for (size_t page = 0; page < kPagesMax; ++page) {
    Called called = call_one(*operation, call, parameters);
    if (!called.answer) return called;
    const JsonValue& value = called.answer->value;
    append_page(paging, value, all);
    const JsonValue& next = codec::member_of(value, paging.out);
    const JsonValue& more = value[paging.more];
    const bool ends = !next.is_string() || next.string().empty() ||
                      (!paging.more.empty() && more.is_bool() && !more.boolean());
    if (ends) {
      called.answer->value = std::move(all);
      return called;
    }
    if (parameters[paging.in] == next) {
      return refused(ErrorCode::kCorrupt, fmt::format("{}.{}: the pages go round in a circle",
                                                      call.service, call.operation));
    }
    parameters.object().insert_or_assign(paging.in, next);
  }
  return refused(ErrorCode::kInvalid,
                 fmt::format("{}.{}: more than {} pages", call.service, call.operation, kPagesMax));
}

std::string Client::region_of(const std::string& bucket, const std::string& region) {
  env::MonitorLock lock(*monitor_);
  const auto known = bucket_regions_.find(bucket);
  return known != bucket_regions_.end() ? known->second : region;
}

void Client::remember(const std::string& bucket, const std::string& region) {
  env::MonitorLock lock(*monitor_);
  // What is forgotten is said again.
  if (bucket_regions_.size() == kBucketsMax) bucket_regions_.clear();
  bucket_regions_.insert_or_assign(bucket, region);
}

Called Client::call_one(const Operation& operation, const Call& asked,
                        const JsonValue& parameters) {
  Call call = asked;
  const std::string bucket =
      is_s3(*operation.service) ? parameters["Bucket"].text_or_empty() : std::string();
  if (!bucket.empty()) call.region = region_of(bucket, asked.region);
  auto request = request_of(operation, call, parameters);
  if (!request) return refused(request.error().code(), request.error().message());
  Flow flow = flow_of(operation, call);
  Retries retries(env_, flows_, asked);
  bool clock_was_set = false, went_elsewhere = false;
  for (int number = 1;; ++number) {
    Attempt tried = attempt(operation, call, *request);
    const Called& called = tried.called;
    if (called.answer) retries.succeeded(flow);
    if (called.answer || number == kAttemptsMax || tried.gives_up) return called;
    if (tried.clock_was_off && !std::exchange(clock_was_set, true)) continue;
    if (!bucket.empty() && !tried.region.empty() && !std::exchange(went_elsewhere, true)) {
      remember(bucket, tried.region);
      call.region = tried.region;
      request = request_of(operation, call, parameters);
      if (!request) return refused(request.error().code(), request.error().message());
      flow = flow_of(operation, call);
      continue;
    }
    const bool again = retries.wait(number, flow,
                                    {.refusal = called.refusal,
                                     .was_answered = tried.was_answered,
                                     .may_be_known = !called.refusal.request_id.empty()});
    if (!again) return called;
  }
}

Flow Client::flow_of(const Operation& operation, const Call& call) const {
  return {.account = call.account,
          .region = signing_region(*operation.service, options_.partition, call.region),
          .service = call.service,
          .is_evidence = call.is_evidence || call.duty == Duty::kEvidence};
}

Result<env::HttpRequest> Client::request_of(const Operation& operation, const Call& call,
                                            const JsonValue& parameters) {
  TRY(const WireCall wire, write_call(operation, parameters, call.token));
  const Service& service = *operation.service;
  const auto global = service.global.find(options_.partition);
  const bool is_global = global != service.global.end();
  TRY(const std::string endpoint, endpoint_of(env_.variables, service.endpoint_prefix,
                                              is_global ? global->second.region : call.region));
  std::string url = endpoint;
  // The table knows the one host of a global service, unless somebody set another endpoint.
  const std::string usual = "https://" + service.endpoint_prefix + ".";
  if (is_global && endpoint.starts_with(usual)) url = "https://" + global->second.host;
  const bool is_own = !endpoint.starts_with(usual);
  env::HttpRequest request;
  request.method = wire.method;
  // Whoever answers at an endpoint of one's own knows no names in front of it.
  request.url = with_prefix(std::move(url), is_own ? "" : wire.host_prefix) + wire.target();
  request.headers = wire.headers;
  request.body = wire.body;
  request.plain_http = is_own;
  return request;
}

Client::Attempt Client::attempt(const Operation& operation, const Call& call,
                                const env::HttpRequest& unsigned_request) {
  Attempt tried;
  const Flow flow = flow_of(operation, call);
  const Duration left =
      call.not_after ? span_of(env_.clock.now(), *call.not_after) : Flows::kWaitMax;
  if (!flows_.wait_for_turn(flow, std::max(left, Duration{}))) {
    tried.called = refused(
        ErrorCode::kThrottled,
        fmt::format("{} lets no more through for the moment; nothing was sent", call.service));
    tried.gives_up = true;
    return tried;
  }
  const auto credentials = options_.credentials(call.account, call.duty);
  if (!credentials) {
    tried.called = refused(credentials.error().code(), credentials.error().message());
    // What only may have been done while asking who we are did not do this.
    Refusal& refusal = tried.called.refusal;
    if (refusal.code == ErrorCode::kUnknownOutcome) refusal.code = ErrorCode::kUnavailable;
    return tried;
  }
  const Service& service = *operation.service;
  Duration ahead;
  {
    env::MonitorLock lock(*monitor_);
    ahead = clock_ahead_;
  }
  const Time now = env_.clock.now();
  if (call.not_after && now > *call.not_after) {
    tried.called =
        refused(ErrorCode::kUnavailable, "its time to leave has passed; nothing was sent");
    tried.gives_up = true;
    return tried;
  }
  env::HttpRequest request = unsigned_request;
  const Signing signing{.region = signing_region(service, options_.partition, call.region),
                        .service = service.signing_name,
                        .when = now + ahead,
                        .rules = is_s3(service) ? SigningRules::kS3 : SigningRules::kOrdinary};
  if (const auto done = sign(request, *credentials, signing); !done) {
    tried.called = refused(done.error().code(), done.error().message());
    return tried;
  }
  const auto response = env_.http.send(request);
  tried.was_answered = response.has_value();
  if (!response) {
    flows_.answered(flow, false);
    tried.called = refused(response.error().code(), response.error().message());
    if (response.error().code() == ErrorCode::kUnknownOutcome) {
      tried.called.valid_until = now + kSignatureValid;
    }
    return tried;
  }
  Called& called = tried.called;
  called.valid_until = now + kSignatureValid;
  const std::string request_id = request_id_of(*response);
  // S3 may begin to answer before it knows (API reference, CopyObject): such a body is an error,
  // and counts as one of the server.
  const bool is_ok = response->status >= 200 && response->status < 300;
  const bool is_late_error = is_ok && holds_error(operation, response->body);
  const int status = is_late_error ? 500 : response->status;
  if (is_ok && !is_late_error) {
    flows_.answered(flow, false);
    auto value = read_answer(operation, *response);
    if (value) {
      called.answer = {.value = std::move(*value), .request_id = request_id};
    } else {
      // It was done; what it said is lost.
      called.refusal.code = ErrorCode::kUnknownOutcome;
      called.refusal.message = value.error().message();
      called.refusal.request_id = request_id;
    }
    return tried;
  }
  const ServiceError error = read_error(operation, *response);
  called.refusal = {.code = class_of(error, status),
                    .provider_code = error.code,
                    .message = fmt::format("{}.{}: {}{}", call.service, call.operation, error.code,
                                           error.message.empty() ? "" : ": " + error.message),
                    .request_id = request_id};
  const bool throttled = called.refusal.code == ErrorCode::kThrottled;
  flows_.answered(flow, throttled);
  if (throttled || status >= 500) {
    called.refusal.retry_after = retry_after_of(*response, now + ahead).value_or(Duration{});
  }
  if (called.refusal.code != ErrorCode::kUnknownOutcome) called.valid_until = {};
  constexpr std::string_view kClock[] = {"RequestTimeTooSkewed", "RequestExpired",
                                         "InvalidSignatureException", "SignatureDoesNotMatch"};
  if (std::ranges::find(kClock, error.code) != std::end(kClock)) {
    tried.clock_was_off = set_clock(*response);
  }
  // Only the name of a region is taken from an answer; what host that is we know.
  const bool is_elsewhere = is_region(error.region) && error.region != call.region &&
                            are_of_one_partition(error.region, call.region);
  if (is_elsewhere) tried.region = error.region;
  return tried;
}

bool Client::set_clock(const env::HttpResponse& response) {
  const std::string* date = response.find_header("date");
  if (date == nullptr) return false;
  const auto theirs = codec::parse_http_date(*date);
  if (!theirs) return false;
  const Duration ahead = span_of(env_.clock.now(), *theirs);
  constexpr Duration kBorne = std::chrono::minutes(4);  // of the 5 that AWS bears
  env::MonitorLock lock(*monitor_);
  const Duration change = ahead > clock_ahead_ ? ahead - clock_ahead_ : clock_ahead_ - ahead;
  if (change < kBorne) return false;
  clock_ahead_ = ahead;
  return true;
}

}  // namespace stanch::cloud::aws

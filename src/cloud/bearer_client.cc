#include "cloud/bearer_client.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/ascii.h"
#include "cloud/pages.h"
#include "cloud/retries.h"
#include "cloud/retry_after.h"
#include "cloud/shown_text.h"
#include "codec/json_member.h"

namespace stanch::cloud {

namespace {

using codec::JsonValue;

RestCall get(std::string target) {
  return {.method = "GET",
          .target = std::move(target),
          .headers = {{"Accept", "application/json"}},
          .body = ""};
}

std::string name_of(const Operation& operation) {
  return operation.service->name + "." + operation.name;
}

bool is_answer(const env::HttpResponse& response) {
  return response.status >= 200 && response.status < 300;
}

}  // namespace

struct BearerClient::Asked {
  const Operation& operation;
  const Call& call;
  std::string endpoint;
  TokenAsk ask;
  std::vector<std::string> secrets;  // that it is sent with
};

struct BearerClient::Attempt {
  Called called;               // what was refused
  env::HttpResponse response;  // of any status, if there was one
  bool was_answered = false;
  bool is_ok = false;  // with 2xx
  bool token_was_refused = false;
  bool gives_up = false;
};

std::optional<std::string> target_at(const std::string& endpoint, const std::string& url) {
  std::string_view target = url;
  if (!url.starts_with('/')) {
    const auto named = env::parse_http_url(url);
    const auto own = env::parse_http_url(endpoint);
    if (!named || !own) return std::nullopt;
    const auto port_of = [](const env::HttpUrl& of) {
      if (!of.port.empty()) return of.port;
      return of.tls ? std::string_view("443") : std::string_view("80");
    };
    const bool is_own = named->tls == own->tls && port_of(*named) == port_of(*own) &&
                        equal_ignoring_ascii_case(named->host, own->host);
    if (!is_own) return std::nullopt;
    target = named->target;
  }
  const bool fits =
      target.starts_with('/') && !target.starts_with("//") && !target.contains('\\') &&
      std::ranges::all_of(target, [](char c) { return c > ' ' && c <= '~' && c != '#'; });
  if (!fits) return std::nullopt;
  return std::string(target);
}

BearerClient::BearerClient(env::Env env, std::unique_ptr<Dialect> dialect, BearerOptions options,
                           const Operations& operations)
    : env_(env),
      dialect_(std::move(dialect)),
      options_(std::move(options)),
      operations_(operations),
      flows_(env) {}

BearerClient::~BearerClient() = default;

Called BearerClient::call(const Call& call) {
  const Operation* operation = operations_.find(call.service, call.operation);
  if (operation == nullptr || !dialect_->speaks(*operation->service)) {
    return refused(ErrorCode::kInvalid, fmt::format("the table of operations has no {}.{}",
                                                    call.service, call.operation));
  }
  auto endpoint = dialect_->endpoint_of(*operation);
  if (!endpoint) return refused(endpoint.error().code(), endpoint.error().message());
  auto parameters = dialect_->whole(*operation, call);
  if (!parameters) return refused(parameters.error().code(), parameters.error().message());
  const auto rest = write_rest_call(*operation, *parameters, call.token);
  if (!rest) return refused(rest.error().code(), rest.error().message());
  const Asked asked{.operation = *operation,
                    .call = call,
                    .endpoint = *std::move(endpoint),
                    .ask = {.account = call.account,
                            .duty = call.duty,
                            .audience = dialect_->audience_of(*operation)},
                    .secrets = secrets_of(*operation, *parameters)};
  Called called = call_one(asked, *rest);
  if (!called.answer || !call.all_pages || operation->paging == nullptr) return called;
  return pages(asked, std::move(called), *parameters);
}

Called BearerClient::pages(const Asked& asked, Called called, const JsonValue& given) {
  const Paging& paging = *asked.operation.paging;
  JsonValue all, parameters = given;
  std::string last;
  for (size_t page = 0; page < kPagesMax; ++page) {
    append_page(paging, called.answer->value, all);
    const std::string next = called.answer->value[paging.out].text_or_empty();
    if (next.empty()) {
      called.answer->value = std::move(all);
      return called;
    }
    if (next == last) {
      return refused(ErrorCode::kCorrupt,
                     name_of(asked.operation) + ": the pages go round in a circle");
    }
    last = next;
    RestCall rest;
    if (paging.in.empty()) {
      auto target = target_at(asked.endpoint, next);
      if (!target) {
        return refused(ErrorCode::kCorrupt,
                       name_of(asked.operation) + ": the next page is said to be elsewhere");
      }
      rest = get(*std::move(target));
    } else {
      parameters.object().insert_or_assign(paging.in, JsonValue(next));
      auto written = write_rest_call(asked.operation, parameters, "");
      if (!written) return refused(written.error().code(), written.error().message());
      rest = *std::move(written);
    }
    called = call_one(asked, rest);
    if (!called.answer) return called;
  }
  return refused(ErrorCode::kInvalid,
                 fmt::format("{}: more than {} pages", name_of(asked.operation), kPagesMax));
}

Called BearerClient::call_one(const Asked& asked, const RestCall& rest) {
  Retries retries(env_, flows_, asked.call);
  bool token_was_renewed = false;
  for (int number = 1;; ++number) {
    Attempt tried = attempt(asked, rest, true);
    if (tried.is_ok) {
      retries.succeeded(flow_of(asked));
      return finish(asked, rest, tried);
    }
    if (number == kAttemptsMax || tried.gives_up) return tried.called;
    if (tried.token_was_refused && !std::exchange(token_was_renewed, true)) continue;
    const bool again = retries.wait(number, flow_of(asked),
                                    {.refusal = tried.called.refusal,
                                     .was_answered = tried.was_answered,
                                     .may_be_known = tried.was_answered});
    if (!again) return tried.called;
  }
}

BearerClient::Attempt BearerClient::look(const Asked& asked, const std::string& target) {
  for (int number = 1;; ++number) {
    Attempt seen = attempt(asked, get(target), false);
    const Refusal& refusal = seen.called.refusal;
    const bool may_pass = seen.token_was_refused || refusal.code == ErrorCode::kThrottled ||
                          refusal.code == ErrorCode::kUnavailable ||
                          refusal.code == ErrorCode::kUnknownOutcome;
    if (seen.is_ok || !may_pass || number == kAttemptsMax) return seen;
    env_.clock.sleep(
        std::max(pause_before(env_.random, number), std::min(refusal.retry_after, kPauseMax)));
  }
}

Flow BearerClient::flow_of(const Asked& asked) const {
  const Call& call = asked.call;
  return {.account = call.account,
          .region = {},
          .service = call.service,
          .is_evidence = call.is_evidence || call.duty == Duty::kEvidence};
}

BearerClient::Attempt BearerClient::attempt(const Asked& asked, const RestCall& rest,
                                            bool is_the_call) {
  Attempt tried;
  const Flow flow = flow_of(asked);
  const bool must_leave_soon = is_the_call && asked.call.not_after.has_value();
  const Duration left =
      must_leave_soon ? span_of(env_.clock.now(), *asked.call.not_after) : Flows::kWaitMax;
  if (!flows_.wait_for_turn(flow, std::max(left, Duration{}))) {
    tried.called = refused(
        ErrorCode::kThrottled,
        fmt::format("{} lets no more through for the moment; nothing was sent", flow.service));
    tried.gives_up = true;
    return tried;
  }
  const auto token = options_.token(asked.ask);
  if (!token) {
    tried.called = refused(token.error().code(), token.error().message());
    // What only may have been done while asking who we are did not do this.
    Refusal& refusal = tried.called.refusal;
    if (refusal.code == ErrorCode::kUnknownOutcome) refusal.code = ErrorCode::kUnavailable;
    return tried;
  }
  const Time now = env_.clock.now();
  if (must_leave_soon && now > *asked.call.not_after) {
    tried.called =
        refused(ErrorCode::kUnavailable, "its time to leave has passed; nothing was sent");
    tried.gives_up = true;
    return tried;
  }
  env::HttpRequest request;
  request.method = rest.method;
  request.url = asked.endpoint + rest.target;
  request.headers = rest.headers;
  request.headers.push_back({"Authorization", "Bearer " + token->value});
  request.body = rest.body;
  request.plain_http = asked.endpoint.starts_with("http://");
  auto response = env_.http.send(request);
  tried.was_answered = response.has_value();
  if (!response) {
    flows_.answered(flow, false);
    tried.called = refused(response.error().code(), response.error().message());
    if (response.error().code() == ErrorCode::kUnknownOutcome) {
      tried.called.valid_until = now + kRequestHolds;
    }
    return tried;
  }
  tried.response = *std::move(response);
  tried.called.refusal.request_id = dialect_->request_id_of(tried.response);
  tried.called.valid_until = now + kRequestHolds;
  if (is_answer(tried.response)) {
    flows_.answered(flow, false);
    tried.is_ok = true;
    return tried;
  }
  std::vector<std::string> secrets = asked.secrets;
  secrets.push_back(token->value);
  const int status = tried.response.status;
  const RestError error = dialect_->read_error(tried.response);
  Refusal& refusal = tried.called.refusal;
  refusal.code = dialect_->class_of(error, status);
  refusal.provider_code = shown_text(error.code, secrets);
  refusal.message =
      fmt::format("{}: {}{}", name_of(asked.operation), refusal.provider_code,
                  error.message.empty() ? "" : ": " + shown_text(error.message, secrets));
  const bool throttled = refusal.code == ErrorCode::kThrottled;
  flows_.answered(flow, throttled);
  if (throttled || status >= 500) {
    refusal.retry_after = retry_after_of(tried.response, now).value_or(Duration{});
  }
  if (refusal.code != ErrorCode::kUnknownOutcome) tried.called.valid_until = {};
  // 401 comes before anything is done, and another token may be good.
  if (status == 401) {
    tried.token_was_refused = true;
    if (options_.refused) options_.refused(asked.ask, *token);
  }
  return tried;
}

// What was accepted is done, has failed, or nobody can say.
Called BearerClient::finish(const Asked& asked, const RestCall& sent, const Attempt& first) {
  const Operation& operation = asked.operation;
  const std::string request_id = first.called.refusal.request_id;
  Called called;
  called.valid_until = first.called.valid_until;
  const auto lost = [&](const std::string& why) {
    called.refusal.code = ErrorCode::kUnknownOutcome;
    called.refusal.request_id = request_id;
    called.refusal.message = fmt::format("{}: {}", name_of(operation), why);
    called.valid_until = env_.clock.now() + kRequestHolds;
    return called;
  };
  const auto answered = [&](const env::HttpResponse& response) {
    auto value = read_rest_answer(operation, response);
    // It was done; what it said is lost.
    if (!value) return lost(value.error().message());
    called.answer = {.value = *std::move(value), .request_id = request_id};
    return called;
  };
  const auto watched = dialect_->watched(operation, sent, first.response);
  if (!watched) return answered(first.response);
  const auto target = target_at(asked.endpoint, watched->url);
  if (!target) return lost("it was accepted, but how far it is would be said elsewhere");

  const Steady begun = env_.clock.steady();
  Duration pause = kLookEvery;
  env::HttpResponse last = first.response;
  for (;;) {
    const auto asked_for = retry_after_of(last, env_.clock.now());
    const Duration wait = asked_for ? std::min(*asked_for, kLookEveryMax) : pause;
    if (env_.clock.steady() - begun + wait > kDoneWithin) {
      return lost("it was accepted, and is not done yet");
    }
    env_.clock.sleep(wait);
    pause = std::min(pause * 2, kLookEveryMax);
    Attempt seen = look(asked, *target);
    if (!seen.is_ok) {
      return lost("it was accepted, but how far it is cannot be seen: " +
                  seen.called.refusal.message);
    }
    last = std::move(seen.response);
    const Progress progress = dialect_->progress_of(*watched, last);
    if (progress.state == Progress::State::kRunning) continue;
    if (progress.state == Progress::State::kFailed) {
      // Of a failure that nobody knows, some may have been done: like an error of the server.
      const ErrorCode code = dialect_->class_of(progress.error, 500);
      const bool may_pass = code == ErrorCode::kThrottled || code == ErrorCode::kUnavailable ||
                            code == ErrorCode::kConflict;
      called.refusal = {
          .code = may_pass ? ErrorCode::kUnknownOutcome : code,
          .provider_code = shown_text(progress.error.code, asked.secrets),
          .message = fmt::format("{}: it was accepted, and failed: {}: {}", name_of(operation),
                                 shown_text(progress.error.code, asked.secrets),
                                 shown_text(progress.error.message, asked.secrets)),
          .request_id = request_id};
      called.valid_until = {};  // it has ended
      return called;
    }
    break;
  }
  const std::string result = dialect_->result_url(*watched, sent, first.response, last);
  if (result.empty()) return answered(last);
  const auto result_target = target_at(asked.endpoint, result);
  if (!result_target) return lost("it is done, but the result would be elsewhere");
  const Attempt seen = look(asked, *result_target);
  if (!seen.is_ok) return lost("it is done: " + seen.called.refusal.message);
  return answered(seen.response);
}

}  // namespace stanch::cloud

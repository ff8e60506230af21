#include "cloud/ask.h"

#include <algorithm>
#include <optional>

#include "cloud/retry_after.h"

namespace stanch::cloud {
namespace {

constexpr Duration kFirstPause = std::chrono::milliseconds(200);  // then twice as long each time

bool may_pass(const Result<env::HttpResponse>& result) {
  if (result) return result->status == 429 || result->status >= 500;
  return result.error().code() == ErrorCode::kUnavailable ||
         result.error().code() == ErrorCode::kUnknownOutcome;
}

}  // namespace

Result<env::HttpResponse> ask(env::Env env, const env::HttpRequest& request,
                              const std::function<Result<>(env::HttpRequest&)>& finish) {
  Duration pause = kFirstPause;
  for (int attempt = 1;; ++attempt) {
    env::HttpRequest ready = request;
    if (finish) TRY(finish(ready));
    auto result = env.http.send(ready);
    if (!may_pass(result)) return result;
    if (attempt == kAskTimes) {
      if (result || result.error().code() == ErrorCode::kUnavailable) return result;
      return Error(ErrorCode::kUnavailable, result.error().message());
    }
    Duration asked{};
    if (result) asked = retry_after_of(*result, env.clock.now()).value_or(Duration{});
    env.clock.sleep(std::max(pause, std::min(asked, kAskPauseMax)));
    pause *= 2;
  }
}

}  // namespace stanch::cloud

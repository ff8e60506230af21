#pragma once

#include <functional>

#include "base/result.h"
#include "env/env.h"
#include "env/http_client.h"

namespace stanch::cloud {

inline constexpr int kAskTimes = 3;
inline constexpr Duration kAskPauseMax = std::chrono::seconds(5);  // that a server may ask for

// Sends what may be sent more than once, for it changes nothing: up to kAskTimes, with a pause
// in between (the server's own, if it asks for more), while there is no answer or one of 429 or
// 5xx. `finish` makes each attempt
// ready. The last answer, whatever its status; kUnavailable if there was none: unlike
// send(), a caller need not care whether the request arrived.
Result<env::HttpResponse> ask(env::Env env, const env::HttpRequest& request,
                              const std::function<Result<>(env::HttpRequest&)>& finish = {});

}  // namespace stanch::cloud

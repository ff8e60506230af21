#pragma once

#include <optional>

#include "base/time.h"
#include "env/http_client.h"

namespace stanch::cloud {

// For how long an answer that refused asks not to be called again. Nothing if it does not say, and
// of what nobody can mean: no number, no date, nothing ahead, over an hour. It is foreign: whoever
// waits for it bounds it.
std::optional<Duration> retry_after_of(const env::HttpResponse& response, Time now);

}  // namespace stanch::cloud

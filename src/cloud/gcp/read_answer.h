#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "cloud/bearer_client.h"
#include "env/http_client.h"

namespace stanch::cloud::gcp {

// Why a request was refused: the reason ("rateLimitExceeded"), or without one the status
// ("PERMISSION_DENIED").
RestError read_error(const env::HttpResponse& response);

// What may the caller do? Of 5xx that are not known to come before anything is done: it may have
// been (kUnknownOutcome).
ErrorCode class_of(const RestError& error, int status);

// Where it is seen how far that is which an answer says was begun: an operation of Compute Engine
// beside what was called, or a long-running one by its name.
std::optional<Watched> watched(Waits waits, const RestCall& sent,
                               const env::HttpResponse& response);
Progress progress_of(const env::HttpResponse& response);

}  // namespace stanch::cloud::gcp

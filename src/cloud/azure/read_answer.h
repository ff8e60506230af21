#pragma once

#include <string>

#include "base/result.h"
#include "cloud/bearer_client.h"
#include "env/http_client.h"

namespace stanch::cloud::azure {

// Why a request was refused, as Resource Manager and Graph say it.
RestError read_error(const env::HttpResponse& response);

// What may the caller do? Of 5xx that are not known to come before anything is done: it may have
// been (kUnknownOutcome).
ErrorCode class_of(const RestError& error, int status);

// The provider's id of the request, as the activity log (correlationId) or the audit log of Graph
// has it; "" if none is said.
std::string request_id_of(const env::HttpResponse& response);

// Where it is seen how far that is which an answer of Resource Manager says was begun, and how:
// at a URL that says a status, at one that answers 202 until it is done, at the resource itself.
enum class How : uint8_t { kStatus, kLocation, kResource };
std::optional<Watched> watched(const RestCall& sent, const env::HttpResponse& response);
Progress progress_of(const Watched& watched, const env::HttpResponse& response);
std::string result_url(const Watched& watched, const RestCall& sent, const env::HttpResponse& first,
                       const env::HttpResponse& last);

}  // namespace stanch::cloud::azure

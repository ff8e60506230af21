#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "cloud/operations.h"
#include "codec/json_value.h"
#include "env/http_client.h"

namespace stanch::cloud::aws {

// What an operation answered (status 2xx), with members by their names in the table; what the table
// does not know is left out. Times are RFC 3339 in UTC, bytes base64. kCorrupt if it cannot be
// read: that the call was done is then still true.
Result<codec::JsonValue> read_answer(const Operation& operation, const env::HttpResponse& response);

// Why it was refused (any other status).
struct ServiceError {
  std::string code;     // "NoSuchEntity"; "HTTP 503" if none is said
  std::string message;  // for people; foreign text
  std::string region;   // of the bucket, where S3 says that it is in another; foreign text
};
ServiceError read_error(const Operation& operation, const env::HttpResponse& response);
// Of a body in XML; nothing in it if it says neither.
ServiceError read_xml_error(std::string_view body);

// Whether an answer that says 2xx tells of an error all the same. Contents of objects are no
// answers of AWS, whatever they look like.
bool holds_error(const Operation& operation, std::string_view body);

// The provider's id of the request, as CloudTrail has it too; "" if none is said.
std::string request_id_of(const env::HttpResponse& response);

// What may the caller do? Of 5xx that are not known to come before anything is done: it may have
// been (kUnknownOutcome).
ErrorCode class_of(const ServiceError& error, int status);

}  // namespace stanch::cloud::aws

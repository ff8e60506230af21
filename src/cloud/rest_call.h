#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "cloud/operations.h"
#include "codec/json_value.h"
#include "env/http_client.h"

// Calls whose parameters stand in path, query and headers, with a body of JSON: those of Azure and
// of Google Cloud.

namespace stanch::cloud {

// A call as it goes to whatever endpoint, before it bears a token.
struct RestCall {
  std::string method;
  std::string target;  // "/path?query", encoded
  std::vector<env::HttpHeader> headers;
  std::string body;
};

// Parameters as check_parameters() takes them: kInvalid if they are not, or if a text cannot be a
// part of a path (an id of Azure may begin with its slash). A token of idempotency that is not
// given is made of `token`, a UUID; none if that is "".
Result<RestCall> write_rest_call(const Operation& operation, const codec::JsonValue& parameters,
                                 const std::string& token);

// What was answered (status 2xx): the whole body, since documents are changed and written back. {}
// for an empty one. kCorrupt if it is no JSON: that the call was done is then still true.
Result<codec::JsonValue> read_rest_answer(const Operation& operation,
                                          const env::HttpResponse& response);

// Whether a text may be a segment of a path: not empty, no slash of either kind, no '%' (some
// decode twice), no control character, neither "." nor ".."; at most 1024 bytes.
bool is_segment(std::string_view text);

// Whether a text is made of such segments, as `segments` has them: "projects/*/keys/*"; "**", once,
// is any number of them. Words of ids of Azure may be in any case.
bool are_segments(std::string_view text, std::string_view segments, bool any_case = false);

// The texts in `parameters` that the table says are sensitive.
std::vector<std::string> secrets_of(const Operation& operation, const codec::JsonValue& parameters);

}  // namespace stanch::cloud

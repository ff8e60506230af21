#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "cloud/operations.h"
#include "codec/json_value.h"
#include "env/http_client.h"

namespace stanch::cloud::aws {

// A call as it goes to whatever endpoint, before it is signed.
struct WireCall {
  std::string method;
  std::string host_prefix;  // in front of the host name: "111122223333."
  std::string path = "/";   // encoded
  // Encoded, in order: "list-type", "2". A name without a value has "" and no '='.
  struct Query {
    std::string name, value;
    bool has_value = true;
  };
  std::vector<Query> query;
  std::vector<env::HttpHeader> headers;
  std::string body;

  std::string target() const;  // "/path?query"
};

// In the protocol of the operation's service (https://smithy.io/2.0/aws/protocols/). Parameters as
// check_parameters() takes them: kInvalid if they are not. Tokens that are not given are `token`.
Result<WireCall> write_call(const Operation& operation, const codec::JsonValue& parameters,
                            const std::string& token);

}  // namespace stanch::cloud::aws

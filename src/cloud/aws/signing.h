#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "cloud/aws/credentials.h"
#include "env/http_client.h"

// AWS Signature Version 4 (IAM User Guide, "Create a signed AWS API request").

namespace stanch::cloud::aws {

// How a service reads paths and bodies.
enum class SigningRules : uint8_t {
  // The path is normalised ("/a//./b" is "/a/b") and, as it stands in the URL, encoded once more.
  kOrdinary,
  // The path is signed as it is sent. The hash of the body goes along as x-amz-content-sha256.
  kS3,
};

struct Signing {
  std::string region;   // where it is sent, "eu-west-1"; the caller's to know
  std::string service;  // as the service calls itself when signing, "s3", "sts"
  // When the server will think it is: our clock, and how far that one's is ahead of it.
  Time when = {};
  SigningRules rules = SigningRules::kOrdinary;
  bool unsigned_payload = false;  // kS3 over TLS: the body may be any
};

// Signs the request as it stands: its URL, all headers but those that change on the way, its
// body. Adds Authorization, x-amz-date and, with a session token, x-amz-security-token; what
// an earlier signature added is replaced. The caller must encode the URL: a query with '+',
// which some read as a space, or '%' without two hex digits is kInvalid.
Result<> sign(env::HttpRequest& request, const Credentials& credentials, const Signing& signing);

// Puts the signature into the query of the URL instead, for whoever holds it to use for that
// long (1 s to 7 days). They must send the same headers. With kS3 the body may be any.
Result<> presign(env::HttpRequest& request, const Credentials& credentials, const Signing& signing,
                 std::chrono::seconds valid);

}  // namespace stanch::cloud::aws

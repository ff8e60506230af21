#pragma once

#include <string>
#include <vector>

#include "cloud/gcp/credentials.h"
#include "cloud/token.h"
#include "codec/json_value.h"

// Where tokens come from; load_token() says in which order they are asked.

namespace stanch::cloud::gcp {

inline constexpr const char* kCloudScope = "https://www.googleapis.com/auth/cloud-platform";

// GOOGLE_APPLICATION_CREDENTIALS: a file of type service_account (a key), external_account
// (workload identity federation), or impersonated_service_account on top of one of these. Those of
// people (authorized_user) are refused.
FoundToken from_file(env::Env env, const ChainOptions& options, const std::string& scopes);

// The service account of an instance, a container or a function, by the metadata server;
// GCE_METADATA_HOST is asked instead of 169.254.169.254.
FoundToken from_metadata(env::Env env, const ChainOptions& options, const std::string& scopes);

// A key of a service account: an assertion that it signs (RFC 7523).
Result<Token> token_of_key(env::Env env, const codec::JsonValue& file, const std::string& subject,
                           const std::string& scopes);

// A token that somebody else gave us, exchanged for one of Google (RFC 8693). It comes from a file
// or a URL, or is a request to AWS that we signed, whose answer says who we are.
Result<Token> token_of_federation(env::Env env, const codec::JsonValue& file,
                                  const std::string& scopes);

// Of a service account that we may become.
struct Impersonation {
  std::string url;  // …:generateAccessToken
  std::vector<std::string> delegates;
};
// Of the account with that e-mail address; kInvalid if it is none.
Result<Impersonation> impersonation_of(env::Env env, const std::string& account);
Result<Token> impersonate(env::Env env, const Token& as, const Impersonation& whom,
                          const std::string& scopes);

// What the answer to that is.
Result<Token> read_impersonated(const std::string& body, const std::string& source);

// The token in what a file or a URL says: all of it, or a member of JSON.
Result<std::string> subject_token_in(const std::string& text, const codec::JsonValue& format);

}  // namespace stanch::cloud::gcp

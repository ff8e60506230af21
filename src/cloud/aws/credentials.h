#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "base/time.h"
#include "cloud/renewing.h"
#include "env/env.h"

// Who we are to AWS. Secrets are in Credentials alone: no error and no text made here has any.

namespace stanch::cloud::aws {

struct Credentials {
  std::string access_key_id;
  std::string secret_access_key;
  std::string session_token;    // "" for long-lived ones
  std::optional<Time> expires;  // the end of a session
  std::string source;           // for people: "profile prod", "instance role web"
  bool operator==(const Credentials&) const = default;
};

struct ChainOptions {
  std::string profile;  // "" for AWS_PROFILE, and without one "default"
  std::string region;   // where STS is asked; "" for AWS_REGION, AWS_DEFAULT_REGION, profile
  std::string session_name = "stanch";  // of roles that are assumed on the way
  Duration clock_ahead = {};            // how far AWS's clock is ahead of ours
};

// Asks the sources in turn: environment, profile, web identity, container, instance. The first
// that is set up here decides: if it fails, that is the error, and no other identity is taken.
// kNotFound if none is.
Result<Credentials> load_credentials(env::Env env, const ChainOptions& options);

using CredentialCache = Renewing<Credentials>;

}  // namespace stanch::cloud::aws

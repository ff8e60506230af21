#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "cloud/token.h"
#include "env/env.h"

// Who we are to Google Cloud.

namespace stanch::cloud::gcp {

struct ChainOptions {
  // The service account to become on top of what is found, and through which others; "" for none.
  std::string impersonate;
  std::vector<std::string> delegates;
  // The person of a Workspace domain for whom a service account's key acts (domain-wide
  // delegation); "" for none.
  std::string subject;
};

// A token with these scopes, which are separated by spaces. Asks the sources in turn: the file that
// GOOGLE_APPLICATION_CREDENTIALS names, the metadata server. The first that is set up here decides:
// if it fails, that is the error, and no other identity is taken. kNotFound if none is.
Result<Token> load_token(env::Env env, const ChainOptions& options, const std::string& scopes);

}  // namespace stanch::cloud::gcp

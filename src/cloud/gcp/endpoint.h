#pragma once

#include <string>

#include "base/result.h"
#include "env/env.h"

namespace stanch::cloud::gcp {

// "https://compute.googleapis.com", without a slash at the end. Instead of it
// GOOGLE_ENDPOINT_URL_COMPUTE (the host's first word) or GOOGLE_ENDPOINT_URL; by plain HTTP only on
// this host.
Result<std::string> endpoint_of(env::Variables& variables, const std::string& host);

// Whether a URL that a file of credentials names may be asked for a token: by TLS at a host of
// googleapis.com, or on this machine. kDenied says why not, after `name`.
Result<> check_google_url(const std::string& name, const std::string& url);

}  // namespace stanch::cloud::gcp

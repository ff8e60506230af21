#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "env/env.h"

namespace stanch::cloud {

// A URL at which somebody wants a provider asked instead of its own, without a slash at the end.
// By plain HTTP only on this host. kInvalid, after `name`, if it has a query or cannot be asked.
Result<std::string> check_endpoint(const std::string& name, std::string url);

// The one that an environment variable names; nothing if it is not set, or "".
Result<std::optional<std::string>> own_endpoint(env::Variables& variables, const std::string& name);

}  // namespace stanch::cloud

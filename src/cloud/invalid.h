#pragma once

#include <string>
#include <utility>

#include "base/result.h"

namespace stanch::cloud {

inline Error invalid(std::string message) { return {ErrorCode::kInvalid, std::move(message)}; }

}  // namespace stanch::cloud

#pragma once

#include <cstdint>
#include <span>

#include "base/diagnostic.h"

// What can be wrong with guards, approvers and playbooks that people write.

namespace stanch::respond {

enum class ResponseCode : uint8_t {
  kSyntax,
  kUnknown,
  kMissing,
  kValue,
  kExpression,
  kTwice,
};

const DiagnosticCode& code_of(ResponseCode code);
std::span<const DiagnosticCode> response_codes();

}  // namespace stanch::respond

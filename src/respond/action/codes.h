#pragma once

#include <cstdint>
#include <span>

#include "base/diagnostic.h"

// What can be wrong with actions that people write.

namespace stanch::respond {

enum class ActionCode : uint8_t {
  kSyntax,
  kUnknown,
  kMissing,
  kValue,
  kExpression,
  kOperation,
  kParameter,
  kUnguarded,
  kNoWayBack,
  kUnwatched,
  kTwice,
  kNamed,
};

const DiagnosticCode& code_of(ActionCode code);
std::span<const DiagnosticCode> action_codes();

}  // namespace stanch::respond

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace stanch::codec {

// What is wrong with a JMESPath expression, or with what it met. The kinds with a name in the
// specification bear that name.
struct JmespathProblem {
  enum class Kind : uint8_t {
    kSyntax,
    kUnknownFunction,
    kUnknownName,  // a root that is not at hand
    kInvalidArity,
    kInvalidType,
    kInvalidValue,
    kTooLarge,  // a limit of codec/limits.h
  };
  Kind kind;
  uint32_t at = 0;      // byte of the expression
  std::string message;  // what is wrong
  std::string hint;     // what to write instead; may be empty
};

std::string_view name_of(JmespathProblem::Kind kind);  // "syntax", "invalid-type" …

// "invalid-type at column 7: sum() takes … (hint)".
std::string to_text(const JmespathProblem& problem);
Error to_error(const JmespathProblem& problem);  // kInvalid

}  // namespace stanch::codec

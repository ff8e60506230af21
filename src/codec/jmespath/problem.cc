#include "codec/jmespath/problem.h"

#include <fmt/format.h>

#include "base/check.h"

namespace stanch::codec {

std::string_view name_of(JmespathProblem::Kind kind) {
  switch (kind) {
    case JmespathProblem::Kind::kSyntax: return "syntax";
    case JmespathProblem::Kind::kUnknownFunction: return "unknown-function";
    case JmespathProblem::Kind::kUnknownName: return "unknown-name";
    case JmespathProblem::Kind::kInvalidArity: return "invalid-arity";
    case JmespathProblem::Kind::kInvalidType: return "invalid-type";
    case JmespathProblem::Kind::kInvalidValue: return "invalid-value";
    case JmespathProblem::Kind::kTooLarge: return "too-large";
  }
  CHECK(false);
}

std::string to_text(const JmespathProblem& problem) {
  std::string text =
      fmt::format("{} at column {}: {}", name_of(problem.kind), problem.at + 1, problem.message);
  if (!problem.hint.empty()) text += " (" + problem.hint + ")";
  return text;
}

Error to_error(const JmespathProblem& problem) {
  return Error(ErrorCode::kInvalid, to_text(problem));
}

}  // namespace stanch::codec

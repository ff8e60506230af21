#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "codec/jmespath/problem.h"
#include "codec/json_value.h"

namespace stanch::codec::jmespath {

enum class TokenKind : uint8_t {
  kEnd,
  kName,     // text
  kRoot,     // text: $text
  kQuoted,   // text, decoded
  kLiteral,  // literal: `…` and '…'
  kNumber,   // number
  kDot,
  kStar,
  kComma,
  kColon,
  kAt,
  kAmpersand,
  kPipe,
  kOr,
  kAnd,
  kNot,
  kEqual,
  kNotEqual,
  kLess,
  kLessEqual,
  kGreater,
  kGreaterEqual,
  kOpenFilter,  // [?
  kFlatten,     // []
  kOpenBracket,
  kCloseBracket,
  kOpenBrace,
  kCloseBrace,
  kOpenParenthesis,
  kCloseParenthesis,
};

struct Token {
  TokenKind kind = TokenKind::kEnd;
  uint32_t at = 0;
  std::string_view raw = {};  // in the expression
  std::string text = {};
  JsonValue literal = {};
  int64_t number = 0;
};

// All tokens, the last of which is kEnd; or the first problem.
struct Tokens {
  std::vector<Token> list;
  std::optional<JmespathProblem> problem;
};
Tokens tokenize(std::string_view text);

}  // namespace stanch::codec::jmespath

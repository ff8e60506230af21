#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "codec/json.h"

// RFC 8785 (JCS): the one text of a JSON value, for whatever is hashed. No white
// space, members sorted by the UTF-16 code units of their keys, numbers as
// ECMAScript writes them. What has no such text is refused: a key that stands
// twice, a lone surrogate, bad UTF-8, a number that no double holds.

namespace stanch::codec {

struct CanonicalRules {
  // Refuses integers beyond ±2^53, which most readers of JSON would change.
  bool integers_exact = true;
};

// Appends the canonical text of `view`, or says why there is none (kInvalid).
Result<> append_canonical(JsonView view, std::string& out, CanonicalRules rules = {});

// The canonical text of the one value in `json`.
Result<std::string> canonical_json(JsonParser& parser, std::string_view json,
                                   CanonicalRules rules = {});

// With quotes. Bytes that are no UTF-8 become U+FFFD.
void append_canonical_string(std::string_view text, std::string& out);

// Finite; -0 is 0 (ECMA-262 Number::toString).
void append_canonical_number(double value, std::string& out);

}  // namespace stanch::codec

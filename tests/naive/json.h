#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "naive/text.h"

// JSON as a plain tree: members in order and with their duplicates, numbers as
// the text that was written.

namespace naive {

struct Json;
struct Member;

struct Null {};
struct Number {
  std::string written;
};
struct Object {
  std::vector<Member> members;
};
struct Array {
  std::vector<Json> elements;
};

struct Json {
  std::variant<Null, bool, Number, Text, Array, Object> value;

  template <typename T>
  const T* as() const {
    return std::get_if<T>(&value);
  }
};

struct Member {
  Text first;
  Json second;
};

// The one value that `bytes` hold, or nothing. As strict as RFC 8259, but for a byte
// order mark in front, bad UTF-8 and raw control characters in strings; a
// surrogate without its other half reads as U+FFFD.
std::optional<Json> parse_json(std::string_view bytes);

// Without white space, members in order, numbers as written, strings as RFC 8785 3.2.2.2 writes
// them (escaped are '"', '\' and control characters, the common ones as \b \t \n \f \r).
Text compact(const Json& json);

}  // namespace naive

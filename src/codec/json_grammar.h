#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

#include "codec/json.h"

// The pieces of RFC 8259's grammar that both roads of the parser share.
// Private to codec/json*.cc.

namespace stanch::codec {

inline bool is_digit(char c) { return c >= '0' && c <= '9'; }

// RFC 8259 section 6: -?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?
inline bool is_json_number(const char* p, const char* end) {
  if (p != end && *p == '-') ++p;
  if (p == end || !is_digit(*p)) return false;
  if (*p == '0') {
    ++p;
  } else {
    while (p != end && is_digit(*p)) ++p;
  }
  if (p != end && *p == '.') {
    ++p;
    if (p == end || !is_digit(*p)) return false;
    while (p != end && is_digit(*p)) ++p;
  }
  if (p != end && (*p == 'e' || *p == 'E')) {
    ++p;
    if (p != end && (*p == '+' || *p == '-')) ++p;
    if (p == end || !is_digit(*p)) return false;
    while (p != end && is_digit(*p)) ++p;
  }
  return p == end;
}

inline bool is_hex_digit(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

// Every backslash of [p, end) starts an escape of RFC 8259 section 7.
inline bool has_good_escapes(const char* p, const char* end) {
  while ((p = static_cast<const char*>(std::memchr(p, '\\', static_cast<size_t>(end - p))))) {
    if (end - p < 2) return false;
    switch (p[1]) {
      case '"':
      case '\\':
      case '/':
      case 'b':
      case 'f':
      case 'n':
      case 'r':
      case 't': p += 2; break;
      case 'u':
        if (end - p < 6) return false;
        for (int i = 2; i < 6; ++i) {
          if (!is_hex_digit(p[i])) return false;
        }
        p += 6;
        break;
      default: return false;
    }
    if (p == end) break;
  }
  return true;
}

}  // namespace stanch::codec

#pragma once

#include <optional>
#include <string_view>

#include "base/time.h"
#include "codec/json.h"

// What records that were lines of text have in common: `text_form` names the form of the line.

namespace stanch::normalize {

inline bool has_form(codec::JsonView event, std::string_view form) {
  const codec::JsonView named = event["text_form"];
  return named.exists() && named.is_string() && named.raw() == form;
}

inline std::string_view no_event_id(codec::JsonView, std::string&) { return {}; }

// "203.0.113.66" of "203.0.113.66:2817", and of "[2001:db8::7]:443" what is inside.
inline std::string_view without_port(std::string_view text) {
  if (text.starts_with('[')) return text.substr(1, text.find(']') - 1);
  const size_t colon = text.rfind(':');
  // An IPv6 address that stands alone has several.
  return colon == text.npos || text.find(':') != colon ? text : text.substr(0, colon);
}

}  // namespace stanch::normalize

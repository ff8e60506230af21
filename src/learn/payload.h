#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "codec/json.h"
#include "codec/timestamp.h"

// Reading the payload of an entry; what is not there, or is something else, reads as nothing.

namespace stanch::learn {

inline std::optional<Time> time_in(codec::JsonView view) {
  return view ? codec::parse_timestamp(view.string_or_empty()) : std::nullopt;
}

inline bool flag_in(codec::JsonView view) { return view && view.is_bool() && view.as_bool(); }

inline std::vector<std::string> texts_in(codec::JsonView list) {
  std::vector<std::string> texts;
  for (const codec::JsonView text : list.elements()) texts.push_back(text.string_or_empty());
  return texts;
}

}  // namespace stanch::learn

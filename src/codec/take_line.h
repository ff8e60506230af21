#pragma once

#include <optional>
#include <string_view>

namespace stanch::codec {

// The line at the front of `text`, without its newline; nothing if there is none.
inline std::optional<std::string_view> take_line(std::string_view& text) {
  const size_t newline = text.find('\n');
  if (newline == text.npos) return std::nullopt;
  const std::string_view line = text.substr(0, newline);
  text.remove_prefix(newline + 1);
  return line;
}

}  // namespace stanch::codec

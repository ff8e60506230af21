#include "model/entity_parts.h"

#include <cstdint>

namespace stanch::model {

namespace {

int digit_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Without its escapes; nothing if they are none of ours.
std::optional<std::string> plain_text(std::string_view part) {
  if (part.starts_with("%~")) return std::nullopt;
  std::string text;
  for (size_t i = 0; i < part.size(); ++i) {
    if (part[i] != '%') {
      text += part[i];
      continue;
    }
    if (i + 2 >= part.size()) return std::nullopt;
    const int high = digit_of(part[i + 1]), low = digit_of(part[i + 2]);
    if (high < 0 || low < 0) return std::nullopt;
    text += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return text;
}

}  // namespace

std::optional<EntityParts> split_entity(std::string_view id) {
  EntityParts parts;
  size_t slash = id.find('/');
  if (slash == id.npos || slash == 0) return std::nullopt;
  parts.type = id.substr(0, slash);
  for (id.remove_prefix(slash + 1);; id.remove_prefix(slash + 1)) {
    slash = id.find('/');
    auto text = plain_text(id.substr(0, slash));
    if (!text || text->empty()) return std::nullopt;
    if (slash == id.npos) {
      parts.name = std::move(*text);
      return parts;
    }
    parts.scope.push_back(std::move(*text));
  }
}

}  // namespace stanch::model

#include "ingest/glob.h"

#include <optional>

#include "codec/utf8.h"

namespace stanch::ingest {

namespace {

struct Class {
  bool fits;
  size_t length;  // of the pattern, with both brackets
};

// The class at the front of `pattern`, which begins with '['; nothing if it is
// not closed.
std::optional<Class> match_class(std::string_view pattern, char32_t c) {
  size_t at = 1;
  const bool negated = at < pattern.size() && (pattern[at] == '!' || pattern[at] == '^');
  if (negated) ++at;
  bool fits = false;
  for (bool first = true; at < pattern.size(); first = false) {
    if (pattern[at] == ']' && !first) return Class{fits != negated, at + 1};
    const auto low = codec::decode_utf8(pattern.substr(at));
    at += low.length;
    char32_t high = low.code_point;
    if (at + 1 < pattern.size() && pattern[at] == '-' && pattern[at + 1] != ']') {
      const auto upper = codec::decode_utf8(pattern.substr(at + 1));
      at += 1 + upper.length;
      high = upper.code_point;
    }
    fits = fits || (c >= low.code_point && c <= high);
  }
  return std::nullopt;
}

// Takes one character of `name` with the first element of `pattern`, no '*'.
bool match_one(std::string_view& name, std::string_view& pattern) {
  const auto c = codec::decode_utf8(name);
  if (pattern.front() == '?') {
    pattern.remove_prefix(1);
    name.remove_prefix(c.length);
    return true;
  }
  if (pattern.front() == '[') {
    if (const std::optional<Class> found = match_class(pattern, c.code_point)) {
      pattern.remove_prefix(found->length);
      name.remove_prefix(c.length);
      return found->fits;
    }
  }
  if (pattern.front() == '\\' && pattern.size() > 1) pattern.remove_prefix(1);
  if (pattern.front() != name.front()) return false;
  pattern.remove_prefix(1);
  name.remove_prefix(1);
  return true;
}

}  // namespace

bool is_glob(std::string_view text) { return text.find_first_of("*?[") != std::string_view::npos; }

bool fits_glob(std::string_view name, std::string_view pattern) {
  // Only the last '*' ever needs to be tried again.
  std::optional<std::string_view> star_pattern;
  std::string_view star_name;
  while (!name.empty()) {
    if (!pattern.empty() && pattern.front() == '*') {
      pattern.remove_prefix(1);
      star_pattern = pattern;
      star_name = name;
    } else if (pattern.empty() || !match_one(name, pattern)) {
      if (!star_pattern) return false;
      star_name.remove_prefix(codec::decode_utf8(star_name).length);
      name = star_name;
      pattern = *star_pattern;
    }
  }
  return pattern.find_first_not_of('*') == std::string_view::npos;
}

}  // namespace stanch::ingest

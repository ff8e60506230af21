#include "detect/fields/names.h"

#include "base/ascii.h"

#include <algorithm>

namespace stanch::detect::fields {

namespace {

std::string without_brackets(std::string_view name, bool keep_selections) {
  std::string out;
  while (!name.empty()) {
    const char close = name.front() == '[' ? ']' : name.front() == '{' ? '}' : '\0';
    const size_t end = close == '\0' ? std::string_view::npos : name.find(close);
    const bool ends_segment =
        end != std::string_view::npos && (end + 1 == name.size() || name[end + 1] == '.' ||
                                          name[end + 1] == '[' || name[end + 1] == '{');
    if (!ends_segment || out.empty()) {
      out += name.front();
      name.remove_prefix(1);
      continue;
    }
    const std::string_view inside = name.substr(1, end - 1);
    const bool is_selection = close == ']' && inside.find('=') != std::string_view::npos;
    const bool is_empty = inside.empty() || (close == ']' && inside == "*");
    if (!is_empty && (keep_selections || !is_selection)) out += name.substr(0, end + 1);
    name.remove_prefix(end + 1);
  }
  return out;
}

}  // namespace

bool is_same_name(std::string_view a, std::string_view b) {
  return equal_ignoring_ascii_case(a, b);
}

bool starts_with_name(std::string_view name, std::string_view beginning) {
  return name.size() >= beginning.size() &&
         is_same_name(name.substr(0, beginning.size()), beginning);
}

std::string plain_name(std::string_view name) { return without_brackets(name, true); }

std::string place_name(std::string_view name) { return without_brackets(name, false); }

}  // namespace stanch::detect::fields

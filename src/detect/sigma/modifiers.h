#pragma once

#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "detect/sigma/rule.h"

// The modifiers of Sigma 2.1 as a table: their names, what they may follow, and what an
// item with them compares.

namespace stanch::detect::sigma {

// What the values of an item are, once all its modifiers are known.
enum class ItemForm : uint8_t {
  kText,      // text patterns, numbers, booleans, null
  kRegex,     // re
  kNetwork,   // cidr
  kNumber,    // lt lte gt gte
  kTimePart,  // minute … year, alone or with a numeric modifier
  kFieldRef,  // names of other fields
  kExists,    // true or false
};

std::optional<Modifier> find_modifier(std::string_view name);
std::string_view name_of(Modifier modifier);         // the specification's name
std::span<const std::string_view> modifier_names();  // all, aliases included

inline bool has(std::span<const Modifier> modifiers, Modifier wanted) {
  return std::ranges::find(modifiers, wanted) != modifiers.end();
}
inline bool has(const Item& item, Modifier wanted) { return has(item.modifiers, wanted); }

ItemForm form_of(std::span<const Modifier> modifiers);

struct ModifierProblem {
  std::string message, hint;
};

// What is wrong with this sequence of modifiers on a field, or on keywords; the first thing
// found.
std::optional<ModifierProblem> check_modifiers(std::span<const Modifier> modifiers,
                                               bool is_keyword);

}  // namespace stanch::detect::sigma

#pragma once

#include <string_view>
#include <vector>

#include "detect/sigma/rule.h"
#include "naive/text.h"

// A Sigma string with wildcards, and the modifiers that turn one into others.

namespace naive {

struct Symbol {
  enum Kind { kOne, kAny, kCharacter } kind;
  char32_t character = 0;
};
using Pattern = std::vector<Symbol>;

Pattern parse_pattern(std::string_view written);                             // V10
bool pattern_matches(const Pattern& pattern, const Text& text, bool cased);  // V3, V4

// The patterns that `written` stands for after all `modifiers`, from left to right.
// Those that change no text (all, cased, neq, expand) do nothing here.
std::vector<Pattern> expand_pattern(std::string_view written,
                                    const std::vector<stanch::detect::sigma::Modifier>& modifiers);

}  // namespace naive

#pragma once

#include <string>
#include <string_view>

// Text as a row of code points, so that "one character" needs no thought.

namespace naive {

using Text = std::u32string;

// Every byte sequence that is no UTF-8 reads as U+FFFD.
Text from_utf8(std::string_view bytes);
std::string to_utf8(const Text& text);

// Simple case folding, from Perl's copy of the Unicode data (fold_table.pl).
char32_t fold(char32_t code_point);
Text fold(const Text& text);

// Keys are equal ignoring ASCII case only (F2).
bool equal_ignoring_ascii_case(const Text& a, const Text& b);

}  // namespace naive

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

// UTF-8 as Unicode 15.0 section 3.9 defines it: no overlong forms, no
// surrogates, nothing above U+10FFFF.

namespace stanch::codec {

inline constexpr char32_t kReplacementCharacter = 0xFFFD;
inline constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

struct Utf8Step {
  char32_t code_point;  // kReplacementCharacter if not valid
  uint32_t length;      // bytes to go on by, at least 1
  bool valid;
};

// The first character of `text`, which is not empty. Bad bytes are taken as Unicode
// recommends (section 3.9, "maximal subpart"): one step for as many bytes as begin a
// character, so that everybody counts the same number of replacement characters.
Utf8Step decode_utf8(std::string_view text);

void append_utf8(char32_t code_point, std::string& out);

bool is_utf8(std::string_view text);

// The text with each bad sequence replaced by U+FFFD.
void append_repaired_utf8(std::string_view text, std::string& out);
std::string repair_utf8(std::string_view text);

// Not shown by a terminal as a mark of its own, or able to change how the text
// around it is read: C1 controls, directions, zero width. ASCII is not asked about.
bool is_hidden(char32_t code_point);

// Foreign text, safe to show on a terminal: what would move the cursor, start
// an escape sequence, reverse the reading order or be invisible is written as
// \n, \x1b or \u{202e}, and bad UTF-8 as U+FFFD. Everything else is as it was.
std::string for_terminal(std::string_view text);

}  // namespace stanch::codec

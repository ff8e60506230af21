#include "base/diagnostic.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/check.h"

namespace stanch {

namespace {

constexpr size_t kSnippetBytesMax = 200;

// How many bytes the character at the front of `text` has; 0 if they are none of UTF-8.
size_t length_of_character(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text.front());
  const size_t length = lead < 0x80   ? 1
                        : lead < 0xc2 ? 0
                        : lead < 0xe0 ? 2
                        : lead < 0xf0 ? 3
                        : lead < 0xf5 ? 4
                                      : 0;
  if (length > text.size()) return 0;
  for (size_t i = 1; i < length; ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xc0) != 0x80) return 0;
  }
  return length;
}

// What a terminal would obey, or would read the rest of the line by: control characters, also the
// ones beyond ASCII (U+009B starts a sequence), and marks of reading direction.
bool is_obeyed(std::string_view character) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(character[i]); };
  if (character.size() == 1) return byte(0) < 0x20 || byte(0) == 0x7f;
  if (character.size() == 2) return byte(0) == 0xc2 && byte(1) < 0xa0;
  if (character.size() != 3 || byte(0) != 0xe2) return false;
  return (byte(1) == 0x80 && (byte(2) == 0x8e || byte(2) == 0x8f)) ||  // U+200E, F
         (byte(1) == 0x80 && byte(2) >= 0xa8 && byte(2) <= 0xae) ||    // U+2028–E
         (byte(1) == 0x81 && byte(2) >= 0xa6 && byte(2) <= 0xa9);      // U+2066–9
}

std::string printable(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const size_t length = length_of_character(text);
    const std::string_view character = text.substr(0, std::max<size_t>(length, 1));
    if (length == 0 || is_obeyed(character)) {
      out += character == "\t" ? ' ' : '?';
    } else {
      out += character;
    }
    text.remove_prefix(character.size());
  }
  return out;
}

}  // namespace

std::string_view name_of(Severity severity) {
  switch (severity) {
    case Severity::kError: return "error";
    case Severity::kWarning: return "warning";
    case Severity::kNote: return "note";
  }
  CHECK(false);
}

bool has_errors(std::span<const Diagnostic> diagnostics) {
  return std::ranges::any_of(
      diagnostics, [](const Diagnostic& d) { return d.code->severity == Severity::kError; });
}

std::string line_of(std::string_view text, uint32_t line) {
  for (; line > 1; --line) {
    const size_t newline = text.find('\n');
    if (newline == std::string_view::npos) return "";
    text.remove_prefix(newline + 1);
  }
  text = text.substr(0, std::min(text.find_first_of("\r\n"), kSnippetBytesMax));
  return std::string(text);
}

std::string to_text(const Diagnostic& diagnostic) {
  const Place& place = diagnostic.place;
  std::string out = printable(place.file);
  if (place.line != 0) out += fmt::format(":{}", place.line);
  if (place.line != 0 && place.column != 0) out += fmt::format(":{}", place.column);
  out += fmt::format(": {} {} {}: {}\n", name_of(diagnostic.code->severity), diagnostic.code->id,
                     diagnostic.code->name, printable(diagnostic.message));
  if (!diagnostic.snippet.empty()) {
    out += fmt::format("  {:>4} | {}\n", place.line, printable(diagnostic.snippet));
    if (place.column != 0 && place.column <= diagnostic.snippet.size() + 1) {
      out += fmt::format("       | {:>{}}\n", '^', place.column);
    }
  }
  if (!diagnostic.hint.empty()) out += fmt::format("       = {}\n", printable(diagnostic.hint));
  return out;
}

}  // namespace stanch

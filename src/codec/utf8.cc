#include "codec/utf8.h"

#include <fmt/format.h>

#include <iterator>

#include "codec/fold.h"

namespace stanch::codec {

namespace {

constexpr Utf8Step bad(uint32_t length) { return {kReplacementCharacter, length, false}; }

// Bounds of the second byte (Unicode table 3-7); the others are 80..BF.
struct SecondByte {
  uint8_t low, high;
};

constexpr SecondByte second_byte_after(uint8_t lead) {
  switch (lead) {
    case 0xE0: return {0xA0, 0xBF};
    case 0xED: return {0x80, 0x9F};
    case 0xF0: return {0x90, 0xBF};
    case 0xF4: return {0x80, 0x8F};
    default: return {0x80, 0xBF};
  }
}

}  // namespace

bool is_hidden(char32_t c) {
  return (c >= 0x80 && c <= 0x9F) ||      // C1 controls: U+009B starts a sequence
         c == 0xAD || c == 0x61C ||       // soft hyphen, Arabic letter mark
         c == 0x180E ||                   // Mongolian vowel separator
         (c >= 0x200B && c <= 0x200F) ||  // zero width, left-to-right and right-to-left
         (c >= 0x2028 && c <= 0x202E) ||  // line separators, embeddings, overrides
         (c >= 0x2060 && c <= 0x206F) ||  // word joiner, isolates
         c == 0xFEFF || (c >= 0xFFF9 && c <= 0xFFFB) || (c >= 0xE0000 && c <= 0xE007F);  // tags
}

Utf8Step decode_utf8(std::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(text[i]); };
  const uint8_t lead = byte(0);
  if (lead < 0x80) return {lead, 1, true};
  const uint32_t length = lead < 0xC2 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF5 ? 4 : 0;
  if (length == 0) return bad(1);
  char32_t code_point = lead & (0x7F >> length);
  for (uint32_t i = 1; i < length; ++i) {
    const SecondByte bounds = i == 1 ? second_byte_after(lead) : SecondByte{0x80, 0xBF};
    if (i == text.size() || byte(i) < bounds.low || byte(i) > bounds.high) return bad(i);
    code_point = code_point << 6 | (byte(i) & 0x3F);
  }
  return {code_point, length, true};
}

void append_utf8(char32_t c, std::string& out) {
  const auto put = [&](char32_t byte) { out += static_cast<char>(byte); };
  if (c < 0x80) {
    put(c);
  } else if (c < 0x800) {
    put(0xC0 | c >> 6);
    put(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    put(0xE0 | c >> 12);
    put(0x80 | (c >> 6 & 0x3F));
    put(0x80 | (c & 0x3F));
  } else {
    put(0xF0 | c >> 18);
    put(0x80 | (c >> 12 & 0x3F));
    put(0x80 | (c >> 6 & 0x3F));
    put(0x80 | (c & 0x3F));
  }
}

bool is_utf8(std::string_view text) {
  if (is_ascii(text)) return true;
  while (!text.empty()) {
    const Utf8Step step = decode_utf8(text);
    if (!step.valid) return false;
    text.remove_prefix(step.length);
  }
  return true;
}

void append_repaired_utf8(std::string_view text, std::string& out) {
  while (!text.empty()) {
    const Utf8Step step = decode_utf8(text);
    append_utf8(step.code_point, out);
    text.remove_prefix(step.length);
  }
}

std::string repair_utf8(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  append_repaired_utf8(text, out);
  return out;
}

std::string for_terminal(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const auto [c, length, valid] = decode_utf8(text);
    text.remove_prefix(length);
    if (c == '\n') {
      out += "\\n";
    } else if (c == '\r') {
      out += "\\r";
    } else if (c == '\t') {
      out += "\\t";
    } else if (c < 0x20 || c == 0x7F) {
      fmt::format_to(std::back_inserter(out), "\\x{:02x}", uint32_t{c});
    } else if (is_hidden(c)) {
      fmt::format_to(std::back_inserter(out), "\\u{{{:x}}}", uint32_t{c});
    } else {
      append_utf8(c, out);
    }
  }
  return out;
}

}  // namespace stanch::codec

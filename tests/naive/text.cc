#include "naive/text.h"

#include <map>

namespace naive {
namespace {

constexpr char32_t kReplacement = 0xFFFD;

// How many bytes at `at` are one well-formed sequence (Unicode table 3-7), and its
// code point; or 0 and how many bytes one U+FFFD stands for.
struct Sequence {
  size_t length = 0;
  char32_t code_point = 0;
  size_t bad_length = 1;
};

Sequence sequence_at(std::string_view bytes, size_t at) {
  auto byte = [&](size_t i) { return static_cast<unsigned char>(bytes[i]); };
  unsigned char lead = byte(at);
  if (lead < 0x80) return {1, lead, 0};
  size_t length = 0;
  char32_t code_point = 0;
  if (lead >= 0xC2 && lead <= 0xDF) {
    length = 2;
    code_point = lead & 0x1F;
  }
  if (lead >= 0xE0 && lead <= 0xEF) {
    length = 3;
    code_point = lead & 0x0F;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    length = 4;
    code_point = lead & 0x07;
  }
  if (length == 0) return {};
  for (size_t i = 1; i < length; ++i) {
    unsigned char low = 0x80, high = 0xBF;
    if (i == 1 && lead == 0xE0) low = 0xA0;
    if (i == 1 && lead == 0xED) high = 0x9F;
    if (i == 1 && lead == 0xF0) low = 0x90;
    if (i == 1 && lead == 0xF4) high = 0x8F;
    if (at + i >= bytes.size() || byte(at + i) < low || byte(at + i) > high) return {0, 0, i};
    code_point = code_point << 6 | (byte(at + i) & 0x3F);
  }
  return {length, code_point, 0};
}

const std::map<char32_t, char32_t>& fold_table() {
  static const std::map<char32_t, char32_t> table = {
#include "naive/fold_table.inc"
  };
  return table;
}

char32_t ascii_lower(char32_t c) { return c >= U'A' && c <= U'Z' ? c + 32 : c; }

}  // namespace

Text from_utf8(std::string_view bytes) {
  Text text;
  size_t at = 0;
  while (at < bytes.size()) {
    Sequence sequence = sequence_at(bytes, at);
    text.push_back(sequence.length > 0 ? sequence.code_point : kReplacement);
    at += sequence.length > 0 ? sequence.length : sequence.bad_length;
  }
  return text;
}

std::string to_utf8(const Text& text) {
  std::string bytes;
  auto put = [&](char32_t value) { bytes.push_back(static_cast<char>(value)); };
  for (char32_t c : text) {
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
  return bytes;
}

char32_t fold(char32_t code_point) {
  auto found = fold_table().find(code_point);
  return found == fold_table().end() ? code_point : found->second;
}

Text fold(const Text& text) {
  Text folded;
  for (char32_t c : text) folded.push_back(fold(c));
  return folded;
}

bool equal_ignoring_ascii_case(const Text& a, const Text& b) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i) {
    if (ascii_lower(a[i]) != ascii_lower(b[i])) return false;
  }
  return true;
}

}  // namespace naive

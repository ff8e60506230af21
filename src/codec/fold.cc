#include "codec/fold.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <iterator>

#include "codec/utf8.h"

// Nearly all text in logs is ASCII, and much of it folded already, so eight
// bytes are looked at at once: a byte is upper case if adding 0x80-'A' carries
// into its top bit and adding 0x80-'Z'-1 does not. Adding never carries into the next
// byte as long as no top bit is set, and that is looked at first.

namespace stanch::codec {

namespace {

struct Range {
  char32_t first, last;
  int32_t distance;
  uint32_t step;  // 1: each code point, 2: every other
};

constexpr Range kRanges[] = {
#include "codec/fold_table.inc"
};

constexpr uint64_t kOnes = 0x0101010101010101;
constexpr uint64_t kTopBits = 0x80 * kOnes;

uint64_t load8(const char* from) {
  uint64_t word;
  std::memcpy(&word, from, 8);
  return word;
}

// The top bit of each byte that is an upper-case letter; no top bit is set in `word`.
constexpr uint64_t upper_case_in(uint64_t word) {
  const uint64_t from_a = word + (0x80 - 'A') * kOnes;
  const uint64_t after_z = word + (0x80 - 'Z' - 1) * kOnes;
  return from_a & ~after_z & kTopBits;
}

constexpr bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
constexpr bool is_ascii_byte(char c) { return static_cast<unsigned char>(c) < 0x80; }

// Length of the front of `text` that is ASCII without upper case.
size_t folded_prefix(std::string_view text) {
  size_t at = 0;
  for (; at + 8 <= text.size(); at += 8) {
    const uint64_t word = load8(text.data() + at);
    if ((word & kTopBits) != 0 || upper_case_in(word) != 0) break;
  }
  while (at < text.size() && is_ascii_byte(text[at]) && !is_upper(text[at])) ++at;
  return at;
}

// Appends the folded ASCII at the front of `text` to `out`; returns its length.
size_t append_folded_ascii(std::string_view text, std::string& out) {
  const size_t start = out.size();
  out.resize(start + text.size());
  char* to = out.data() + start;
  size_t at = 0;
  for (; at + 8 <= text.size(); at += 8) {
    uint64_t word = load8(text.data() + at);
    if ((word & kTopBits) != 0) break;
    word |= upper_case_in(word) >> 2;  // 0x80 >> 2 is the bit between 'A' and 'a'
    std::memcpy(to + at, &word, 8);
  }
  for (; at < text.size() && is_ascii_byte(text[at]); ++at) {
    to[at] = is_upper(text[at]) ? static_cast<char>(text[at] | 0x20) : text[at];
  }
  out.resize(start + at);
  return at;
}

}  // namespace

bool is_ascii(std::string_view text) {
  size_t at = 0;
  for (; at + 32 <= text.size(); at += 32) {
    const char* p = text.data() + at;
    const uint64_t any = load8(p) | load8(p + 8) | load8(p + 16) | load8(p + 24);
    if ((any & kTopBits) != 0) return false;
  }
  for (; at + 8 <= text.size(); at += 8) {
    if ((load8(text.data() + at) & kTopBits) != 0) return false;
  }
  return std::ranges::all_of(text.substr(at), is_ascii_byte);
}

char32_t fold_case(char32_t c) {
  if (c < 0x80) return c >= 'A' && c <= 'Z' ? c | 0x20 : c;
  const Range* range = std::ranges::lower_bound(kRanges, c, {}, &Range::last);
  if (range == std::end(kRanges) || c < range->first) return c;
  if ((c - range->first) % range->step != 0) return c;
  return static_cast<char32_t>(static_cast<int32_t>(c) + range->distance);
}

std::string_view fold_case(std::string_view text, std::string& scratch) {
  size_t at = folded_prefix(text);
  // Up to the first character that folding changes.
  while (at < text.size() && !is_upper(text[at])) {
    const Utf8Step step = decode_utf8(text.substr(at));
    if (step.valid && fold_case(step.code_point) != step.code_point) break;
    at += step.length;
    at += folded_prefix(text.substr(at));
  }
  if (at == text.size()) return text;

  scratch.assign(text.substr(0, at));
  while (at < text.size()) {
    at += append_folded_ascii(text.substr(at), scratch);
    if (at == text.size()) break;
    const Utf8Step step = decode_utf8(text.substr(at));
    if (step.valid) {
      append_utf8(fold_case(step.code_point), scratch);
    } else {
      scratch.append(text.substr(at, step.length));
    }
    at += step.length;
  }
  return scratch;
}

std::string fold_case(std::string_view text) {
  std::string scratch;
  return std::string(fold_case(text, scratch));
}

}  // namespace stanch::codec

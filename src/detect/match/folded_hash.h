#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "codec/fold.h"
#include "codec/hash.h"

namespace stanch::detect::match {

// The keyed hash of a text's folded form, made without writing that form down
// where the text is ASCII, which nearly all are: folding and hashing are one
// pass of sixteen bytes a step. codec::keyed_hash would need the folded text first,
// and this is asked of several fields of every event.
class FoldedHash {
 public:
  explicit FoldedHash(codec::HashSecret secret) : seed_(secret.value | 1) {}

  // `scratch` is used where the text is not ASCII.
  uint64_t operator()(std::string_view text, std::string& scratch) const {
    uint64_t hash = 0;
    if (hash_ascii(text, hash)) [[likely]]
      return hash;
    return of_bytes(codec::fold_case(text, scratch));
  }

  // The same function of bytes as they are.
  uint64_t of_bytes(std::string_view bytes) const {
    return hash_words(bytes, [](uint64_t word) { return word; });
  }

  // One hash of two.
  uint64_t join(uint64_t a, uint64_t b) const { return mix(a ^ kSecond, b ^ seed_); }

  // Whether the folded form of `text` is `folded`.
  static bool equals(std::string_view text, std::string_view folded, std::string& scratch) {
    if (text.size() != folded.size()) return codec::fold_case(text, scratch) == folded;
    uint64_t high = 0, differs = 0;
    size_t at = 0;
    for (; at + 8 <= text.size(); at += 8) {
      const uint64_t word = load(text.data() + at);
      high |= word;
      differs |= lower(word) ^ load(folded.data() + at);
    }
    const uint64_t word = load(text.data() + at, text.size() - at);
    high |= word;
    differs |= lower(word) ^ load(folded.data() + at, text.size() - at);
    if ((high & kHigh) == 0) return differs == 0;
    return codec::fold_case(text, scratch) == folded;
  }

 private:
  static constexpr uint64_t kHigh = 0x8080808080808080;
  static constexpr uint64_t kOnes = 0x0101010101010101;

  // Eight ASCII bytes with A-Z made a-z.
  static uint64_t lower(uint64_t word) {
    const uint64_t from_a = word + (0x80 - 'A') * kOnes;
    const uint64_t after_z = word + (0x7F - 'Z') * kOnes;
    return word | (((from_a ^ after_z) & kHigh) >> 2);
  }

  static uint64_t load(const char* p) {
    uint64_t word;
    std::memcpy(&word, p, 8);
    return word;
  }

  // Fewer than eight bytes, padded with zeros: reads that overlap instead of a loop.
  static uint64_t load(const char* p, size_t size) {
    if (size >= 4) {
      uint32_t first, last;
      std::memcpy(&first, p, 4);
      std::memcpy(&last, p + size - 4, 4);
      return first | uint64_t{last} << ((size - 4) * 8);
    }
    if (size == 0) return 0;
    const auto byte = [&](size_t at) {
      return uint64_t{static_cast<unsigned char>(p[at])} << (at * 8);
    };
    return byte(0) | byte(size / 2) | byte(size - 1);
  }

  static uint64_t mix(uint64_t a, uint64_t b) {
    const auto product = static_cast<unsigned __int128>(a) * b;
    return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
  }

  // Two lanes, so that one multiplication need not wait for the one before. Less than 16 bytes
  // at the end are one step of two words, padded with zeros.
  template <typename Word>
  uint64_t hash_words(std::string_view text, Word word) const {
    const char* p = text.data();
    size_t left = text.size();
    uint64_t a = seed_ ^ mix(text.size() + 0x9E3779B97F4A7C15, seed_);
    uint64_t b = seed_ + 0x2545F4914F6CDD1D;
    for (; left >= 16; p += 16, left -= 16) {
      a = mix(a ^ word(load(p)), kFirst ^ seed_);
      b = mix(b ^ word(load(p + 8)), kSecond ^ seed_);
    }
    a = mix(a ^ word(left >= 8 ? load(p) : load(p, left)), kFirst ^ seed_);
    b = mix(b ^ word(left > 8 ? load(p + 8, left - 8) : 0), kSecond ^ seed_);
    return mix(a ^ kSecond, b ^ kFirst);
  }

  // False if a byte is not ASCII.
  bool hash_ascii(std::string_view text, uint64_t& hash) const {
    uint64_t high = 0;
    hash = hash_words(text, [&](uint64_t word) {
      high |= word;
      return lower(word);
    });
    return (high & kHigh) == 0;
  }

  static constexpr uint64_t kFirst = 0xC2B2AE3D27D4EB4F, kSecond = 0x165667B19E3779F9;

  uint64_t seed_;  // odd
};

}  // namespace stanch::detect::match

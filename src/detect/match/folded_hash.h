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
// pass of eight bytes a step. codec::keyed_hash would need the folded text first,
// and this is asked of several fields of every event.
class FoldedHash {
 public:
  explicit FoldedHash(codec::HashSecret secret) : seed_(secret.value | 1) {}

  // `scratch` is used where the text is not ASCII.
  uint64_t operator()(std::string_view text, std::string& scratch) const {
    uint64_t hash = 0;
    if (hash_ascii(text, hash)) [[likely]]
      return hash;
    hash_folded(codec::fold_case(text, scratch), hash);
    return hash;
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

  static uint64_t load(const char* p, size_t size) {
    uint64_t word = 0;
    std::memcpy(&word, p, size);
    return word;
  }

  static uint64_t mix(uint64_t a, uint64_t b) {
    const auto product = static_cast<unsigned __int128>(a) * b;
    return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
  }

  // False if a byte is not ASCII.
  bool hash_ascii(std::string_view text, uint64_t& hash) const {
    const char* p = text.data();
    size_t left = text.size();
    uint64_t high = 0;
    hash = seed_ ^ mix(text.size() + 0x9E3779B97F4A7C15, seed_);
    for (; left >= 8; p += 8, left -= 8) {
      const uint64_t word = load(p, 8);
      high |= word;
      hash = mix(hash ^ lower(word), 0xC2B2AE3D27D4EB4F ^ seed_);
    }
    const uint64_t word = load(p, left);
    high |= word;
    hash = mix(hash ^ lower(word), 0x165667B19E3779F9 ^ seed_);
    return (high & kHigh) == 0;
  }

  // The same function of bytes that need no folding.
  void hash_folded(std::string_view text, uint64_t& hash) const {
    const char* p = text.data();
    size_t left = text.size();
    hash = seed_ ^ mix(text.size() + 0x9E3779B97F4A7C15, seed_);
    for (; left >= 8; p += 8, left -= 8) {
      hash = mix(hash ^ load(p, 8), 0xC2B2AE3D27D4EB4F ^ seed_);
    }
    hash = mix(hash ^ load(p, left), 0x165667B19E3779F9 ^ seed_);
  }

  uint64_t seed_;
};

}  // namespace stanch::detect::match

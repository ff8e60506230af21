#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "codec/fold.h"

namespace stanch::detect::match {

// Says quickly that none of a few literals is in a text, sixteen places a step: at a place where
// one begins, two of its bytes stand at their distance. Letters are compared without case. It
// may say "perhaps" for nothing, and does for a text that is not ASCII. Immutable once built.
class LiteralFilter {
 public:
  static constexpr size_t kLiteralsMax = 4;  // with more, one pass for all is quicker

  // Folded literals, not empty.
  explicit LiteralFilter(std::span<const std::string> literals) {
    for (const std::string& literal : literals) {
      pairs_.push_back({splat(literal.front()), splat(literal.back()), literal.size() - 1});
    }
  }

  bool may_contain(std::string_view text) const {
    // Any byte between the two may belong to a letter that folds to ASCII.
    if (!codec::is_ascii(text)) return true;
    for (const Pair& pair : pairs_) {
      if (text.size() > pair.distance && may_contain(text, pair)) return true;
    }
    return false;
  }

 private:
  using Block [[gnu::vector_size(16)]] = uint8_t;
  using Words [[gnu::vector_size(16)]] = uint64_t;

  struct Pair {
    Block first, last;
    size_t distance;
  };

  static Block splat(char c) { return Block{} + static_cast<uint8_t>(c | 0x20); }
  static Block load(const char* p) {
    Block block;
    std::memcpy(&block, p, sizeof(block));
    return block;
  }
  static bool any(Block block) {
    const auto words = reinterpret_cast<Words>(block);
    return (words[0] | words[1]) != 0;
  }

  static bool may_contain(std::string_view text, const Pair& pair) {
    const size_t places = text.size() - pair.distance;
    if (places < sizeof(Block)) return may_contain_slowly(text, pair);
    Block found{};
    for (size_t at = 0;; at += sizeof(Block)) {
      at = std::min(at, places - sizeof(Block));
      const Block here = load(text.data() + at);
      const Block there = load(text.data() + at + pair.distance);
      found |=
          reinterpret_cast<Block>(((here | 0x20) == pair.first) & ((there | 0x20) == pair.last));
      if (at + sizeof(Block) == places) break;
    }
    return any(found);
  }

  static bool may_contain_slowly(std::string_view text, const Pair& pair) {
    for (size_t at = 0; at + pair.distance < text.size(); ++at) {
      const auto here = static_cast<uint8_t>(text[at]);
      const auto there = static_cast<uint8_t>(text[at + pair.distance]);
      if ((here | 0x20) == pair.first[0] && (there | 0x20) == pair.last[0]) return true;
    }
    return false;
  }

  std::vector<Pair> pairs_;
};

}  // namespace stanch::detect::match

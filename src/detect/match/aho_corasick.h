#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace stanch::detect::match {

// Finds which of many literals occur in a text, in one pass whatever their
// number (Aho and Corasick, 1975). Transitions are a full table over classes
// of bytes, so that a step is two loads. Own code because no library of Debian 12
// is both fast and right for this (Hyperscan 5.4.0 loses matches of its literal
// API). Immutable once built.
class AhoCorasick {
 public:
  // `literals` are not empty. A literal's number is its index.
  explicit AhoCorasick(std::span<const std::string> literals);

  // Calls found(number) for every literal that occurs; possibly more than once.
  template <typename Found>
  void scan(std::string_view text, Found found) const {
    uint32_t state = 0;
    for (const char c : text) {
      state = next_[state * classes_ + class_of_[static_cast<unsigned char>(c)]];
      for (uint32_t s = first_output_[state]; s != kNone; s = output_link_[s]) {
        for (const uint32_t literal : outputs_[s]) found(literal);
      }
    }
  }

 private:
  static constexpr uint32_t kNone = UINT32_MAX;

  std::array<uint8_t, 256> class_of_{};
  uint32_t classes_ = 1;                        // class 0: bytes in no literal
  std::vector<uint32_t> next_;                  // state x class
  std::vector<std::vector<uint32_t>> outputs_;  // literals that end in a state
  std::vector<uint32_t> first_output_;  // the state itself or its nearest suffix with outputs
  std::vector<uint32_t> output_link_;   // of a state with outputs: the next shorter such
};

}  // namespace stanch::detect::match

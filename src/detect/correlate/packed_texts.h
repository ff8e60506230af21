#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

namespace stanch::detect::correlate {

using Texts = std::span<const std::optional<std::string_view>>;

// A text and those that go with it, some of which may not be there, in one piece of memory: of
// what correlations keep there may be millions. Immutable.
class PackedTexts {
 public:
  PackedTexts() = default;  // of which nothing may be asked
  explicit PackedTexts(std::string_view first, Texts others = {});

  std::string_view first() const;
  // Of a number below that of the others.
  std::optional<std::string_view> other(size_t number) const;

 private:
  // Each text behind its size, 7 bits a byte, the least first; those of the others are greater by
  // one, and 0 is none.
  std::unique_ptr<char[]> bytes_;
};

}  // namespace stanch::detect::correlate

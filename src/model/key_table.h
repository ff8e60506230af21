#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <type_traits>

namespace stanch::model {

// The table is filled by the compiler and searched by the program.
static_assert(std::endian::native == std::endian::little);

// Equality of short texts without a call: field names are.
[[gnu::always_inline]] constexpr bool same_text(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  if (std::is_constant_evaluated() || a.size() > 32) return a == b;
  auto differs = [&](auto word, size_t at) {
    decltype(word) x, y;
    std::memcpy(&x, a.data() + at, sizeof(word));
    std::memcpy(&y, b.data() + at, sizeof(word));
    return x ^ y;
  };
  size_t size = a.size();  // two words from each end overlap and so cover all
  if (size >= 16) {
    return (differs(uint64_t{}, 0) | differs(uint64_t{}, 8) | differs(uint64_t{}, size - 16) |
            differs(uint64_t{}, size - 8)) == 0;
  }
  if (size >= 8) return (differs(uint64_t{}, 0) | differs(uint64_t{}, size - 8)) == 0;
  if (size >= 4) return (differs(uint32_t{}, 0) | differs(uint32_t{}, size - 4)) == 0;
  for (size_t i = 0; i < size; ++i) {
    if (a[i] != b[i]) return false;
  }
  return true;
}

// Finds which of N keys, known at compile time, a text is: one hash over its
// ends, one comparison. Keys may repeat; next() leads to the same key
// again. Used to read an object's members in one pass.
template <size_t N>
class KeyTable {
 public:
  static constexpr int kNone = -1;

  template <typename Rows, typename KeyOf>
  consteval KeyTable(const Rows& rows, KeyOf key_of) {
    slots_.fill(kNone);
    next_.fill(kNone);
    for (size_t i = 0; i < N; ++i) {
      keys_[i] = key_of(rows[i]);
      int found = find(keys_[i]);
      if (found == kNone) {
        slots_[free_slot(keys_[i])] = static_cast<int16_t>(i);
      } else {
        while (next_[found] != kNone) found = next_[found];
        next_[found] = static_cast<int16_t>(i);
      }
    }
  }

  // The index of the first row with this key, or kNone.
  constexpr int find(std::string_view key) const {
    for (size_t slot = hash(key);; ++slot) {
      int index = slots_[slot % kSlots];
      if (index == kNone || same_text(keys_[index], key)) return index;
    }
  }

  // The same, where `guess` is the index it probably has: members of foreign
  // objects mostly come in the order in which the table lists them.
  [[gnu::always_inline]] constexpr int find(std::string_view key, size_t guess) const {
    return same_text(keys_[guess], key) ? static_cast<int>(guess) : find(key);
  }

  constexpr int next(int index) const { return next_[index]; }

 private:
  static constexpr size_t kSlots = [] {
    size_t slots = 16;
    while (slots < N * 4) slots *= 2;
    return slots;
  }();

  // The first eight bytes and the last eight, which may overlap, and the length.
  static constexpr size_t hash(std::string_view key) {
    size_t size = key.size();
    uint64_t first = size < 8 ? load_short(key) : load(key.data());
    uint64_t last = size < 8 ? 0 : load(key.data() + size - 8);
    uint64_t mixed = (first ^ (last << 7 | last >> 57) ^ size) * 0x9E3779B97F4A7C15u;
    return static_cast<size_t>(mixed >> 40) % kSlots;
  }

  static constexpr uint64_t load(const char* bytes) {
    uint64_t word = 0;
    if (std::is_constant_evaluated()) {
      for (size_t i = 8; i-- > 0;) word = word << 8 | static_cast<unsigned char>(bytes[i]);
    } else {
      std::memcpy(&word, bytes, sizeof(word));
    }
    return word;
  }

  static constexpr uint64_t load_short(std::string_view key) {
    uint64_t word = 0;
    for (size_t i = key.size(); i-- > 0;) word = word << 8 | static_cast<unsigned char>(key[i]);
    return word;
  }

  constexpr size_t free_slot(std::string_view key) const {
    size_t slot = hash(key) % kSlots;
    while (slots_[slot] != kNone) slot = (slot + 1) % kSlots;
    return slot;
  }

  std::array<std::string_view, N> keys_{};
  std::array<int16_t, kSlots> slots_{};
  std::array<int16_t, N> next_{};
};

template <size_t N>
consteval KeyTable<N> make_key_table(const std::string_view (&keys)[N]) {
  return KeyTable<N>(keys, [](std::string_view key) { return key; });
}

}  // namespace stanch::model

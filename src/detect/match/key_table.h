#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "codec/json.h"

namespace stanch::detect::match {

// The keys of an object that rules ask for, found in one pass over its members
// instead of one search each. A key is told apart by its size and its first and last eight
// bytes before any text is compared. Immutable while scanning.
class KeyTable {
 public:
  KeyTable() { slots_.fill(kNone); }

  // The number of this key; numbers count up from 0.
  uint32_t add(std::string_view key);
  size_t size() const { return keys_.size(); }

  // Where a key was found: nodes of values, 0 for none.
  struct Found {
    uint32_t exact = 0;    // of the first member with exactly this key
    uint32_t similar = 0;  // of the first whose key is equal ignoring ASCII case only
    uint32_t node() const { return exact != 0 ? exact : similar; }  // F2
  };

  // What a scan found, by key number. Starts empty and is made empty again by each scan, at the
  // price of what the last one found, not of all keys.
  struct Scan {
    std::vector<Found> found;
    std::vector<uint32_t> touched;  // numbers of the entries that are not empty
  };
  Scan make_scan() const { return {std::vector<Found>(keys_.size()), {}}; }

  // Looks for all keys among the members of `object`.
  void scan(codec::JsonView object, Scan& out, std::string& scratch) const;

 private:
  static constexpr uint32_t kNone = UINT32_MAX;
  static constexpr size_t kSlots = 512;
  static constexpr uint64_t kLower = 0x2020202020202020;

  struct Key {
    uint64_t head = 0, tail = 0;
    uint32_t size = 0;
    uint32_t next = kNone;  // with the same slot
    std::string text;
  };

  // The first and last eight bytes; fewer are padded with zeros.
  static uint64_t head_of(std::string_view key) {
    uint64_t word = 0;
    std::memcpy(&word, key.data(), key.size() < 8 ? key.size() : 8);
    return word;
  }
  static uint64_t tail_of(std::string_view key, uint64_t head) {
    if (key.size() < 8) return head;
    uint64_t word;
    std::memcpy(&word, key.data() + key.size() - 8, 8);
    return word;
  }

  // Equal for keys that differ in ASCII case only.
  static size_t slot_of(uint64_t head, uint64_t tail, size_t size) {
    const uint64_t mixed =
        ((head | kLower) * 0x9E3779B97F4A7C15) ^ ((tail | kLower) * 0xC2B2AE3D27D4EB4F) ^ size;
    return (mixed * 0x165667B19E3779F9) >> 55;
  }

  // Whether some key has this size and this first letter: turns most keys of an event away.
  static constexpr size_t kSizes = 64;
  bool may_be_wanted(std::string_view key) const {
    const auto first = static_cast<unsigned char>(key.empty() ? '\0' : key[0]);
    return (first_letters_[key.size() < kSizes ? key.size() : kSizes - 1] >> (first & 31) & 1) != 0;
  }

  std::vector<Key> keys_;
  std::array<uint32_t, kSlots> slots_;
  std::array<uint32_t, kSizes> first_letters_{};
};

}  // namespace stanch::detect::match

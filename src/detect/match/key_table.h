#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "codec/json.h"

namespace stanch::detect::match {

// The keys of an object that rules ask for, found in one pass over its members
// instead of one search each. A key is told apart by its size and its first and last eight
// bytes before any text is compared. Immutable while scanning.
//
// The keys of a log's objects come in few orders, so a scan remembers what each key was
// followed by last time, and what it was; then one comparison says what a table would have.
class KeyTable {
 public:
  KeyTable() { slots_.fill(kNone); }

  // The number of this key; numbers count up from 0.
  uint32_t add(std::string_view key);
  size_t size() const { return keys_.size(); }

  // What the last scan found, and what the next may expect. One a thread.
  class Scan {
   public:
    explicit Scan(const KeyTable& table) : found_(table.size()), guesses_(kGuesses + 1) {}

    // The node of the value of the key with this number (F2), or 0.
    uint32_t node(uint32_t number) const {
      const Found& found = found_[number];
      if (found.scan != scan_) return 0;
      return found.exact != 0 ? found.exact : found.similar;
    }

   private:
    friend class KeyTable;

    struct Found {
      uint64_t scan = 0;     // the number of the scan that found it
      uint32_t exact = 0;    // of the first member with exactly this key
      uint32_t similar = 0;  // of the first whose key is equal ignoring ASCII case only
    };
    // A key that was met, and what it is to the table.
    struct Guess {
      uint64_t head = 0, tail = 0;
      uint32_t size = UINT32_MAX;  // of no key
      uint32_t number = 0;         // kNone: none that is wanted
      uint32_t next = kGuesses;    // the guess that came after it
    };
    static constexpr uint32_t kGuesses = 256;  // the last one stands before the first member

    std::vector<Found> found_;
    std::vector<Guess> guesses_;
    uint64_t scan_ = 0;
  };

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

  // A key of an event: with its first and last eight bytes; fewer are padded with zeros.
  struct Given {
    std::string_view text;
    uint64_t head, tail;
  };
  static Given given(std::string_view text, bool readable_behind);

  // Equal for keys that differ in ASCII case only.
  static size_t slot_of(const Given& key) {
    const uint64_t mixed = ((key.head | kLower) * 0x9E3779B97F4A7C15) ^
                           ((key.tail | kLower) * 0xC2B2AE3D27D4EB4F) ^ key.text.size();
    return (mixed * 0x165667B19E3779F9) >> 55;
  }

  uint32_t look_up(const Given& key, uint32_t value, Scan& out, uint32_t before) const;

  std::vector<Key> keys_;
  std::array<uint32_t, kSlots> slots_;
};

}  // namespace stanch::detect::match

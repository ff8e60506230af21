// Whether an object has one key twice. Asked of every event that something was found in, so
// the answer "no" has to be quick: one small table takes the keys of all objects in turn, and is
// never cleared. The keys of objects that have more than it is made for are sorted instead, so that
// no choice of keys makes this slow.

#include <algorithm>
#include <array>
#include <cstring>

#include "base/text_arena.h"
#include "codec/json.h"

namespace stanch::codec {

namespace {

class DuplicateKeyFinder {
 public:
  // No deeper than the parser lets values nest.
  std::optional<std::string> find(JsonView value) {
    if (value.is_array()) {
      for (const JsonView element : value.elements()) {
        if (element.is_scalar()) continue;
        if (auto key = find(element)) return key;
      }
      return std::nullopt;
    }
    bool only_scalars = true;
    if (auto key = find_in(value, only_scalars); key || only_scalars) return key;
    const JsonView::Members members = value.members();
    for (auto at = members.begin(); at != members.end(); ++at) {
      const JsonView inner = (*at).value;
      if (inner.is_scalar()) continue;
      if (auto key = find(inner)) return key;
    }
    return std::nullopt;
  }

 private:
  static constexpr size_t kSlots = 256;
  static constexpr size_t kTableKeysMax = kSlots / 2;

  std::optional<std::string> find_in(JsonView object, bool& only_scalars) {
    before_ += static_cast<uint32_t>(keys_.size());
    keys_.clear();
    const JsonView::Members members = object.members();
    for (auto at = members.begin(); at != members.end(); ++at) {
      const std::string_view key = text_of((*at).key);
      if (is_known(key)) return std::string(key);
      only_scalars &= (*at).value.is_scalar();
    }
    if (keys_.size() <= kTableKeysMax) return std::nullopt;
    std::ranges::sort(keys_);
    const auto twice = std::ranges::adjacent_find(keys_);
    return twice == keys_.end() ? std::nullopt : std::optional<std::string>(*twice);
  }

  std::string_view text_of(JsonView key) { return key.is_plain() ? key.raw() : decoded(key); }
  std::string_view decoded(JsonView key) { return decoded_.store(key.text(scratch_)); }

  // Whether the object at hand has this key already, as far as the table can say; remembers it.
  bool is_known(std::string_view key) {
    keys_.emplace_back(key.data(), key.size());
    if (keys_.size() > kTableKeysMax) return false;
    size_t slot = hash(key);
    for (; slots_[slot] > before_; slot = (slot + 1) % kSlots) {
      if (keys_[slots_[slot] - before_ - 1] == key) return true;
    }
    slots_[slot] = before_ + static_cast<uint32_t>(keys_.size());
    return false;
  }

  static size_t hash(std::string_view key) {
    uint64_t mixed = key.size();
    if (key.size() >= 8) {
      mixed ^= load<uint64_t>(key.data()) ^ (load<uint64_t>(key.data() + key.size() - 8) << 1);
    } else if (key.size() >= 4) {
      mixed ^= load<uint32_t>(key.data()) ^
               (uint64_t{load<uint32_t>(key.data() + key.size() - 4)} << 31);
    } else {
      for (const char c : key) mixed = mixed << 8 ^ static_cast<unsigned char>(c);
    }
    return static_cast<size_t>(mixed * 0x9E3779B97F4A7C15 >> 56) % kSlots;
  }

  template <typename Word>
  static Word load(const char* bytes) {
    Word word = 0;
    std::memcpy(&word, bytes, sizeof word);
    return word;
  }

  std::vector<std::string_view> keys_;  // of the object at hand
  uint32_t before_ = 0;                 // how many keys the objects before it had
  // Keys by their hash: how many came before it in all, and 1. What another object left is no
  // more than before_, and so is free.
  std::array<uint32_t, kSlots> slots_{};
  TextArena decoded_;
  std::string scratch_;
};

}  // namespace

std::optional<std::string> find_duplicate_key(JsonView view) {
  return DuplicateKeyFinder().find(view);
}

}  // namespace stanch::codec

#pragma once

#include <optional>
#include <string_view>
#include <unordered_set>

#include "base/time.h"
#include "codec/hash.h"
#include "detect/correlate/packed_texts.h"
#include "detect/correlate/window.h"

namespace stanch::detect::correlate {

// The events of a correlation that agree in what it groups by.
struct Group {
  // What only some groups have.
  struct More {
    std::optional<Time> fired;
    std::optional<Time> began;  // of a group that learns: since when it is known
    uint64_t before = 0;        // x_surge: events before the window
    Duration gap{};             // x_silence: the longest so far
    bool operator==(const More&) const = default;
  };

  std::string_view key() const { return text.first(); }
  More& more() {
    if (!extra) extra = std::make_unique<More>();
    return *extra;
  }
  std::optional<Time> fired() const { return extra ? extra->fired : std::nullopt; }
  std::optional<Time> began() const { return extra ? extra->began : std::nullopt; }

  PackedTexts text;  // key_of() the values of `group-by`; where there is learning, of `field` too
  // What the groups of a correlation are in order of: the time of its last event, or, where it
  // is decided at the close, of its first.
  Time since;
  Window window = {};
  std::unique_ptr<More> extra = {};
  Group *before = nullptr, *behind = nullptr;  // in the order; Groups' own
};

// All groups of a correlation: by key, and in an order. A group stays where it is in memory.
class Groups {
 public:
  explicit Groups(codec::HashSecret secret) : by_key_(0, Hash{secret}) {}

  size_t size() const { return by_key_.size(); }
  Group* first() { return first_; }  // null if there is none
  const Group* first() const { return first_; }
  const Group* last() const { return last_; }
  Group* find(std::string_view key);
  const Group* find(std::string_view key) const;

  // At the end of the order; there must be none of its key.
  Group& add(Group group);
  void move_to_end(Group& group);
  void drop(Group& group);

 private:
  // That it cannot fail says that hashes need not be kept.
  struct Hash {
    using is_transparent = void;
    codec::HashSecret secret;
    size_t operator()(std::string_view key) const noexcept { return keyed_hash(secret, key); }
    size_t operator()(const Group& group) const noexcept { return (*this)(group.key()); }
  };
  struct Equal {
    using is_transparent = void;
    static std::string_view key_of(std::string_view key) { return key; }
    static std::string_view key_of(const Group& group) { return group.key(); }
    bool operator()(const auto& a, const auto& b) const noexcept { return key_of(a) == key_of(b); }
  };
  void put_last(Group& group);
  void take_out(Group& group);

  std::unordered_set<Group, Hash, Equal> by_key_;
  Group *first_ = nullptr, *last_ = nullptr;
};

}  // namespace stanch::detect::correlate

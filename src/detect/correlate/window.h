#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/time.h"
#include "codec/hash.h"
#include "detect/correlate/plan.h"

namespace stanch::detect::correlate {

// An event that a firing names.
struct Named {
  Time time;
  std::string event;
  auto operator<=>(const Named&) const = default;
};

// An event, or the firing of a correlation, that counts in a window.
struct Entry {
  Time time;
  uint32_t slot = 0;                                // which of the correlation's rules
  std::string event;                                // its id
  std::vector<std::optional<std::string>> values;   // of the names behind the group's
  std::shared_ptr<const std::vector<Named>> inner;  // what a firing names; null for an event
};

// The events of one group, in the order of time, and what the condition asks of them, kept up
// to date as they come and go: O(1) an event, O(log n) for percentile and median.
class Window {
 public:
  Window(const Compiled& compiled, codec::HashSecret secret);
  ~Window();
  Window(Window&&) noexcept;

  // False, and nothing is done, where the condition's field is no value that counts.
  bool add(Entry entry);
  void drop_first();
  // After all events of a moment were added: orders them by the rules' order.
  void end_moment(Time time);
  // For a window that is not empty.
  bool holds(Time now) const;

  const std::deque<Entry>& entries() const { return entries_; }
  std::vector<Named> name_events() const;

  // temporal_ordered: for each rule the latest beginning of a chain that ends with it.
  std::vector<std::optional<Time>> chains;

 private:
  struct Ranks;
  bool holds(const sigma::Condition& condition) const;
  bool bounds_hold() const;
  std::string distinct_key(const Entry& entry) const;
  std::optional<Fixed> number_of(const Entry& entry) const;

  struct KeyHash {
    codec::HashSecret secret;
    size_t operator()(const std::string& key) const { return codec::keyed_hash(secret, key); }
  };

  const Compiled* compiled_;
  std::deque<Entry> entries_;
  uint64_t first_ = 0;  // number of the first entry; they are counted on
  std::vector<uint32_t> of_slot_;
  std::vector<bool> slots_now_;
  size_t slots_ = 0;
  std::unordered_map<std::string, uint32_t, KeyHash> distinct_;
  Fixed sum_ = 0;
  std::unique_ptr<Ranks> ranks_;
};

}  // namespace stanch::detect::correlate

#pragma once

#include <memory>
#include <optional>
#include <span>
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
// to date as they come and go: O(1) an event, O(log n) for percentile and median. There may be a
// million of them, most with one event: so what only some conditions ask is made only for these.
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

  std::span<const Entry> entries() const { return std::span(entries_).subspan(begin_); }
  std::vector<Named> name_events() const;

  // temporal_ordered: for each rule the latest beginning of a chain that ends with it. Else empty.
  std::span<std::optional<Time>> chains();
  std::span<const std::optional<Time>> chains() const;

 private:
  struct Ranks;
  struct Slots;
  struct Numbers;
  struct Distinct;
  bool holds(const sigma::Condition& condition) const;
  bool bounds_hold() const;
  std::optional<Fixed> number_of(const Entry& entry) const;

  const Compiled* compiled_;
  std::vector<Entry> entries_;  // before `begin_` they are gone
  size_t begin_ = 0;
  // Each only where the type asks for it.
  std::unique_ptr<Slots> slots_;
  std::unique_ptr<Numbers> numbers_;
  std::unique_ptr<Distinct> distinct_;
};

}  // namespace stanch::detect::correlate

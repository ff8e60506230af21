#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.h"
#include "codec/hash.h"
#include "detect/correlate/packed_texts.h"
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
  PackedTexts texts;                                // its id, and its values
  std::shared_ptr<const std::vector<Named>> inner;  // what a firing names; null for an event

  std::string_view event() const { return texts.first(); }
  // Of the names behind the group's.
  std::optional<std::string_view> value(size_t name) const { return texts.other(name); }
};

// The events of one group, in the order of time, and what the condition asks of them, kept up
// to date as they come and go: O(1) an event, O(log n) for percentile and median. There may be a
// million of them, most with one event: so what only some conditions ask is made only for these,
// and what is the same for all of a correlation is told each time.
class Window {
 public:
  Window();
  Window(const Compiled& compiled, codec::HashSecret secret);
  ~Window();
  Window(Window&&) noexcept;

  // False, and nothing is done, where the condition's field is no value that counts.
  bool add(const Compiled& compiled, Entry entry);
  void drop_first(const Compiled& compiled);
  // Whether it is the first time in a moment.
  bool begin_moment() { return !std::exchange(in_moment_, true); }
  // After all events of a moment were added: orders them by the rules' order.
  void end_moment(Time time);
  // For a window that is not empty.
  bool holds(const Compiled& compiled, Time now) const;
  // What the bounds are held against, as a fraction; of types that have some.
  struct Measured {
    Fixed value = 0, of = 1;
  };
  std::optional<Measured> measured(const Compiled& compiled) const;

  std::span<const Entry> entries() const { return std::span(entries_).subspan(begin_); }
  std::vector<Named> name_events(const Compiled& compiled) const;

  // temporal_ordered: for each rule the latest beginning of a chain that ends with it. Else empty.
  std::span<std::optional<Time>> chains();
  std::span<const std::optional<Time>> chains() const;

 private:
  struct Ranks;
  struct Slots;
  struct Numbers;
  struct Distinct;
  struct More;
  bool bounds_hold(const Compiled& compiled) const;

  std::vector<Entry> entries_;  // before `begin_` they are gone
  std::unique_ptr<More> more_;  // what the type asks for; null: nothing
  uint32_t begin_ = 0;
  bool in_moment_ = false;
};

}  // namespace stanch::detect::correlate

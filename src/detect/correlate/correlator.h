#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/text_arena.h"
#include "base/time.h"
#include "codec/hash.h"
#include "detect/correlate/groups.h"
#include "detect/correlate/limits.h"
#include "detect/correlate/plan.h"
#include "detect/correlate/window.h"

// Correlations over time: (state, what a rule matched) -> firings. docs/formats/sigma.md says
// what they mean (W1 to W9).
//
// Events may come in any order, as long as none is older than the newest so far by more than
// the lateness: what comes out is the same. They wait until the watermark, which stays behind
// the newest by the lateness, has passed them, and are then counted in the order of time.
// Pure, not thread-safe.

namespace stanch::detect::correlate {

// What came to a correlation: an event that one of its rules matched, or a firing of one of them.
struct Arrived {
  Time time;
  std::string event;
  uint32_t slot = 0;                               // which of its rules
  std::vector<std::optional<std::string>> values;  // of Compiled::names
};

struct Options {
  Duration lateness{};                          // not below zero
  size_t groups_max = 500'000;                  // of all correlations together
  size_t entries_max = 1'000'000;               // that count in some window, of all groups together
  size_t group_entries_max = kGroupEntriesMax;  // of one group; the oldest give way
  size_t waiting_max = 500'000;                 // for the watermark; beyond it, it is moved on
  // Is told of all that comes to any correlation, in the order of time, before it counts.
  std::function<void(uint32_t correlation, const Arrived& arrived)> on_arrival = {};
};

// A rule matched an event.
struct Seen {
  Time time;
  std::string event;  // its id
  uint32_t rule = 0;  // index into the rules that the plan was made for
  // Of the fields in Plan::rule_fields: their text, nothing where the event has none.
  std::vector<std::optional<std::string>> values;
  auto operator<=>(const Seen&) const = default;
};

struct Firing {
  Time time;  // of the event with which it held; or when its window was over
  uint32_t correlation = 0;
  // Parallel to Correlation::group_by; for x_…, behind it to Correlation::fields.
  std::vector<std::string> group;
  std::vector<Named> events;  // by (time, id); see limits.h
  uint64_t counted = 0;       // events in the window
  std::string value = {};     // what the bounds were held against; empty without bounds
  bool operator==(const Firing&) const = default;
};

// What did not count, and why.
struct Tally {
  uint64_t late = 0;             // events that came behind the watermark
  uint64_t hurried = 0;          // times that it was moved on because too much waited
  uint64_t groups_evicted = 0;   // the stalest give way to new ones
  uint64_t entries_evicted = 0;  // with them, or the oldest of a group that is too large
  struct Of {
    uint64_t no_group = 0;  // events without a field of `group-by`
    uint64_t no_value = 0;  // … without a value in `field`, or no number where one must be
    bool operator==(const Of&) const = default;
  };
  std::vector<Of> of;  // by correlation
  bool operator==(const Tally&) const = default;
};

// A group's values as one text, each behind its length; and back again, from what key_of() made.
std::string key_of(std::span<const std::string> values);
std::vector<std::string> values_of(std::string_view key);

class Correlator {
 public:
  // `plan` outlives it.
  Correlator(const Plan& plan, const Options& options, codec::HashSecret secret);

  void add(Seen seen);
  // Time has come to `now`, though nothing matched: as if an event of that time was seen.
  void advance(Time now);
  // Nothing more comes: all that waits is counted, all windows are over.
  void finish();

  // Since the last call, by (time, correlation, group).
  std::vector<Firing> take_firings() { return std::exchange(firings_, {}); }
  const Tally& tally() const { return tally_; }

  // All state but firings that were not taken, of which there must be none. load() gives it to a
  // new correlator; kInvalid if it was saved with other rules, kCorrupt if it is not what was
  // saved: that correlator is then of no use.
  std::string save() const;
  Result<> load(std::string_view bytes);

 private:
  using Inner = std::shared_ptr<const std::vector<Named>>;
  // An event of this moment; its texts live as long.
  struct Arrival {
    std::string_view event;
    uint32_t slot = 0;
    Texts values;  // of the correlation's names
    Inner inner;
    bool operator<(const Arrival& other) const;
  };
  struct State {
    explicit State(codec::HashSecret secret) : groups(secret) {}
    Groups groups;
    std::vector<Arrival> arrivals;                         // of this moment
    bool is_due = false;                                   // to run in this moment
    std::set<std::pair<Time, std::string_view>> silences;  // when each group, by key, is silent
    size_t entries = 0;                                    // of all its groups
  };

  void raise(Time watermark);
  bool run_next_moment(bool all);
  void run_moment(Time time);
  void run(uint32_t correlation, Time time, std::vector<Firing>& firings);
  void tell(const std::vector<Feed>& feeds, std::string_view event, Texts values,
            const Inner& inner);
  void make_due(uint32_t correlation);
  Group* count(uint32_t correlation, const Arrival& arrival, Time time);
  void drop_over(uint32_t correlation, Group& group, Time time);
  Group* find_for(uint32_t correlation, const Arrival& arrival, Time time);
  Group& find_or_add(uint32_t correlation, std::string_view key, Time time);
  bool is_learnt(uint32_t correlation, const Group& group, Time time) const;
  void run_silence(uint32_t correlation, Time time, std::vector<Firing>& firings);
  Time silent_at(uint32_t correlation, const Group& group) const;
  Group& add_group(uint32_t correlation, Group group);
  void drop_group(uint32_t correlation, Group& group);
  void drop_first(uint32_t correlation, Group& group);
  void fire(uint32_t correlation, Group& group, Time time, std::vector<Firing>& firings);
  void evict();
  Time due(uint32_t correlation) const;
  void set_timer(uint32_t correlation);
  std::string fingerprint() const;

  const Plan& plan_;
  Options options_;
  codec::HashSecret secret_;
  std::vector<State> states_;
  std::map<Time, std::vector<Seen>> waiting_;
  size_t waiting_count_ = 0;
  Time watermark_ = Time::min(), newest_ = Time::min();
  bool ending_ = false, finished_ = false;
  // When the next window of a correlation that is decided at the close is over.
  std::set<std::pair<Time, uint32_t>> timers_;
  std::vector<std::optional<Time>> timer_of_;
  std::vector<std::pair<uint32_t, uint32_t>> due_;  // (depth, correlation), of this moment
  TextArena texts_;                                 // of this moment
  std::string key_;
  size_t groups_ = 0, entries_ = 0;
  std::vector<Firing> firings_;
  Tally tally_;
};

}  // namespace stanch::detect::correlate

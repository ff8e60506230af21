#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/time.h"
#include "triage/finding.h"
#include "triage/limits.h"

namespace stanch::triage {

// Informational findings that share nothing with an incident: they wait here until one that is
// worse shares lineage with them, and are then of its incident (docs/formats/grouping.md). In
// bounded memory; the first to come is the first to go. Deterministic, not thread-safe.
class FindingsAside {
 public:
  struct Kept {
    Finding finding;
    std::string payload;
    Time now;              // when it was handed in
    bool is_kept = false;  // whatever the limits
    Time time() const { return finding.event_time.value_or(now); }
  };
  explicit FindingsAside(size_t findings_max = kAsideMax, size_t bytes_max = kAsideBytesMax)
      : findings_max_(findings_max), bytes_max_(bytes_max) {}

  // In place of one with its id.
  void add(Kept kept);
  void remove(const std::string& finding);
  std::optional<Kept> take(const std::string& finding);
  // Those that have one of these entities in their lineage and happened within kJoinWithin of
  // `time`, in the order in which they came; they are not here any more.
  std::vector<Kept> take_kin(std::span<const std::string> entities, Time time);

  size_t size() const { return kept_.size(); }
  uint64_t forgotten() const { return forgotten_; }  // to stay within the limits

 private:
  struct Waiting {
    Kept kept;
    std::set<std::string> lineage;  // entities of it
  };
  Kept take(uint64_t number);

  size_t findings_max_, bytes_max_;
  std::map<uint64_t, Waiting> kept_;  // by the order in which they came
  std::set<uint64_t> may_go_;         // of these
  std::unordered_map<std::string, uint64_t> by_id_;
  std::unordered_map<std::string, std::vector<uint64_t>> by_key_;  // entity; rising
  uint64_t next_ = 0, forgotten_ = 0;
  size_t bytes_ = 0;
};

}  // namespace stanch::triage

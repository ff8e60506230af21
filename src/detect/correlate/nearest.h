#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "detect/correlate/correlator.h"

// How near a correlation came to firing: for whoever asks why it did not.

namespace stanch::detect::correlate {

// A rule of a correlation that is not in a window.
struct MissingRule {
  uint32_t slot = 0;
  enum class Where : uint8_t {
    kNowhere,     // it matched nothing that counts
    kOtherGroup,  // only in other groups
    kOutside,     // in this group, but not in this window
    kBefore,      // of temporal_ordered: in this window, but before what it has to follow
  };
  Where where = Where::kNowhere;
  bool operator==(const MissingRule&) const = default;
};

// The window of a group that came nearest to what its correlation asks.
struct Nearest {
  std::vector<std::string> group;  // parallel to Correlation::group_by
  Time from, to;                   // of its first and its last event
  uint64_t counted = 0;            // events in the window
  uint64_t in_group = 0;           // in all windows of the group
  std::string value;               // what the bounds are held against; empty without bounds
  std::vector<MissingRule> missing;
  // Of types that learn: for how long the group was known, and the longest time without an event.
  Duration known{}, gap{};
};

struct Nearness {
  std::vector<uint64_t> of_slot;  // events that each of the rules matched
  // Events without a field of `group-by`; without one of the condition, or no number there.
  std::vector<uint64_t> without_group, without_value;  // parallel to group_by, fields
  uint64_t groups = 0;
  std::optional<Nearest> nearest;  // none without events that count
};

// `arrivals`: all that came to the correlation, in the order of time.
Nearness find_nearest(const Compiled& correlation, std::span<const Arrived> arrivals);

}  // namespace stanch::detect::correlate

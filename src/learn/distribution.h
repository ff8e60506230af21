#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "base/time.h"

// How long something took in many cases, those included in which it has not happened yet: leaving
// them out would make the slowest look as if they were not there. They are right-censored, and
// the quantiles are those of the Kaplan-Meier estimate (docs/formats/metrics.md).

namespace stanch::learn {

struct Lasted {
  Duration time{};    // until it happened, or until now; not negative
  bool open = false;  // it has not happened
};

struct Distribution {
  uint64_t done = 0, open = 0;
  // Nothing if no case is done, or if too many are open to say: then it is longer than `oldest`.
  std::optional<Duration> median, p90;
  std::optional<Duration> max;     // of those that are done
  std::optional<Duration> oldest;  // of those that are open: the longest time so far

  bool operator==(const Distribution&) const = default;
};

// In any order.
Distribution distribution_of(std::span<const Lasted> cases);

}  // namespace stanch::learn

#pragma once

#include <chrono>
#include <cstdint>

// Two times that never mix (docs/formats/time.md).

namespace stanch {

// A moment in UTC, nanoseconds since 1970-01-01T00:00:00Z, leap seconds not
// counted (POSIX). For people and for records. codec/timestamp.h reads and
// writes it as RFC 3339.
using Time = std::chrono::sys_time<std::chrono::nanoseconds>;

using Duration = std::chrono::nanoseconds;

// A moment on this machine's steady clock. For intervals only.
struct SteadyTag {
  using rep = int64_t;
  using period = std::nano;
  using duration = Duration;
  using time_point = std::chrono::time_point<SteadyTag>;
  static constexpr bool is_steady = true;
};
using Steady = std::chrono::time_point<SteadyTag, Duration>;

// `to` - `from`, as far as a Duration (292 years) holds it.
constexpr Duration span_of(Time from, Time to) {
  const Duration begin = from.time_since_epoch(), end = to.time_since_epoch();
  if (begin < Duration{} && end > Duration::max() + begin) return Duration::max();
  if (begin > Duration{} && end < Duration::min() + begin) return Duration::min();
  return end - begin;
}

}  // namespace stanch

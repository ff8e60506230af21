#pragma once

#include <optional>

#include "base/time.h"

// How fast calls may follow each other: the "adaptive" retry mode of the AWS SDKs (SDKs and Tools
// Reference Guide, "Retry behavior"), with the constants of botocore (retries/adaptive.py,
// bucket.py, throttling.py).
//
// Until somebody is throttled there is no bound, and only the rate of answers is measured. Then a
// bucket is filled with turns at 0.7 of that rate. From there the rate grows as CUBIC does (RFC
// 9438): fast at first, hardly near the rate at which it was throttled, then ever faster, but to no
// more than twice what is really called. Throttled again, it falls again, never below one call in
// two seconds.
//
//   rate   |        throttled               ___/
//          |  ______/|              _______/
//          |         |        ___--
//          |         |0.7 ---
//          +------------------------------------- time
//
// Other than botocore a turn is taken before it has come, and whoever took it sleeps until then: so
// they go in the order in which they came, and nobody must be woken.

namespace stanch::cloud {

class Pace {
 public:
  explicit Pace(Steady now) : start_(now), filled_(now), throttled_(now) {}

  // How long to wait for a turn, which is taken. Nothing if that is longer than `most`: then none
  // is taken.
  std::optional<Duration> take_turn(Steady now, Duration most);
  // A call ended.
  void answered(Steady now, bool throttled);

  bool is_bound() const { return is_bound_; }
  double rate() const { return rate_; }  // of turns in a second, where it is bound

 private:
  void measure(Steady now);
  void fill(Steady now);
  void set_rate(double wanted);

  Steady start_, filled_, throttled_;  // the last time that it was filled, and throttled
  bool is_bound_ = false;
  double rate_ = 1, turns_ = 0;  // less than none: they are taken already
  double rate_then_ = 0;         // at which it was throttled
  double measured_ = 0, measured_until_ = 0;
  int answers_ = 0;  // since
};

}  // namespace stanch::cloud

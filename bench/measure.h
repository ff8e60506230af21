#pragma once

#include <functional>
#include <string>
#include <vector>

// Paired measurements: what is compared runs in turn within one process, A B A
// B …, so that a machine whose speed drifts does not decide. Quote medians.

namespace stanch::bench {

struct Timing {
  std::vector<double> seconds;  // one a round, of this thread's processor time or of wall time
  double median() const;
  double best() const;
};

enum class ClockKind { kThread, kWall };

// Runs each of `bodies` once per round, in order, after one round that does not count.
std::vector<Timing> measure(const std::vector<std::function<void()>>& bodies, int rounds,
                            ClockKind clock);

// The median over the rounds of a[i] / b[i].
double paired_ratio(const Timing& a, const Timing& b);

// Of values that there are: the one below which `share` of them lie.
double percentile(std::vector<double> values, double share);

double now_seconds(ClockKind clock);

}  // namespace stanch::bench

#include "measure.h"

#include <time.h>

#include <algorithm>

#include "base/check.h"

namespace stanch::bench {

namespace {

double median_of(std::vector<double> values) {
  std::ranges::sort(values);
  const size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

}  // namespace

double Timing::median() const { return median_of(seconds); }
double Timing::best() const { return *std::ranges::min_element(seconds); }

double percentile(std::vector<double> values, double share) {
  CHECK(!values.empty());
  std::ranges::sort(values);
  return values[std::min(values.size() - 1,
                         static_cast<size_t>(share * static_cast<double>(values.size())))];
}

double now_seconds(ClockKind clock) {
  timespec time{};
  clock_gettime(clock == ClockKind::kThread ? CLOCK_THREAD_CPUTIME_ID : CLOCK_MONOTONIC, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

std::vector<Timing> measure(const std::vector<std::function<void()>>& bodies, int rounds,
                            ClockKind clock) {
  std::vector<Timing> timings(bodies.size());
  for (const auto& body : bodies) body();
  for (int round = 0; round < rounds; ++round) {
    for (size_t i = 0; i < bodies.size(); ++i) {
      const double start = now_seconds(clock);
      bodies[i]();
      timings[i].seconds.push_back(now_seconds(clock) - start);
    }
  }
  return timings;
}

double paired_ratio(const Timing& a, const Timing& b) {
  std::vector<double> ratios;
  for (size_t i = 0; i < a.seconds.size(); ++i) ratios.push_back(a.seconds[i] / b.seconds[i]);
  return median_of(std::move(ratios));
}

}  // namespace stanch::bench

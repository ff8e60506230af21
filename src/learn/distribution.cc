// The Kaplan-Meier estimate. Cases are passed in the order of their times. S(t), the share of cases
// that take longer than t, starts at 1; at a time where d of the n cases that still run are done,
// it is multiplied by (n - d) / n. A case that is open leaves without changing S, but from then
// on each of the others weighs more. The quantile q is the first time with S(t) <= 1 - q; so
// without open cases it is an observed time, the smallest that at least q of the cases did not
// exceed.
//
// Without an open case between them the factors cancel: S = base * left / of, where `of` is the
// number that ran after the last open case left. So whole numbers decide as long as no case is
// open, and rounding cannot move a quantile by a case.

#include "learn/distribution.h"

#include <algorithm>
#include <tuple>
#include <vector>

namespace stanch::learn {

namespace {

struct Share {
  uint64_t of, in;  // q = of / in
};
constexpr Share kMedian{1, 2}, kP90{9, 10};

class Survival {
 public:
  explicit Survival(uint64_t cases) : left_(cases), of_(cases) {}

  void done() { --left_; }
  void open() {
    if (left_ != of_) exact_ = false;
    base_ = base_ * static_cast<double>(left_) / static_cast<double>(of_);
    of_ = --left_;
  }
  // Whether at least `share` of the cases are estimated to be done.
  bool has_reached(Share share) const {
    const uint64_t rest = share.in - share.of;
    if (exact_ || left_ == 0) return left_ * share.in <= rest * of_;
    constexpr double kRounding = 1e-9;
    const double survival = base_ * static_cast<double>(left_) / static_cast<double>(of_);
    return survival <= static_cast<double>(rest) / static_cast<double>(share.in) + kRounding;
  }

 private:
  uint64_t left_, of_;  // cases that still run; and that ran after the last open one left
  double base_ = 1;     // S at that moment
  bool exact_ = true;   // base_ is 1
};

}  // namespace

Distribution distribution_of(std::span<const Lasted> cases) {
  std::vector<Lasted> sorted(cases.begin(), cases.end());
  // At the same time, those that are done come first: the open ones ran until then.
  std::ranges::sort(sorted, {},
                    [](const Lasted& each) { return std::tuple(each.time, each.open); });
  Distribution found;
  Survival survival(sorted.size());
  for (size_t i = 0; i < sorted.size(); ++i) {
    const Lasted& each = sorted[i];
    if (each.open) {
      ++found.open;
      found.oldest = each.time;
      survival.open();
      continue;
    }
    ++found.done;
    found.max = each.time;
    survival.done();
    if (!found.median && survival.has_reached(kMedian)) found.median = each.time;
    if (!found.p90 && survival.has_reached(kP90)) found.p90 = each.time;
  }
  return found;
}

}  // namespace stanch::learn

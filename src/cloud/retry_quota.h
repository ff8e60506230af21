#pragma once

#include <algorithm>

namespace stanch::cloud {

// How often what failed may be asked again before something has to succeed, so that a provider that
// is down is not asked five times as often. The numbers are those of botocore (retries/quota.py,
// standard.py).
class RetryQuota {
 public:
  static constexpr int kMost = 500, kCost = 5;
  static constexpr int kCostWithoutAnswer = 10;

  // False: not again.
  bool take(int cost) {
    if (cost > left_) return false;
    left_ -= cost;
    return true;
  }
  // A call succeeded, whose last attempt took `taken`; 0 if it was the first.
  void give_back(int taken) { left_ = std::min(left_ + std::max(taken, 1), kMost); }

 private:
  int left_ = kMost;
};

}  // namespace stanch::cloud

#include "cloud/pace.h"

#include <algorithm>
#include <cmath>

namespace stanch::cloud {

namespace {

constexpr double kRateMin = 0.5;
constexpr double kOverMeasured = 2;          // how much more than what is called it may be
constexpr double kMeasuredEvery = 0.5;       // seconds
constexpr double kSmoothing = 0.8;           // how much the newest measurement counts
constexpr double kBeta = 0.7, kScale = 0.4;  // of CUBIC

double seconds_of(Duration duration) { return std::chrono::duration<double>(duration).count(); }

}  // namespace

std::optional<Duration> Pace::take_turn(Steady now, Duration most) {
  if (!is_bound_) return Duration{};
  fill(now);
  const double wait = std::max(0.0, (1 - turns_) / rate_);
  if (wait > seconds_of(most)) return std::nullopt;
  turns_ -= 1;
  return std::chrono::ceil<Duration>(std::chrono::duration<double>(wait));
}

void Pace::answered(Steady now, bool throttled) {
  measure(now);
  if (throttled) {
    fill(now);
    rate_then_ = is_bound_ ? std::min(measured_, rate_) : measured_;
    throttled_ = now;
    is_bound_ = true;
    set_rate(rate_then_ * kBeta);
  } else if (is_bound_) {
    fill(now);
    const double back = std::cbrt(rate_then_ * (1 - kBeta) / kScale);  // seconds to rate_then_
    set_rate(kScale * std::pow(seconds_of(now - throttled_) - back, 3) + rate_then_);
  }
}

void Pace::measure(Steady now) {
  const double at = std::floor(seconds_of(now - start_) / kMeasuredEvery) * kMeasuredEvery;
  ++answers_;
  if (at <= measured_until_) return;
  const double newest = answers_ / (at - measured_until_);
  measured_ = newest * kSmoothing + measured_ * (1 - kSmoothing);
  answers_ = 0;
  measured_until_ = at;
}

void Pace::fill(Steady now) {
  turns_ = std::min(std::max(rate_, 1.0), turns_ + seconds_of(now - filled_) * rate_);
  filled_ = now;
}

void Pace::set_rate(double wanted) {
  rate_ = std::max(std::min(wanted, kOverMeasured * measured_), kRateMin);
  turns_ = std::min(turns_, std::max(rate_, 1.0));
}

}  // namespace stanch::cloud

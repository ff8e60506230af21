#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "base/result.h"
#include "base/time.h"
#include "env/env.h"

namespace stanch::cloud {

// Credentials that are renewed before they end: of a type with `expires` (nothing: never) and
// `source` (for people). Any thread; one renews, the others go on with what there is or wait. It
// must outlive the calls, `clock` and `threads` must outlive it.
template <typename T>
class Renewing {
 public:
  using Load = std::function<Result<T>()>;

  // Renewing begins so long before the end. Metadata services give new ones 5 minutes before.
  static constexpr Duration kRenewBefore = std::chrono::minutes(5);
  // What ends sooner is not given out: the call that it is for takes time.
  static constexpr Duration kUsableFor = std::chrono::minutes(1);
  // Between two attempts, while the old ones are still good.
  static constexpr Duration kTryEvery = std::chrono::seconds(30);

  Renewing(env::Clock& clock, env::Threads& threads, Load load)
      : clock_(clock), load_(std::move(load)), monitor_(threads.monitor()) {}
  Renewing(const Renewing&) = delete;
  Renewing& operator=(const Renewing&) = delete;
  ~Renewing() = default;

  // The error of loading them, if there are none that are good for another while. kUnavailable
  // if the source gives only what has ended.
  Result<T> get();

  // A provider refused these: they are not given out again.
  void drop(const T& refused);

 private:
  bool is_good_for(Duration duration, Time now) const {
    return current_ && (!current_->expires || *current_->expires - now > duration);
  }
  Result<T> renew();

  env::Clock& clock_;
  const Load load_;
  // One renews at a time, and those who wait for it share what comes of it. Not held while loading.
  std::unique_ptr<env::Monitor> monitor_;
  std::optional<T> current_;
  std::optional<Error> failure_;  // of the last attempt
  std::optional<Steady> tried_;
  uint64_t attempts_ = 0;  // that have ended
  bool renewing_ = false;
};

template <typename T>
Result<T> Renewing<T>::get() {
  {
    const env::MonitorLock lock(*monitor_);
    for (;;) {
      const Time now = clock_.now();
      if (is_good_for(kRenewBefore, now)) return *current_;
      const bool tried_just_now = tried_ && clock_.steady() - *tried_ < kTryEvery;
      if (is_good_for(kUsableFor, now) && (renewing_ || tried_just_now)) return *current_;
      if (!renewing_) break;
      const uint64_t before = attempts_;
      while (attempts_ == before) monitor_->wait();
      if (failure_) return *failure_;
    }
    renewing_ = true;
  }
  return renew();
}

template <typename T>
void Renewing<T>::drop(const T& refused) {
  const env::MonitorLock lock(*monitor_);
  if (current_ && *current_ == refused) current_.reset();
}

template <typename T>
Result<T> Renewing<T>::renew() {
  Result<T> loaded = load_();
  const Time now = clock_.now();
  const Steady tried = clock_.steady();
  const env::MonitorLock lock(*monitor_);
  renewing_ = false;
  tried_ = tried;
  ++attempts_;
  failure_.reset();
  monitor_->notify_all();
  if (!loaded) {
    if (is_good_for(kUsableFor, now)) return *current_;
    failure_ = std::move(loaded).error();
    return *failure_;
  }
  // A metadata service in trouble goes on giving the last ones. Ours may be better.
  const bool ends_sooner =
      current_ && current_->expires && loaded->expires && *loaded->expires < *current_->expires;
  if (!ends_sooner) current_ = *std::move(loaded);
  if (is_good_for(kUsableFor, now)) return *current_;
  failure_ =
      Error(ErrorCode::kUnavailable, "the credentials of " + current_->source + " have ended");
  return *failure_;
}

}  // namespace stanch::cloud

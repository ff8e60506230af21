#include "cloud/retries.h"

#include <algorithm>
#include <cstdint>

namespace stanch::cloud {

namespace {

// A write that was answered is its caller's to send again: the provider's log may tell of each.
bool may_ask_again(const Call& call, const Retries::Tried& tried) {
  const Refusal& refusal = tried.refusal;
  if (call.writes) return refusal.code == ErrorCode::kUnavailable && !tried.may_be_known;
  return refusal.code == ErrorCode::kThrottled || refusal.code == ErrorCode::kUnavailable ||
         refusal.code == ErrorCode::kUnknownOutcome;
}

}  // namespace

Duration pause_before(env::Random& random, int attempt) {
  Duration pause = kFirstPause;
  for (int i = 1; i < attempt && pause < kPauseMax; ++i) pause *= 2;
  // "Full jitter": between nothing and all of it, so that many do not come back at once.
  uint8_t byte = 0;
  random.fill({&byte, 1});
  return std::min(pause, kPauseMax) * (byte + 1) / 256;
}

bool Retries::wait(int attempt, const Flow& flow, const Tried& tried) {
  if (!may_ask_again(call_, tried)) return false;
  if (!call_.writes) {
    taken_ = tried.was_answered ? RetryQuota::kCost : RetryQuota::kCostWithoutAnswer;
    if (!flows_.take_retry(flow, taken_)) return false;
  }
  const Duration pause =
      std::max(pause_before(env_.random, attempt), std::min(tried.refusal.retry_after, kPauseMax));
  if (call_.not_after && env_.clock.now() + pause > *call_.not_after) return false;
  env_.clock.sleep(pause);
  return true;
}

}  // namespace stanch::cloud

#pragma once

#include "cloud/call.h"
#include "cloud/flows.h"
#include "env/env.h"

namespace stanch::cloud {

inline constexpr int kAttemptsMax = 5;                                   // of one call
inline constexpr Duration kFirstPause = std::chrono::milliseconds(200);  // then doubles
inline constexpr Duration kPauseMax = std::chrono::seconds(20);

// The pause before what failed `attempt` times is asked again, with jitter.
Duration pause_before(env::Random& random, int attempt);

// Whether a call goes out again after it was refused, and when: reads while there is no answer, or
// are throttled, as the flow's quota allows; writes only if they never left. None before the
// provider asks for it, up to kPauseMax, nor after the call's time to leave.
class Retries {
 public:
  // Of one attempt.
  struct Tried {
    const Refusal& refusal;
    bool was_answered;  // by whomever
    bool may_be_known;  // to the provider: its log may tell of it
  };

  // `flows` and `call` outlive it.
  Retries(env::Env env, Flows& flows, const Call& call) : env_(env), flows_(flows), call_(call) {}

  // Waits until it may go out again, after `attempt` attempts. False: it may not.
  bool wait(int attempt, const Flow& flow, const Tried& tried);
  void succeeded(const Flow& flow) { flows_.succeeded(flow, taken_); }

 private:
  env::Env env_;
  Flows& flows_;
  const Call& call_;
  int taken_ = 0;  // of the quota, for the last attempt
};

}  // namespace stanch::cloud

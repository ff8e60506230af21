#include "cloud/flows.h"

#include <algorithm>

namespace stanch::cloud {

bool Flows::wait_for_turn(const Flow& flow, Duration most) {
  std::optional<Duration> wait;
  {
    env::MonitorLock lock(*monitor_);
    wait = state_of(flow).pace.take_turn(env_.clock.steady(), std::min(most, kWaitMax));
  }
  if (wait && *wait > Duration{}) env_.clock.sleep(*wait);
  return wait.has_value();
}

void Flows::answered(const Flow& flow, bool throttled) {
  env::MonitorLock lock(*monitor_);
  state_of(flow).pace.answered(env_.clock.steady(), throttled);
}

bool Flows::take_retry(const Flow& flow, int cost) {
  env::MonitorLock lock(*monitor_);
  return state_of(flow).quota.take(cost);
}

void Flows::succeeded(const Flow& flow, int taken) {
  env::MonitorLock lock(*monitor_);
  state_of(flow).quota.give_back(taken);
}

Flows::State& Flows::state_of(const Flow& flow) {
  const auto found = states_.find(flow);
  if (found != states_.end()) return found->second;
  if (states_.size() == kFlowsMax) states_.clear();
  return states_.emplace(flow, State{.pace = Pace(env_.clock.steady())}).first->second;
}

}  // namespace stanch::cloud

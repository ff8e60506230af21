#pragma once

#include <compare>
#include <map>
#include <memory>
#include <string>

#include "cloud/pace.h"
#include "cloud/retry_quota.h"
#include "env/env.h"

namespace stanch::cloud {

// Calls that share what a provider lets through: it counts by account, region and service. Evidence
// is a flow of its own, with turns of its own. So nothing else that is called, however much, takes
// a turn or a retry from evidence, nor evidence from containment; each slows down only when it is
// throttled itself, and the provider divides between them.
struct Flow {
  std::string account, region, service;
  bool is_evidence = false;
  auto operator<=>(const Flow&) const = default;
};

// The pace of each flow, and how often in it something may be asked again. Any thread.
class Flows {
 public:
  static constexpr Duration kWaitMax = std::chrono::minutes(1);  // for a turn
  static constexpr size_t kFlowsMax = 10'000;  // then all are forgotten, and learnt again

  explicit Flows(env::Env env) : env_(env), monitor_(env.threads.monitor()) {}

  // Waits until a call may leave. False if that takes longer than `most`, or than kWaitMax: it may
  // not.
  bool wait_for_turn(const Flow& flow, Duration most);
  void answered(const Flow& flow, bool throttled);
  bool take_retry(const Flow& flow, int cost);
  void succeeded(const Flow& flow, int taken);

 private:
  struct State {
    Pace pace;
    RetryQuota quota = {};
  };
  State& state_of(const Flow& flow);  // requires monitor_

  env::Env env_;
  std::unique_ptr<env::Monitor> monitor_;  // of states_
  std::map<Flow, State> states_;
};

}  // namespace stanch::cloud

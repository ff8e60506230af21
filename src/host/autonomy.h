#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "env/env.h"
#include "ledger/ledger.h"
#include "triage/assets.h"

// What people say of response as a whole, in the stream `control`, and what they go by.

namespace stanch::host {

// What would have run alone since then, by what a person may promote; without restricted incidents.
struct ShadowRow {
  std::string action, account, environment;
  uint64_t steps = 0;
  std::set<std::string> incidents;
  std::set<std::string> false_alarms;  // of these, those closed as false positive or as expected
  std::set<std::string> targets, also_hit;
};
Result<std::vector<ShadowRow>> shadow_report(ledger::Ledger& ledger, const triage::Assets& assets,
                                             Time since);

struct AutonomyRequest {
  std::string action, account, environment;  // "*": any
  std::string autonomy;                      // "run", "shadow", "one", "two", "never"
  std::optional<Time> until;
  std::string reason, actor;
};
// An entry in the stream `control`, each time another one.
Result<> append_control(env::Env& env, ledger::Ledger& ledger, const std::string& actor,
                        const std::string& kind, const std::string& payload);
Result<> set_autonomy(env::Env& env, ledger::Ledger& ledger, const AutonomyRequest& request);

}  // namespace stanch::host

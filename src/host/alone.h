#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "host/response.h"

// Response that nobody asked for: plans what the playbooks say, does of it what autonomy lets run,
// and says of the rest what it would have done, or whom it asks (docs/formats/autonomy.md).

namespace stanch::host {

struct AloneStep {
  std::string plan;
  respond::Step step;
  respond::StepReport report;
  bool is_shadow = false;  // it would have run
};

struct Alone {
  std::string made;              // hash of the plan that was made now; "": none
  std::string nothing;           // why none
  std::vector<AloneStep> steps;  // of the engine's plans that go on
  respond::Executor::Watched watched;
  bool is_stuck = false;       // nothing could be planned, and people have to look
  bool is_restricted = false;  // what it says is for those whom the incident names
  std::optional<Time> due;     // when there is more to do, if nothing happens before
};

// One turn for one incident. `with.actor` is kEngineActor. Doing it again goes on: what was planned
// is not planned again, even if people withdrew it.
Result<Alone> respond_alone(const Responding& with, const model::IncidentId& incident);

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

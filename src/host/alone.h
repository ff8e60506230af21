#pragma once

#include <optional>
#include <string>
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
  std::string made;                   // hash of the plan that was made now; "": none
  std::string nothing;                // why none
  std::vector<std::string> unplaced;  // why what the playbooks say could not be planned whole
  std::vector<AloneStep> steps;       // of the engine's plans that go on
  respond::Executor::Watched watched;
  bool is_stuck = false;       // nothing could be planned, and people have to look
  bool is_restricted = false;  // what it says is for those whom the incident names
  std::optional<Time> due;     // when there is more to do, if nothing happens before
};

// One turn for one incident. `with.actor` is kEngineActor. Doing it again goes on: what was planned
// is not planned again, even if people withdrew it.
Result<Alone> respond_alone(const Responding& with, const model::IncidentId& incident);

}  // namespace stanch::host

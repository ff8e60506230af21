#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "model/incident.h"
#include "triage/severity.h"
#include "triage/state.h"

// What is due when (docs/formats/severity.md). Clocks start when the ledger had the incident, or
// had it again; a pause is visible, has a reason, and ends by itself.

namespace stanch::triage {

struct Clock {
  model::ClockName name = model::ClockName::kAcknowledge;
  Time start{}, due{};
  std::optional<Time> met;
  std::optional<Pause> paused;  // at this moment
  // How long after `due` it was met; or is not met yet.
  std::optional<Duration> late;
};

// Those that run or were met, in the order of ClockName. None without a severity, or when the
// incident went on elsewhere; of a closed one those that were met.
std::vector<Clock> clocks_of(const IncidentState& state, const SeverityMatrix& matrix, Time now);

}  // namespace stanch::triage

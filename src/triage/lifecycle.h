#pragma once

#include <span>
#include <string_view>

#include "base/result.h"
#include "model/incident.h"

// The life of an incident: which moves there are. One table (docs/formats/incident.md).
//
//   new ▶ acknowledged ▶ triaged ▶ containing ▶ contained, watching ▶ contained
//       ▶ eradicating ▶ recovering ▶ recovered ▶ review ▶ closed ▶ (reopened) new

namespace stanch::triage {

// Where one may go from there, the ordinary next step first. `closed` is reached by the entry
// "closed" alone, and left by "reopened" alone, which leads to `new`: somebody is to take it up.
std::span<const model::Status> moves_from(model::Status status);

// kInvalid names the moves that there are.
Result<> check_move(model::Status from, model::Status to);

// Of NIST SP 800-61 r2: "Detection and Analysis", "Containment, Eradication, and Recovery",
// "Post-Incident Activity".
std::string_view nist_phase(model::Status status);

}  // namespace stanch::triage

#pragma once

#include <optional>
#include <string_view>

#include "base/time.h"
#include "triage/state.h"

namespace stanch::triage {

// How sure an incident is of one thing.
struct Confidence {
  // Two independent rules say so: findings of level medium or above, of calls that succeeded, by
  // two rules that have no event in common. One rule alone, or many about one event, may be one
  // mistake.
  bool is_confirmed = false;
  std::optional<Time> latest;  // of their events
};

// Of `entity`. For an identity only what it did itself counts, or that it was made: whoever attacks
// can name anybody in a call, and would have us cut off whom they like. For everything else what
// was done to it counts, too.
Confidence confidence_in(const IncidentState& state, std::string_view entity);

}  // namespace stanch::triage

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "triage/assets.h"
#include "triage/clocks.h"
#include "triage/severity.h"
#include "triage/state.h"

// The first screen of an incident (`incident show`), in this order, for whoever was woken up.

namespace stanch::triage {

struct ActiveIdentity {
  std::string entity, name;
  std::string owner, on_call, privilege;  // of the inventory, or of what it did
  uint64_t findings = 0;
};

// Calls of one kind, of which findings tell.
struct Deed {
  std::string action;                // "iam:CreateAccessKey"
  std::vector<std::string> targets;  // kTargetsShown of them at most
  uint64_t calls = 0, targets_all = 0;
  std::optional<Time> first, last;
};

struct Overview {
  std::string sentence;  // what happened
  std::optional<Time> first_event, last_event;
  std::vector<ActiveIdentity> identities;  // the most active first
  std::vector<Deed> writes;                // that succeeded
  std::vector<Deed> reads;                 // sensitive ones that succeeded
  std::vector<std::string> persistence;    // what was made that outlives the session
  uint64_t denied = 0;
  std::vector<std::string> next;  // what to do now, and who is to be asked
  std::vector<Clock> clocks;
  std::vector<std::string> unknown;  // what we cannot know
};

inline constexpr size_t kTargetsShown = 4;

Overview overview_of(const IncidentState& state, const SeverityMatrix& matrix, const Assets& assets,
                     Time now);

}  // namespace stanch::triage

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "model/rule.h"
#include "triage/assets.h"
#include "triage/clocks.h"
#include "triage/severity.h"
#include "triage/state.h"

// The first screen of an incident (`incident show`), in this order, for whoever was woken up.
// Computed anew from the state. Texts hold what logs and people wrote, as they wrote it: whoever
// shows them makes them harmless first.

namespace stanch::triage {

// Is it still going on? How long nothing was seen, and whether that means anything.
struct Activity {
  std::optional<Time> first_event, last_event;
  std::optional<Duration> age;        // of the last event
  std::optional<Duration> log_delay;  // from an event to the ledger: the median of the findings
  bool may_go_on = false;             // the last event is so young that silence says nothing
  std::string words;                  // one sentence
};

struct ActiveIdentity {
  std::string entity, name;
  std::string owner, on_call;        // of the inventory
  std::string privilege;             // of the inventory, or of what it did; "": none is known
  bool is_protected = false;         // says the inventory
  std::vector<std::string> reaches;  // entity ids, says the inventory
  uint64_t findings = 0;
  model::Level level = model::Level::kInformational;  // the highest of its findings
};

// Calls of one kind, of which findings tell. An event that several rules saw is one call.
struct Deed {
  std::string action;                // "iam:CreateAccessKey"
  std::vector<std::string> targets;  // the first kTargetsShown of them
  uint64_t calls = 0, targets_all = 0;
  std::optional<Time> first, last;
};

struct Overview {
  std::string sentence;  // what happened
  Activity activity;
  std::vector<ActiveIdentity> identities;  // who did the worst first
  std::vector<Deed> writes;                // that succeeded, the earliest first
  std::vector<Deed> reads;                 // sensitive ones that succeeded
  std::vector<std::string> persistence;    // what was made that outlives the session
  uint64_t denied = 0;                     // calls
  std::vector<std::string> next;           // what to do now. Until there are plans, no calls
  std::vector<std::string> ask;            // who is to be asked, and how to reach them
  std::vector<std::string> breaks;         // whom containing it hits, as far as is known
  std::vector<Clock> clocks;
  std::vector<std::string> unknown;  // what we cannot know
};

inline constexpr size_t kTargetsShown = 4;

Overview overview_of(const IncidentState& state, const SeverityMatrix& matrix, const Assets& assets,
                     Time now);

}  // namespace stanch::triage

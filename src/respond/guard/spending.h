#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <utility>

#include "base/result.h"
#include "ledger/ledger.h"
#include "model/incident.h"

// What was spent of the budget of steps that write: the fold of the stream `budget/response`.

namespace stanch::respond {

struct Spending {
  uint64_t of_incident = 0, of_all = 0;  // in the last hour, without the step that is asked about
  bool has_step = false;                 // it was paid for already
  uint64_t next = 0;                     // of the stream

  static Result<Spending> load(ledger::Ledger& ledger, const model::IncidentId& incident,
                               const std::string& plan, const std::string& step, Time now);
};

struct SpendRequest {
  model::IncidentId incident;
  std::string plan, step, actor;
  uint64_t left = 0;  // of the incident's budget, after it
  Time now{};
};
// kConflict if somebody else spent since `spending` was read: then read again.
Result<> spend(ledger::Ledger& ledger, const Spending& spending, const SpendRequest& request);

}  // namespace stanch::respond

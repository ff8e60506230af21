#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "ledger/incident_list.h"
#include "ledger/ledger.h"
#include "triage/state.h"

// The list of incidents, brought up to date from the ledger before it is read.

namespace stanch::host {

// Follows the ledger from where the list was made, and makes the rows of what changed. Another
// process may do the same at the same time.
Result<> update_incident_list(ledger::Ledger& ledger);

// What a row's text says.
struct ListedIncident {
  std::string title, status, assignee;
  uint64_t findings = 0;
  bool restricted = false, acknowledged = false;
  std::string merged_into;
};
Result<ListedIncident> read_row(const ledger::IncidentRow& row);

// The row of an incident, as it is in the list.
ledger::IncidentRow row_of(const triage::IncidentState& state);

}  // namespace stanch::host

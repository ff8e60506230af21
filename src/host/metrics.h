#pragma once

#include <span>
#include <vector>

#include "base/result.h"
#include "learn/case.h"
#include "ledger/ledger.h"

namespace stanch::host {

Result<learn::Case> load_case(ledger::Ledger& ledger, const model::IncidentId& incident);

// All incidents of the ledger as metrics see them, those that went on in another as well.
Result<std::vector<learn::Case>> load_cases(ledger::Ledger& ledger);

// Those that went on in it, and in these; not those that were reopened. Each comes before what went
// on in it.
Result<std::vector<learn::Case>> load_absorbed(ledger::Ledger& ledger, const learn::Case& of);

// One of them, of which these are the entries, with all that went on in it.
Result<learn::Case> load_whole_case(ledger::Ledger& ledger, const model::IncidentId& incident,
                                    std::span<const model::Entry> entries);

}  // namespace stanch::host

#pragma once

#include <vector>

#include "base/result.h"
#include "learn/case.h"
#include "ledger/ledger.h"

namespace stanch::host {

// All incidents of the ledger as metrics see them, those that went on in another as well.
Result<std::vector<learn::Case>> load_cases(ledger::Ledger& ledger);

}  // namespace stanch::host

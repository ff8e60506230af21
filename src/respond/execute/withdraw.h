#pragma once

#include <string>

#include "ledger/ledger.h"
#include "respond/execute/journal.h"

namespace stanch::respond {

// Nothing of the plan goes on; what it did stays until it is undone, and what it held without
// having begun it holds no more. Repeating it does nothing but the rest. kNotFound: no such plan.
Result<> withdraw_plan(Journal& journal, ledger::Ledger& ledger, const std::string& plan,
                       const std::string& actor, const std::string& reason);

}  // namespace stanch::respond

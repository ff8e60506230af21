#pragma once

#include <string>
#include <vector>

#include "ledger/ledger.h"
#include "ledger/sqlite/connection.h"

namespace stanch::ledger::sqlite {

// Appends prepared entries inside of a transaction, as Ledger::append() says. What it refuses
// (kConflict), it has not done.
Result<Appended> append(Connection& database, const std::string& ledger_id,
                        const model::StreamId& stream, uint64_t expected_next,
                        std::vector<model::Entry>& entries);

}  // namespace stanch::ledger::sqlite

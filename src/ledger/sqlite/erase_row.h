#pragma once

#include <string>

#include "env/env.h"
#include "ledger/sqlite/connection.h"
#include "model/entry.h"

namespace stanch::ledger::sqlite {

// Removes salt and payload inside of a transaction; the salt that it had, "" if it was erased
// before. kNotFound if there is no such entry.
Result<std::string> erase_row(Connection& database, const model::StreamId& stream,
                              uint64_t sequence);

// Whether the database's file or its write-ahead log holds these bytes, anywhere.
Result<bool> files_contain(env::Files& files, const std::string& path, const std::string& text);

}  // namespace stanch::ledger::sqlite

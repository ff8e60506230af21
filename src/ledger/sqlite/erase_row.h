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

// Whether a file holds these bytes anywhere; not if there is none. Never for the database itself
// while it is open: closing a file takes away the locks that this process has on it
// (sqlite.org/howtocorrupt.html, 2.2). For that: Connection::file_contains().
Result<bool> file_contains(env::Files& files, const std::string& path, const std::string& text);

}  // namespace stanch::ledger::sqlite

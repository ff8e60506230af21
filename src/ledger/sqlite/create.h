#pragma once

#include <string>
#include <string_view>

#include "ledger/sqlite/connection.h"

namespace stanch::ledger::sqlite {

// What every writing connection runs with: the way into WAL, every commit synced, what is deleted
// overwritten. kInvalid if the file system cannot.
Result<> set_up(Connection& database);

// Tables and names of a new ledger, inside of a transaction. Nothing is done if it is there
// already; kConflict if another is.
Result<> create_tables(Connection& database, const std::string& id, const std::string& origin);

// "id", "origin"; "" if there is none.
Result<std::string> property(Connection& database, std::string_view name);

}  // namespace stanch::ledger::sqlite

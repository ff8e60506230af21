#pragma once

#include "ledger/incident_list.h"
#include "ledger/ledger.h"
#include "ledger/sqlite/connection.h"

// The list of incidents in SQLite, as IncidentList says of its functions of these names.

namespace stanch::ledger::sqlite {

Result<Cursor> list_cursor(Connection& database);
Result<std::vector<IncidentRow>> list(Connection& database, const IncidentQuery& query);

// These need a transaction.
Result<> put_rows(Connection& database, std::span<const IncidentRow> rows, const Cursor& from,
                  const Cursor& to);
Result<> drop_rows(Connection& database);

}  // namespace stanch::ledger::sqlite

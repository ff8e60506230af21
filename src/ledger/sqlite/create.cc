#include "ledger/sqlite/create.h"

#include "ledger/sqlite/migrations.h"

namespace stanch::ledger::sqlite {

// What every connection runs with. FULL: a commit is synced before it is answered.
Result<> set_up(Connection& database) {
  // The way into WAL is a transaction with a rollback journal. EXTRA makes the journal's removal
  // durable: one that came back after a power failure would undo what was committed since.
  TRY(database.run("PRAGMA synchronous=EXTRA"));
  TRY(const std::string mode, database.text("PRAGMA journal_mode=WAL"));
  if (mode != "wal") {
    return Error(ErrorCode::kInvalid,
                 "the ledger's file system cannot keep a write-ahead log (is it a network share?)");
  }
  return database.run(
      "PRAGMA synchronous=FULL; PRAGMA secure_delete=ON;"
      "PRAGMA journal_size_limit=67108864;");
}

Result<std::string> property(Connection& database, std::string_view name) {
  TRY(Statement select, database.prepare("SELECT value FROM ledger WHERE name = ?"));
  select.text(1, name);
  TRY(const bool found, select.step());
  return found ? std::string(select.text(0)) : std::string();
}

Result<> create_tables(Connection& database, const std::string& id, const std::string& origin) {
  TRY(migrate(database));
  TRY(const std::string present, property(database, "id"));
  if (!present.empty()) {
    if (present == id) return {};
    return Error(ErrorCode::kConflict, "there is a ledger already");
  }
  TRY(Statement insert, database.prepare("INSERT INTO ledger (name, value) VALUES (?, ?)"));
  insert.text(1, "id").text(2, id);
  TRY(insert.run());
  insert.text(1, "origin").text(2, origin);
  return insert.run();
}

}  // namespace stanch::ledger::sqlite

#include "ledger/sqlite/migrations.h"

#include <fmt/format.h>

#include "codec/hash.h"

namespace stanch::ledger::sqlite {
namespace {

constexpr Migration kMigrations[] = {
    {"entries, and the heads of their streams", R"sql(
CREATE TABLE migrations (number INTEGER PRIMARY KEY, checksum TEXT NOT NULL) STRICT;
CREATE TABLE ledger (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE streams (
  stream INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  next INTEGER NOT NULL,
  hash BLOB NOT NULL
) STRICT;
CREATE TABLE entries (
  number INTEGER PRIMARY KEY,
  stream INTEGER NOT NULL,
  sequence INTEGER NOT NULL,
  id TEXT NOT NULL,
  header TEXT NOT NULL,
  salt TEXT,
  payload TEXT
) STRICT;
CREATE UNIQUE INDEX entries_by_place ON entries (stream, sequence);
CREATE UNIQUE INDEX entries_by_id ON entries (stream, id);
)sql"},
    {"the tree and its checkpoints", R"sql(
CREATE TABLE tiles (
  level INTEGER NOT NULL,
  number INTEGER NOT NULL,
  hashes BLOB NOT NULL,
  PRIMARY KEY (level, number)
) STRICT, WITHOUT ROWID;
CREATE TABLE checkpoints (size INTEGER PRIMARY KEY, note TEXT NOT NULL) STRICT;
)sql"},
    {"leases", R"sql(
CREATE TABLE leases (
  name TEXT PRIMARY KEY,
  holder TEXT NOT NULL,
  fence INTEGER NOT NULL,
  until_ns INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
)sql"},
    {"the list of incidents", R"sql(
CREATE TABLE incidents (
  id TEXT NOT NULL UNIQUE,
  closed INTEGER NOT NULL,
  severity INTEGER NOT NULL,
  age INTEGER NOT NULL,
  updated INTEGER NOT NULL,
  text TEXT NOT NULL
) STRICT;
CREATE INDEX incidents_in_order ON incidents (closed, severity, age, id);
)sql"},
};

std::string checksum_of(const Migration& migration) {
  return codec::to_hex(codec::sha256(migration.sql));
}

Result<> check_steps(Connection& database, size_t steps) {
  if (steps > migrations().size()) {
    return Error(ErrorCode::kInvalid,
                 fmt::format("the ledger was written by a newer program (step {} of its tables, "
                             "this one knows {}): use that one",
                             steps, migrations().size()));
  }
  TRY(Statement statement, database.prepare("SELECT checksum FROM migrations ORDER BY number"));
  for (size_t i = 0; i < steps; ++i) {
    TRY(const bool found, statement.step());
    if (!found || statement.text(0) != checksum_of(kMigrations[i])) {
      return Error(
          ErrorCode::kCorrupt,
          fmt::format("step {} of the ledger's tables is not that of this program", i + 1));
    }
  }
  return {};
}

}  // namespace

std::span<const Migration> migrations() { return kMigrations; }

Result<size_t> migrated(Connection& database) {
  // One statement, and so one state: another process may be making the ledger.
  TRY(Statement select, database.prepare("SELECT count(*), "
                                         "(SELECT user_version FROM pragma_user_version), "
                                         "(SELECT application_id FROM pragma_application_id) "
                                         "FROM sqlite_schema"));
  TRY(const bool found, select.step());
  if (!found) return Error(ErrorCode::kCorrupt, "the ledger's file does not say what it is");
  const int64_t tables = select.integer(0), steps = select.integer(1),
                application = select.integer(2);
  if (steps == 0 && application == 0 && tables == 0) return size_t{0};
  if (application != kApplicationId || steps <= 0) {
    return Error(ErrorCode::kInvalid, "the file is an SQLite database, but no ledger");
  }
  return static_cast<size_t>(steps);
}

Result<> migrate(Connection& database, size_t to) {
  TRY(const size_t from, migrated(database));
  if (from > 0) TRY(check_steps(database, from));
  for (size_t step = from + 1; step <= to; ++step) {
    const Migration& migration = kMigrations[step - 1];
    TRY(database.run(std::string(migration.sql)));
    TRY(database.run(
        fmt::format("INSERT INTO migrations VALUES ({}, '{}')", step, checksum_of(migration))));
  }
  if (from < to) {
    TRY(database.run(
        fmt::format("PRAGMA application_id={}; PRAGMA user_version={};", kApplicationId, to)));
  }
  return {};
}

}  // namespace stanch::ledger::sqlite

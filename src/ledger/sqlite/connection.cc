#include "ledger/sqlite/connection.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <string>
#include <utility>

#include "base/check.h"

namespace stanch::ledger::sqlite {
namespace {

constexpr int kBusyMillisecondsMax = 10'000;  // that a write waits for another process

Error error_of(int code, std::string_view what) {
  const auto as = [&](ErrorCode error) { return Error(error, fmt::format("ledger: {}", what)); };
  switch (code & 0xFF) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_NOMEM:
    case SQLITE_INTERRUPT:
    case SQLITE_FULL: return as(ErrorCode::kUnavailable);
    case SQLITE_PERM:
    case SQLITE_AUTH:
    case SQLITE_READONLY: return as(ErrorCode::kDenied);
    case SQLITE_CANTOPEN: return as(ErrorCode::kNotFound);
    // The statements are ours and no constraint is expected to fail, so that anything else says
    // that the tables are not what they were: IOERR, CORRUPT, NOTADB, CONSTRAINT, ERROR …
    default: return as(ErrorCode::kCorrupt);
  }
}

Error last_error(sqlite3* database) {
  return error_of(sqlite3_extended_errcode(database), sqlite3_errmsg(database));
}

// A path as a URI, in which nothing of it has a meaning (sqlite.org/uri.html).
std::string uri_of(const std::string& path) {
  std::string uri = "file:";
  for (const char c : path) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("._-").contains(c);
    uri += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return uri;
}

// Without a log SQLite reads a file at rest as "immutable", which never looks for one. With a log
// it needs a table of its pages, and has it in memory of its own when it may hold the file for
// itself, which on read-only media only the VFS without locks grants (sqlite.org/wal.html#noshm).
constexpr const char* kWithoutLocks = "unix-none";

bool has_log(const std::string& path) {
  sqlite3_vfs* vfs = sqlite3_vfs_find(kWithoutLocks);
  int there = 0;
  const std::string log = path + "-wal";
  // One that cannot be looked at may be there.
  return vfs->xAccess(vfs, log.c_str(), SQLITE_ACCESS_EXISTS, &there) != SQLITE_OK || there != 0;
}

int open_file(const std::string& path, const OpenMode& mode, sqlite3** database) {
  const int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  if (mode.at_rest) {
    const std::string uri = uri_of(path) + (has_log(path) ? "" : "?immutable=1");
    return sqlite3_open_v2(uri.c_str(), database, flags | SQLITE_OPEN_READONLY | SQLITE_OPEN_URI,
                           kWithoutLocks);
  }
  return sqlite3_open_v2(path.c_str(), database,
                         flags | SQLITE_OPEN_READWRITE | (mode.create ? SQLITE_OPEN_CREATE : 0),
                         mode.vfs.empty() ? nullptr : mode.vfs.c_str());
}

}  // namespace

Statement::Statement(Statement&& other) noexcept
    : database_(other.database_), statement_(std::exchange(other.statement_, nullptr)) {}

Statement::~Statement() { sqlite3_finalize(statement_); }

// Binding fails only for an index that does not exist, or an earlier step that was not reset.
Statement& Statement::bind(int index, int64_t value) {
  CHECK(sqlite3_bind_int64(statement_, index, value) == SQLITE_OK);
  return *this;
}

Statement& Statement::bind(int index, uint64_t value) {
  CHECK(value <= INT64_MAX);
  return bind(index, static_cast<int64_t>(value));
}

Statement& Statement::text(int index, std::string_view value) {
  CHECK(sqlite3_bind_text64(statement_, index, value.data() ? value.data() : "", value.size(),
                            SQLITE_STATIC, SQLITE_UTF8) == SQLITE_OK);
  return *this;
}

Statement& Statement::blob(int index, std::string_view value) {
  CHECK(sqlite3_bind_blob64(statement_, index, value.data() ? value.data() : "", value.size(),
                            SQLITE_STATIC) == SQLITE_OK);
  return *this;
}

Statement& Statement::null(int index) {
  CHECK(sqlite3_bind_null(statement_, index) == SQLITE_OK);
  return *this;
}

Result<bool> Statement::step() {
  switch (sqlite3_step(statement_)) {
    case SQLITE_ROW: return true;
    case SQLITE_DONE: return false;
    default: return last_error(database_);
  }
}

Result<> Statement::run() {
  const Result<bool> stepped = step();
  reset();
  if (!stepped) return stepped.error();
  CHECK(!*stepped);
  return {};
}

void Statement::reset() { sqlite3_reset(statement_); }

bool Statement::is_null(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

int64_t Statement::integer(int column) const { return sqlite3_column_int64(statement_, column); }

std::string_view Statement::text(int column) const {
  const void* bytes = sqlite3_column_blob(statement_, column);
  const int size = sqlite3_column_bytes(statement_, column);
  return {static_cast<const char*>(bytes), static_cast<size_t>(size)};
}

Connection::Connection(sqlite3* database) : database_(database) {
  // Instead of SQLite's own hook, which checkpoints and hides what goes wrong. PRAGMA
  // wal_autocheckpoint would take away this one too, even if it is only set to 0.
  sqlite3_wal_hook(
      database_,
      [](void* self, sqlite3*, const char*, int frames) {
        static_cast<Connection*>(self)->wal_frames_ = frames;
        return SQLITE_OK;
      },
      this);
}

Connection::~Connection() {
  statements_.clear();
  sqlite3_close_v2(database_);
}

Result<std::unique_ptr<Connection>> Connection::open(const std::string& path,
                                                     const OpenMode& mode) {
  sqlite3* database = nullptr;
  const int code = open_file(path, mode, &database);
  if (code != SQLITE_OK) {
    const std::string why = database ? sqlite3_errmsg(database) : sqlite3_errstr(code);
    sqlite3_close(database);
    return error_of(code, fmt::format("open {}: {}", path, why));
  }
  std::unique_ptr<Connection> connection(new Connection(database));
  sqlite3_busy_timeout(database, kBusyMillisecondsMax);
  // A file from elsewhere must not run anything by its schema (sqlite.org/security.html).
  sqlite3_db_config(database, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(database, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_db_config(database, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, nullptr);
  sqlite3_db_config(database, SQLITE_DBCONFIG_ENABLE_VIEW, 0, nullptr);
  TRY(connection->run("PRAGMA cell_size_check=ON; PRAGMA temp_store=MEMORY;"));
  if (mode.at_rest) TRY(connection->run("PRAGMA locking_mode=EXCLUSIVE"));
  return connection;
}

Result<> Connection::run(const std::string& sql) {
  const int code = sqlite3_exec(database_, sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return last_error(database_);
  return {};
}

Result<Statement> Connection::prepare(std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v3(database_, sql.data(), static_cast<int>(sql.size()),
                         SQLITE_PREPARE_PERSISTENT, &statement, nullptr) != SQLITE_OK) {
    return last_error(database_);
  }
  return Statement(database_, statement);
}

Result<Statement*> Connection::cached(std::string_view sql) {
  const auto found = statements_.find(sql);
  if (found != statements_.end()) return &found->second;
  TRY(Statement statement, prepare(sql));
  return &statements_.emplace(std::string(sql), std::move(statement)).first->second;
}

int64_t Connection::changes() const { return sqlite3_changes64(database_); }

bool Connection::is_read_only() const { return sqlite3_db_readonly(database_, "main") == 1; }

Result<int64_t> Connection::integer(std::string_view sql) {
  TRY(Statement statement, prepare(sql));
  TRY(const bool found, statement.step());
  const int64_t value = found ? statement.integer(0) : 0;
  if (found) TRY(statement.step());  // what it changes is committed, or fails, at its end
  return value;
}

Result<std::string> Connection::text(std::string_view sql) {
  TRY(Statement statement, prepare(sql));
  TRY(const bool found, statement.step());
  std::string value = found ? std::string(statement.text(0)) : std::string();
  if (found) TRY(statement.step());
  return value;
}

Result<bool> Connection::file_contains(std::string_view text) {
  constexpr sqlite3_int64 kChunkBytes = sqlite3_int64{1} << 20;
  sqlite3_file* file = nullptr;
  sqlite3_int64 size = 0;
  int code =
      sqlite3_file_control(database_, "main", SQLITE_FCNTL_FILE_POINTER, static_cast<void*>(&file));
  if (code == SQLITE_OK) code = file->pMethods->xFileSize(file, &size);
  std::string chunk;
  const auto overlap = static_cast<sqlite3_int64>(text.size());  // it may lie across two chunks
  for (sqlite3_int64 at = 0; code == SQLITE_OK && at < size; at += kChunkBytes) {
    const sqlite3_int64 count = std::min(kChunkBytes + overlap, size - at);
    chunk.resize(static_cast<size_t>(count));
    code = file->pMethods->xRead(file, chunk.data(), static_cast<int>(count), at);
    if (code == SQLITE_OK && chunk.find(text) != chunk.npos) return true;
  }
  if (code != SQLITE_OK) return error_of(code, "its file cannot be read");
  return false;
}

Result<LogMoved> Connection::move_log() {
  LogMoved log;
  const int code = sqlite3_wal_checkpoint_v2(database_, nullptr, SQLITE_CHECKPOINT_PASSIVE,
                                             &log.frames, &log.moved);
  // Busy: another process is at it.
  if (code != SQLITE_OK && (code & 0xFF) != SQLITE_BUSY) return last_error(database_);
  return log;
}

Result<> Connection::empty_log() {
  const int code =
      sqlite3_wal_checkpoint_v2(database_, nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
  if (code != SQLITE_OK) return last_error(database_);
  wal_frames_ = 0;
  return {};
}

}  // namespace stanch::ledger::sqlite

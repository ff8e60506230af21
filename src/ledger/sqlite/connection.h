#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

struct sqlite3;
struct sqlite3_stmt;

// SQLite behind Result. connection.cc alone includes sqlite3.h.

namespace stanch::ledger::sqlite {

class Connection;

// A prepared statement. Bind, step until false, reset. Texts are valid until the next step.
class Statement {
 public:
  Statement(Statement&&) noexcept;
  Statement& operator=(Statement&&) = delete;
  ~Statement();

  Statement& bind(int index, int64_t value);
  Statement& bind(int index, uint64_t value);          // below 2^63
  Statement& text(int index, std::string_view value);  // must live until reset()
  Statement& blob(int index, std::string_view value);  // must live until reset()
  Statement& null(int index);

  Result<bool> step();  // true: there is a row
  Result<> run();       // step() without a row, then reset()
  void reset();

  bool is_null(int column) const;
  int64_t integer(int column) const;
  uint64_t natural(int column) const { return static_cast<uint64_t>(integer(column)); }
  std::string_view text(int column) const;  // of texts and blobs alike

 private:
  friend class Connection;
  Statement(sqlite3* database, sqlite3_stmt* statement)
      : database_(database), statement_(statement) {}
  sqlite3* database_;
  sqlite3_stmt* statement_;
};

// Resets a statement at the end of the scope.
class Using {
 public:
  explicit Using(Statement& statement) : statement_(statement) {}
  ~Using() { statement_.reset(); }
  Using(const Using&) = delete;
  Using& operator=(const Using&) = delete;
  Statement* operator->() { return &statement_; }

 private:
  Statement& statement_;
};

struct OpenMode {
  bool create = false;
  // The file is where nobody can write, so that SQLite cannot have its locks and shared memory
  // beside it: it is read without, with its log if there is one. Nobody may write it meanwhile.
  bool at_rest = false;
  std::string vfs = {};  // "": the default
};

// Frames of the write-ahead log. If all were moved and nobody reads them, the next commit begins
// it anew.
struct LogMoved {
  int frames = 0;  // that it has
  int moved = 0;   // of these, those that the database has too
};

// One connection; one thread at a time. Errors: kUnavailable (busy, disk full), kDenied, kNotFound
// (no such file), kCorrupt (damaged, or the device failed).
class Connection {
 public:
  static Result<std::unique_ptr<Connection>> open(const std::string& path, const OpenMode& mode);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  Result<> run(const std::string& sql);  // any number of statements, without parameters
  Result<Statement> prepare(std::string_view sql);
  bool is_read_only() const;  // the system gave the file for reading alone
  // The same statement each time; reset it after use (Using). One user at a time.
  Result<Statement*> cached(std::string_view sql);
  int64_t changes() const;  // rows of the last statement
  Result<int64_t> integer(std::string_view sql);
  Result<std::string> text(std::string_view sql);

  // How many frames the write-ahead log had after the last commit of this connection.
  int wal_frames() const { return wal_frames_; }
  // Moves the log into the database, as far as readers and writers let it.
  Result<LogMoved> move_log();
  // All of it, and leaves it empty; kUnavailable if readers are in the way.
  Result<> empty_log();

  // Whether the database's file holds these bytes anywhere, be it between its rows.
  Result<bool> file_contains(std::string_view text);

 private:
  explicit Connection(sqlite3* database);
  sqlite3* database_;
  int wal_frames_ = 0;
  std::map<std::string, Statement, std::less<>> statements_;
};

}  // namespace stanch::ledger::sqlite

#include "ledger/sqlite_store.h"

#include <fmt/format.h>

#include <charconv>
#include <optional>
#include <type_traits>
#include <utility>

#include "ledger/keys.h"
#include "ledger/prepare.h"
#include "ledger/sqlite/append.h"
#include "ledger/sqlite/connection.h"
#include "ledger/sqlite/create.h"
#include "ledger/sqlite/erase_row.h"
#include "ledger/sqlite/incident_rows.h"
#include "ledger/sqlite/migrations.h"
#include "ledger/sqlite/readers.h"
#include "ledger/sqlite/rows.h"
#include "ledger/sqlite/tree_rows.h"
#include "ledger/sqlite/writer.h"

namespace stanch::ledger {
namespace {

using sqlite::Connection;

class SqliteStore final : public Store, private IncidentList {
 public:
  SqliteStore(env::Env env, std::string path, SqliteOptions options)
      : env_(env),
        path_(std::move(path)),
        options_(std::move(options)),
        salts_(options_.salt_key.empty() ? random_salts(env.random)
                                         : keyed_salts(options_.salt_key)) {}

  Result<> start() {
    sqlite::OpenMode mode{.create = false, .vfs = options_.vfs};
    TRY(auto connection, Connection::open(path_, mode));
    auto steps = sqlite::migrated(*connection);
    if (!steps && is_out_of_reach(steps.error())) {
      mode.at_rest = true;
      TRY(connection, Connection::open(path_, mode));
      steps = sqlite::migrated(*connection);
    }
    if (!steps) return steps.error();
    if (*steps == 0) {
      return Error(ErrorCode::kNotFound, fmt::format("{} holds no ledger yet", path_));
    }
    readers_ = std::make_unique<sqlite::Readers>(env_.threads, path_, mode);
    if (connection->is_read_only()) return start_reading(*connection, *steps);
    TRY(sqlite::set_up(*connection));
    TRY(connection->run("BEGIN IMMEDIATE"));
    if (const Result<> done = sqlite::migrate(*connection); !done) {
      (void)connection->run("ROLLBACK");
      return done.error();
    }
    TRY(connection->run("COMMIT"));
    // SQLite makes the name of its log durable, but does not look whether that went well.
    if (options_.vfs.empty()) TRY(env_.files.sync_folder(folder_of(path_)));
    TRY(read_names(*connection));
    TRY(auto mover, Connection::open(path_, mode));
    TRY(sqlite::set_up(*mover));
    TRY(writer_, sqlite::Writer::start(env_.threads, std::move(connection), std::move(mover),
                                       options_.log_frames));
    return {};
  }

  const std::string& id() const override { return id_; }
  const std::string& origin() const override { return origin_; }

  Result<Appended> append(const model::StreamId& stream, uint64_t expected_next,
                          std::span<const model::EntryDraft> drafts) override {
    TRY(std::vector<model::Entry> entries, prepare(stream, drafts, salts_));
    Appended appended;
    TRY(writing([&](Connection& database) -> Result<> {
      TRY(appended, sqlite::append(database, id_, stream, expected_next, entries));
      return {};
    }));
    return appended;
  }

  Result<std::vector<model::Entry>> read(const model::StreamId& stream, uint64_t from,
                                         size_t limit) override {
    return reading(
        [&](Connection& database) { return sqlite::read(database, stream, from, limit); });
  }

  Result<StreamHead> head(const model::StreamId& stream) override {
    TRY(const auto row, reading([&](Connection& database) {
          return sqlite::find_stream(database, stream.text());
        }));
    if (!row) return StreamHead{stream, 0, model::stream_root(id_, stream)};
    return StreamHead{stream, row->next, row->hash};
  }

  Result<std::vector<StreamHead>> streams(std::string_view prefix, std::string_view after,
                                          size_t limit) override {
    return reading(
        [&](Connection& database) { return sqlite::streams(database, prefix, after, limit); });
  }

  Result<model::Entry> find(const model::StreamId& stream, const model::EntryId& id) override {
    TRY(auto entry,
        reading([&](Connection& database) { return sqlite::find(database, stream, id); }));
    if (entry) return std::move(*entry);
    return Error(ErrorCode::kNotFound,
                 fmt::format("stream {} has no entry {}", stream.text(), id.text()));
  }

  Result<Followed> follow(const Cursor& from, size_t limit) override {
    uint64_t number = 0;
    if (!from.text.empty()) {
      const char* end = from.text.data() + from.text.size();
      if (std::from_chars(from.text.data(), end, number).ptr != end || number > INT64_MAX) {
        return Error(ErrorCode::kInvalid, "this is no cursor of this ledger: " + from.text);
      }
    }
    Followed followed;
    TRY(followed.entries, reading([&](Connection& database) {
          return sqlite::read_numbers(database, number, limit);
        }));
    number += followed.entries.size();
    followed.cursor = number == 0 ? from : Cursor{std::to_string(number)};
    return followed;
  }

  // Whoever held a lease when the power went is gone: whether the lease was is all the same.
  Result<Lease> take_lease(std::string_view name, std::string_view holder, Time now,
                           Duration duration) override {
    Lease lease;
    TRY(writing(
        [&](Connection& database) -> Result<> {
          TRY(lease, sqlite::take_lease(database, name, holder, now, duration));
          return {};
        },
        sqlite::Writer::Durable::kLater));
    return lease;
  }

  Result<> give_lease(const Lease& lease) override {
    return writing([&](Connection& database) { return sqlite::give_lease(database, lease); },
                   sqlite::Writer::Durable::kLater);
  }

  Result<> scan(uint64_t from, const EntryVisitor& visit) override {
    return readers_->run([&](Connection& database) { return sqlite::scan(database, from, visit); });
  }

  Result<> scan_stream(const model::StreamId& stream, const EntryVisitor& visit) override {
    return readers_->run(
        [&](Connection& database) { return sqlite::scan_stream(database, stream, visit); });
  }

  Result<uint64_t> count() override { return reading(sqlite::count); }
  Result<uint64_t> tree_size() override { return reading(sqlite::tree_size); }

  Result<std::optional<Tile>> tile(unsigned level, uint64_t number) override {
    return reading([&](Connection& database) { return sqlite::tile(database, level, number); });
  }

  Result<> save_tiles(const Lease& lease, std::span<const Tile> tiles) override {
    return writing([&](Connection& database) -> Result<> {
      TRY(sqlite::check_lease(database, lease));
      for (const Tile& tile : tiles) TRY(sqlite::check_growth(database, tile));
      for (const Tile& tile : tiles) TRY(sqlite::put_tile(database, tile));
      return {};
    });
  }

  Result<> save_checkpoint(const Lease& lease, const KeptCheckpoint& checkpoint) override {
    return writing([&](Connection& database) -> Result<> {
      TRY(sqlite::check_lease(database, lease));
      return sqlite::put_checkpoint(database, checkpoint);
    });
  }

  Result<std::vector<KeptCheckpoint>> checkpoints() override {
    return reading(sqlite::checkpoints);
  }

  Result<> erase_payload(const model::StreamId& stream, uint64_t sequence) override {
    std::string salt;
    TRY(writing([&](Connection& database) -> Result<> {
      TRY(salt, sqlite::erase_row(database, stream, sequence));
      return sqlite::drop_rows(database);  // they may say what was erased
    }));
    readers_->close_idle();
    TRY(writer_->empty_log());
    return make_sure_it_is_gone(salt);
  }

  Result<> rebuild() override {
    readers_->close_idle();
    return writing([](Connection& database) -> Result<> {
      TRY(sqlite::drop_rows(database));
      return sqlite::rebuild(database);
    });
  }

  IncidentList& incidents() override { return *this; }

 private:
  Result<Cursor> list_cursor() override {
    if (!list_) return reading(sqlite::list_cursor);
    Cursor cursor;
    TRY(list_->run([&](Connection& database) -> Result<> {
      TRY(cursor, sqlite::list_cursor(database));
      return {};
    }));
    return cursor;
  }

  Result<> put_rows(std::span<const IncidentRow> rows, const Cursor& from,
                    const Cursor& to) override {
    const auto put = [&](Connection& database) {
      return sqlite::put_rows(database, rows, from, to);
    };
    return list_ ? list_->run(put) : writing(put);
  }

  Result<std::vector<IncidentRow>> list(const IncidentQuery& query) override {
    if (!list_) return reading([&](Connection& database) { return sqlite::list(database, query); });
    std::vector<IncidentRow> rows;
    TRY(list_->run([&](Connection& database) -> Result<> {
      TRY(rows, sqlite::list(database, query));
      return {};
    }));
    return rows;
  }

  // SQLite has no place beside the file for what it shares with others.
  static bool is_out_of_reach(const Error& error) {
    return error.code() == ErrorCode::kNotFound || error.code() == ErrorCode::kDenied;
  }

  Result<> read_names(Connection& connection) {
    TRY(id_, sqlite::property(connection, "id"));
    TRY(origin_, sqlite::property(connection, "origin"));
    if (id_.empty() || origin_.empty()) {
      return Error(ErrorCode::kCorrupt, "the ledger has lost its id or name");
    }
    return {};
  }

  // Where nothing can be written. The list of incidents is made anew, in memory.
  Result<> start_reading(Connection& connection, size_t steps) {
    TRY(sqlite::migrate(connection, steps));  // looks whether they are ours
    if (steps < sqlite::migrations().size()) {
      return Error(ErrorCode::kDenied,
                   fmt::format("{} was written by an older program, and nothing can be written "
                               "there: copy it to where it can be brought up to date",
                               path_));
    }
    TRY(read_names(connection));
    TRY(auto list, Connection::open(":memory:", {.create = true, .vfs = ""}));
    TRY(sqlite::migrate(*list));
    TRY(list_, sqlite::Writer::start(env_.threads, std::move(list), nullptr, 0));
    return {};
  }

  Result<> writing(const sqlite::Writer::Job& job,
                   sqlite::Writer::Durable durable = sqlite::Writer::Durable::kNow) {
    if (writer_) return writer_->run(job, durable);
    return Error(
        ErrorCode::kDenied,
        fmt::format("the ledger {} can only be read: its file or folder is read-only", path_));
  }

  // What `query` gives, on a connection of its own.
  template <typename Query>
  std::invoke_result_t<Query, Connection&> reading(Query query) {
    std::optional<std::invoke_result_t<Query, Connection&>> result;
    TRY(readers_->run([&](Connection& database) -> Result<> {
      result.emplace(query(database));
      return {};
    }));
    return std::move(*result);
  }

  // secure_delete overwrites what is deleted; but pages that SQLite once rearranged may keep a
  // copy in their gaps. The salt is found nowhere else, so its absence from the file shows that no
  // copy of the row is left. If there is one, the whole file is written anew.
  Result<> make_sure_it_is_gone(const std::string& salt) {
    if (salt.empty() || !options_.vfs.empty()) return {};
    TRY(const bool found, files_contain(salt));
    if (!found) return {};
    TRY(auto connection, Connection::open(path_, {}));
    TRY(sqlite::set_up(*connection));
    TRY(connection->run("VACUUM"));
    connection.reset();
    TRY(writer_->empty_log());
    TRY(const bool still, files_contain(salt));
    if (still) return Error(ErrorCode::kCorrupt, "the erased text is still in the ledger's file");
    return {};
  }

  Result<bool> files_contain(const std::string& text) {
    TRY(const bool in_log, sqlite::file_contains(env_.files, path_ + "-wal", text));
    if (in_log) return true;
    TRY(const bool found,
        reading([&](Connection& database) { return database.file_contains(text); }));
    readers_->close_idle();
    return found;
  }

  env::Env env_;
  std::string path_;
  SqliteOptions options_;
  SaltSource salts_;
  std::string id_, origin_;
  std::unique_ptr<sqlite::Readers> readers_;
  std::unique_ptr<sqlite::Writer> writer_;  // null: it can only be read
  std::unique_ptr<sqlite::Writer> list_;    // in memory, if it can only be read
};

// SQLite would let others read it. Under a lock, since two processes may be at it, and the second
// must not empty what the first has made.
Result<> create_file(env::Files& files, const std::string& path) {
  if (files.status(path)) return {};
  const std::string lock_path = path + ".lock";
  TRY(const auto lock, files.lock(lock_path));
  if (!files.status(path)) {
    TRY(auto file, files.create_private(path));
    TRY(file->sync());
  }
  return files.remove(lock_path);
}

}  // namespace

Result<> create_sqlite(env::Env env, const std::string& path, const std::string& id,
                       const std::string& origin, const SqliteOptions& options) {
  if (options.vfs.empty()) TRY(create_file(env.files, path));
  TRY(auto connection, Connection::open(path, {.create = true, .vfs = options.vfs}));
  TRY(sqlite::migrated(*connection));  // before anything is changed: is this a ledger, or nothing?
  TRY(sqlite::set_up(*connection));
  TRY(connection->run("BEGIN IMMEDIATE"));
  if (const Result<> made = sqlite::create_tables(*connection, id, origin); !made) {
    (void)connection->run("ROLLBACK");
    return made.error();
  }
  TRY(connection->run("COMMIT"));
  TRY(connection->empty_log());  // closing does it too, and says nothing when it fails
  if (!options.vfs.empty()) return {};
  return env.files.sync_folder(folder_of(path));
}

Result<std::unique_ptr<Store>> open_sqlite(env::Env env, const std::string& path,
                                           const SqliteOptions& options) {
  auto store = std::make_unique<SqliteStore>(env, path, options);
  TRY(store->start());
  return std::unique_ptr<Store>(std::move(store));
}

}  // namespace stanch::ledger

#include "ledger/sqlite_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <utility>

#include "ledger/keys.h"
#include "ledger/prepare.h"
#include "ledger/sqlite/append.h"
#include "ledger/sqlite/connection.h"
#include "ledger/sqlite/migrations.h"
#include "ledger/sqlite/writer.h"
#include "ledger/tree.h"

namespace stanch::ledger {
namespace {

using sqlite::bytes_of;
using sqlite::Connection;
using sqlite::hash_of;
using sqlite::Statement;
using sqlite::StreamRow;
using sqlite::Using;

constexpr size_t kIdleReadersMax = 4;
constexpr size_t kReadBytesMax = size_t{32} << 20;  // of a page of entries
constexpr size_t kFileChunkBytes = size_t{1} << 20;

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
      "PRAGMA wal_autocheckpoint=0; PRAGMA journal_size_limit=67108864;");
}

Result<std::string> property(Connection& database, std::string_view name) {
  TRY(Statement select, database.prepare("SELECT value FROM ledger WHERE name = ?"));
  select.text(1, name);
  TRY(const bool found, select.step());
  return found ? std::string(select.text(0)) : std::string();
}

StoredEntry row_of(const Statement& select, std::string_view stream) {
  StoredEntry row{.number = select.natural(0),
                  .stream = stream,
                  .sequence = select.natural(1),
                  .id = select.text(2),
                  .header = select.text(3),
                  .salt = {},
                  .payload = {}};
  if (!select.is_null(4)) row.salt = select.text(4);
  if (!select.is_null(5)) row.payload = select.text(5);
  return row;
}

// Of a damaged file only: whoever goes on from the last row could go in circles.
Error out_of_order(std::string_view what) {
  return Error(ErrorCode::kCorrupt, fmt::format("{}: rows of the ledger's file are out of order; "
                                                "run 'stanch ledger verify'",
                                                what));
}

constexpr std::string_view kColumns = "number, sequence, id, header, salt, payload";

class SqliteStore final : public Store {
 public:
  SqliteStore(env::Env env, std::string path, SqliteOptions options)
      : env_(env),
        path_(std::move(path)),
        options_(std::move(options)),
        salts_(options_.salt_key.empty() ? random_salts(env.random)
                                         : keyed_salts(options_.salt_key)),
        readers_monitor_(env.threads.monitor()) {}

  Result<> start() {
    TRY(auto connection, Connection::open(path_, {.create = false, .vfs = options_.vfs}));
    TRY(const size_t steps, sqlite::migrated(*connection));
    if (steps == 0) {
      return Error(ErrorCode::kNotFound, fmt::format("{} holds no ledger yet", path_));
    }
    TRY(set_up(*connection));
    TRY(connection->run("BEGIN IMMEDIATE"));
    if (const Result<> done = sqlite::migrate(*connection); !done) {
      (void)connection->run("ROLLBACK");
      return done.error();
    }
    TRY(connection->run("COMMIT"));
    // SQLite makes the name of its log durable, but does not look whether that went well.
    if (options_.vfs.empty()) TRY(env_.files.sync_folder(folder_of(path_)));
    TRY(id_, property(*connection, "id"));
    TRY(origin_, property(*connection, "origin"));
    if (id_.empty() || origin_.empty()) {
      return Error(ErrorCode::kCorrupt, "the ledger has lost its id or name");
    }
    writer_ = std::make_unique<sqlite::Writer>(env_.threads, std::move(connection));
    return {};
  }

  const std::string& id() const override { return id_; }
  const std::string& origin() const override { return origin_; }

  Result<Appended> append(const model::StreamId& stream, uint64_t expected_next,
                          std::span<const model::EntryDraft> drafts) override {
    TRY(std::vector<model::Entry> entries, prepare(stream, drafts, salts_));
    Appended appended;
    TRY(writer_->run([&](Connection& database) -> Result<> {
      TRY(appended, sqlite::append(database, id_, stream, expected_next, entries));
      return {};
    }));
    return appended;
  }

  Result<std::vector<model::Entry>> read(const model::StreamId& stream, uint64_t from,
                                         size_t limit) override {
    std::vector<model::Entry> entries;
    TRY(reading([&](Connection& database) -> Result<> {
      TRY(const auto row, sqlite::find_stream(database, stream.text()));
      if (!row) return {};
      TRY(Statement * select,
          database.cached(fmt::format("SELECT {} FROM entries WHERE stream = ? AND sequence >= ? "
                                      "ORDER BY sequence LIMIT ?",
                                      kColumns)));
      Using use(*select);
      select->bind(1, row->key).bind(2, std::min<uint64_t>(from, INT64_MAX));
      select->bind(3, uint64_t{std::min(limit, kReadEntriesMax)});
      return take_entries(*select, stream.text(), entries);
    }));
    return entries;
  }

  Result<StreamHead> head(const model::StreamId& stream) override {
    StreamHead head{stream, 0, model::stream_root(id_, stream)};
    TRY(reading([&](Connection& database) -> Result<> {
      TRY(const auto row, sqlite::find_stream(database, stream.text()));
      if (row) head = {stream, row->next, row->hash};
      return {};
    }));
    return head;
  }

  Result<std::vector<StreamHead>> streams(std::string_view prefix, std::string_view after,
                                          size_t limit) override {
    std::vector<StreamHead> heads;
    TRY(reading([&](Connection& database) -> Result<> {
      TRY(Statement * select,
          database.cached("SELECT name, next, hash FROM streams "
                          "WHERE name > ? AND name >= ? ORDER BY name LIMIT ?"));
      Using use(*select);
      select->text(1, after).text(2, prefix);
      select->bind(3, uint64_t{std::min(limit, kReadEntriesMax)});
      for (;;) {
        TRY(const bool found, select->step());
        if (!found || !select->text(0).starts_with(prefix)) return {};
        const std::string_view before = heads.empty() ? after : heads.back().stream.text();
        if (select->text(0) <= before) return out_of_order("streams");
        heads.push_back({model::StreamId(std::string(select->text(0))), select->natural(1),
                         hash_of(select->text(2))});
      }
    }));
    return heads;
  }

  Result<model::Entry> find(const model::StreamId& stream, const model::EntryId& id) override {
    std::vector<model::Entry> entries;
    TRY(reading([&](Connection& database) -> Result<> {
      TRY(const auto row, sqlite::find_stream(database, stream.text()));
      if (!row) return {};
      TRY(Statement * select, database.cached(fmt::format(
                                  "SELECT {} FROM entries WHERE stream = ? AND id = ?", kColumns)));
      Using use(*select);
      select->bind(1, row->key).text(2, id.text());
      return take_entries(*select, stream.text(), entries);
    }));
    if (entries.empty()) {
      return Error(ErrorCode::kNotFound,
                   fmt::format("stream {} has no entry {}", stream.text(), id.text()));
    }
    return std::move(entries.front());
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
    TRY(reading([&](Connection& database) -> Result<> {
      TRY(Statement * select,
          database.cached(fmt::format("SELECT {} FROM entries WHERE number >= ? "
                                      "ORDER BY number LIMIT ?",
                                      kColumns)));
      Using use(*select);
      select->bind(1, number).bind(2, uint64_t{std::min(limit, kReadEntriesMax)});
      return take_entries(*select, std::nullopt, followed.entries);
    }));
    number += followed.entries.size();
    followed.cursor = number == 0 ? from : Cursor{std::to_string(number)};
    return followed;
  }

  Result<Lease> take_lease(std::string_view name, std::string_view holder, Time now,
                           Duration duration) override {
    Lease lease{std::string(name), std::string(holder), 1, now + duration};
    TRY(writer_->run([&](Connection& database) -> Result<> {
      TRY(Statement * select,
          database.cached("SELECT holder, fence, until_ns FROM leases WHERE name = ?"));
      {
        Using use(*select);
        select->text(1, name);
        TRY(const bool found, select->step());
        if (found) {
          const bool ours = select->text(0) == holder;
          const Time until{Duration{select->integer(2)}};
          if (!ours && until > now) {
            return Error(ErrorCode::kConflict,
                         fmt::format("{} is held by {}", name, select->text(0)));
          }
          // A holder whose lease ended may have lost it to another and not know: a new fence.
          lease.fence = select->natural(1) + (ours && until > now ? 0 : 1);
        }
      }
      TRY(Statement * insert,
          database.cached("INSERT INTO leases (name, holder, fence, until_ns) VALUES (?, ?, ?, ?) "
                          "ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, "
                          "fence = excluded.fence, until_ns = excluded.until_ns"));
      insert->text(1, name).text(2, holder).bind(3, lease.fence);
      insert->bind(4, int64_t{lease.until.time_since_epoch().count()});
      return insert->run();
    }));
    return lease;
  }

  Result<> give_lease(const Lease& lease) override {
    return writer_->run([&](Connection& database) -> Result<> {
      TRY(Statement * update,
          database.cached("UPDATE leases SET until_ns = 0 WHERE name = ? AND holder = ? "
                          "AND fence = ?"));
      update->text(1, lease.name).text(2, lease.holder).bind(3, lease.fence);
      return update->run();
    });
  }

  Result<> scan(uint64_t from, const EntryVisitor& visit) override {
    return reading([&](Connection& database) -> Result<> {
      TRY(Statement select,
          database.prepare("SELECT number, sequence, id, header, salt, payload, stream "
                           "FROM entries WHERE number >= ? ORDER BY number"));
      // From the beginning also what somebody put before it.
      select.bind(
          1, from == 0 ? INT64_MIN : static_cast<int64_t>(std::min<uint64_t>(from, INT64_MAX)));
      std::map<int64_t, std::string> names;
      for (uint64_t next = from;; ++next) {
        TRY(const bool found, select.step());
        if (!found) return {};
        if (select.natural(0) < next) return out_of_order("entries");
        next = select.natural(0);
        const int64_t key = select.integer(6);
        auto name = names.find(key);
        if (name == names.end()) {
          TRY(std::string text, stream_name(database, key));
          name = names.emplace(key, std::move(text)).first;
        }
        TRY(visit(row_of(select, name->second)));
      }
    });
  }

  Result<> scan_stream(const model::StreamId& stream, const EntryVisitor& visit) override {
    return reading([&](Connection& database) -> Result<> {
      TRY(const auto row, sqlite::find_stream(database, stream.text()));
      if (!row) return {};
      TRY(Statement select,
          database.prepare(
              fmt::format("SELECT {} FROM entries WHERE stream = ? ORDER BY sequence", kColumns)));
      select.bind(1, row->key);
      for (uint64_t next = 0;; ++next) {
        TRY(const bool found, select.step());
        if (!found) return {};
        if (select.natural(1) < next) return out_of_order(stream.text());
        next = select.natural(1);
        TRY(visit(row_of(select, stream.text())));
      }
    });
  }

  Result<uint64_t> count() override {
    uint64_t count = 0;
    TRY(reading([&](Connection& database) -> Result<> {
      TRY(const int64_t next, database.integer("SELECT coalesce(max(number) + 1, 0) FROM entries"));
      count = static_cast<uint64_t>(next);
      return {};
    }));
    return count;
  }

  Result<uint64_t> tree_size() override {
    uint64_t size = 0;
    TRY(reading([&](Connection& database) -> Result<> {
      TRY(Statement select, database.prepare("SELECT number, length(hashes) FROM tiles "
                                             "WHERE level = 0 ORDER BY number DESC LIMIT 1"));
      TRY(const bool found, select.step());
      if (found) size = select.natural(0) * kTileHashes + select.natural(1) / kHashBytes;
      return {};
    }));
    return size;
  }

  Result<std::optional<Tile>> tile(unsigned level, uint64_t number) override {
    std::optional<Tile> tile;
    TRY(reading([&](Connection& database) -> Result<> {
      TRY(Statement * select,
          database.cached("SELECT hashes FROM tiles WHERE level = ? AND number = ?"));
      Using use(*select);
      select->bind(1, uint64_t{level}).bind(2, number);
      TRY(const bool found, select->step());
      if (found) tile = Tile{level, number, std::string(select->text(0))};
      return {};
    }));
    return tile;
  }

  Result<> save_tiles(const Lease& lease, std::span<const Tile> tiles) override {
    return writer_->run([&](Connection& database) -> Result<> {
      TRY(check_lease(database, lease));
      for (const Tile& tile : tiles) TRY(put_tile(database, tile));
      return {};
    });
  }

  Result<> save_checkpoint(const Lease& lease, const KeptCheckpoint& checkpoint) override {
    return writer_->run([&](Connection& database) -> Result<> {
      TRY(check_lease(database, lease));
      TRY(Statement * insert,
          database.cached("INSERT INTO checkpoints (size, note) VALUES (?, ?) "
                          "ON CONFLICT (size) DO UPDATE SET note = excluded.note"));
      insert->bind(1, checkpoint.size).text(2, checkpoint.note);
      return insert->run();
    });
  }

  Result<std::vector<KeptCheckpoint>> checkpoints() override {
    std::vector<KeptCheckpoint> found;
    TRY(reading([&](Connection& database) -> Result<> {
      TRY(Statement select, database.prepare("SELECT size, note FROM checkpoints ORDER BY size"));
      for (;;) {
        TRY(const bool more, select.step());
        if (!more) return {};
        found.push_back({select.natural(0), std::string(select.text(1))});
      }
    }));
    return found;
  }

  Result<> erase_payload(const model::StreamId& stream, uint64_t sequence) override {
    std::string salt;
    TRY(writer_->run([&](Connection& database) -> Result<> {
      TRY(const auto row, sqlite::find_stream(database, stream.text()));
      if (!row || sequence >= row->next) {
        return Error(ErrorCode::kNotFound,
                     fmt::format("stream {} has no entry {}", stream.text(), sequence));
      }
      TRY(Statement * select,
          database.cached("SELECT salt FROM entries WHERE stream = ? AND sequence = ?"));
      {
        Using use(*select);
        select->bind(1, row->key).bind(2, sequence);
        TRY(const bool found, select->step());
        if (found) salt = select->text(0);
      }
      TRY(Statement * update, database.cached("UPDATE entries SET salt = NULL, payload = NULL "
                                              "WHERE stream = ? AND sequence = ?"));
      update->bind(1, row->key).bind(2, sequence);
      return update->run();
    }));
    drop_readers();
    TRY(writer_->empty_log());
    return make_sure_it_is_gone(salt);
  }

  Result<> rebuild() override {
    drop_readers();
    return writer_->run([&](Connection& database) -> Result<> { return rebuild_in(database); });
  }

 private:
  // Runs `body` with a connection of its own.
  Result<> reading(const std::function<Result<>(Connection&)>& body) {
    std::unique_ptr<Connection> connection;
    {
      env::MonitorLock lock(*readers_monitor_);
      if (!readers_.empty()) {
        connection = std::move(readers_.back());
        readers_.pop_back();
      }
    }
    if (!connection) {
      TRY(connection, Connection::open(path_, {.create = false, .vfs = options_.vfs}));
      TRY(
          connection->run("PRAGMA query_only=ON; PRAGMA secure_delete=ON;"
                          "PRAGMA wal_autocheckpoint=0;"));
    }
    TRY(connection->run("BEGIN"));  // one state for all that is read
    Result<> done = body(*connection);
    const Result<> ended = connection->run("COMMIT");
    if (ended) {
      env::MonitorLock lock(*readers_monitor_);
      if (readers_.size() < kIdleReadersMax) readers_.push_back(std::move(connection));
    }
    return done;
  }

  void drop_readers() {
    std::vector<std::unique_ptr<Connection>> idle;
    env::MonitorLock lock(*readers_monitor_);
    idle.swap(readers_);
  }

  Result<> take_entries(Statement& select, std::optional<std::string_view> stream,
                        std::vector<model::Entry>& entries) {
    size_t bytes = 0;
    while (bytes < kReadBytesMax) {
      TRY(const bool found, select.step());
      if (!found) break;
      const StoredEntry row = row_of(select, stream.value_or(""));
      auto entry = entry_of(row);
      if (!entry) return unreadable(row, entry.error());
      if (entry->sequence != row.sequence || (stream && entry->stream.text() != *stream)) {
        return unreadable(row, Error(ErrorCode::kInvalid, "its header is of another entry"));
      }
      bytes += row.header.size() + (row.payload ? row.payload->size() : 0);
      entries.push_back(std::move(*entry));
    }
    return {};
  }

  static Error unreadable(const StoredEntry& row, const Error& why) {
    return Error(ErrorCode::kCorrupt,
                 fmt::format("entry number {} (sequence {}): {}; run 'stanch ledger verify'",
                             row.number, row.sequence, why.message()));
  }

  static Result<std::string> stream_name(Connection& database, int64_t key) {
    TRY(Statement * select, database.cached("SELECT name FROM streams WHERE stream = ?"));
    Using use(*select);
    select->bind(1, key);
    TRY(const bool found, select->step());
    return found ? std::string(select->text(0)) : std::string();
  }

  static Result<> check_lease(Connection& database, const Lease& lease) {
    TRY(Statement * select,
        database.cached("SELECT 1 FROM leases WHERE name = ? AND holder = ? AND fence = ?"));
    Using use(*select);
    select->text(1, lease.name).text(2, lease.holder).bind(3, lease.fence);
    TRY(const bool held, select->step());
    if (!held) {
      return Error(ErrorCode::kConflict, fmt::format("{} is held by another now", lease.name));
    }
    return {};
  }

  static Result<> put_tile(Connection& database, const Tile& tile) {
    TRY(Statement * insert,
        database.cached("INSERT INTO tiles (level, number, hashes) VALUES (?, ?, ?) "
                        "ON CONFLICT (level, number) DO UPDATE SET hashes = excluded.hashes"));
    insert->bind(1, uint64_t{tile.level}).bind(2, tile.number).blob(3, tile.hashes);
    return insert->run();
  }

  // secure_delete overwrites what is deleted; but pages that SQLite once rearranged may keep a
  // copy in their gaps. The salt is found nowhere else, so its absence from the file shows that no
  // copy of the row is left. If there is one, the whole file is written anew.
  Result<> make_sure_it_is_gone(const std::string& salt) {
    if (salt.empty() || !options_.vfs.empty()) return {};
    TRY(const bool found, file_contains(salt));
    if (!found) return {};
    TRY(auto connection, Connection::open(path_, {}));
    TRY(set_up(*connection));
    TRY(connection->run("VACUUM"));
    connection.reset();
    TRY(writer_->empty_log());
    TRY(const bool still, file_contains(salt));
    if (still) return Error(ErrorCode::kCorrupt, "the erased text is still in the ledger's file");
    return {};
  }

  Result<bool> file_contains(const std::string& text) {
    for (const char* suffix : {"", "-wal"}) {
      auto file = env_.files.open(path_ + suffix);
      if (!file && file.error().code() == ErrorCode::kNotFound) continue;
      if (!file) return file.error();
      std::string chunk(kFileChunkBytes, '\0');
      size_t kept = 0;  // the end of the chunk before: the text may lie across
      for (;;) {
        TRY(const size_t count, (*file)->read(std::span(chunk).subspan(kept)));
        if (count == 0) break;
        const std::string_view seen(chunk.data(), kept + count);
        if (seen.find(text) != seen.npos) return true;
        const size_t keep = std::min(seen.size(), text.size() - 1);
        chunk.replace(0, keep, std::string(seen.substr(seen.size() - keep)));
        chunk.resize(kFileChunkBytes);
        kept = keep;
      }
    }
    return false;
  }

  Result<> rebuild_in(Connection& database) {
    TRY(const int64_t leaves,
        database.integer(
            "SELECT coalesce((SELECT number * 256 + length(hashes) / 32 FROM tiles WHERE level = 0 "
            "ORDER BY number DESC LIMIT 1), 0)"));
    TRY(database.run("DELETE FROM tiles"));
    std::map<std::string, StreamRow> heads;
    TreeBuilder tree;
    TRY(Statement select, database.prepare("SELECT header, stream FROM entries ORDER BY number"));
    for (;;) {
      TRY(const bool found, select.step());
      if (!found) break;
      TRY(const model::Entry entry, model::parse_header_line(select.text(0)));
      heads[entry.stream.text()] = {select.integer(1), entry.sequence + 1,
                                    model::entry_hash(select.text(0))};
      if (tree.size() < static_cast<uint64_t>(leaves)) tree.add(codec::merkle_leaf(select.text(0)));
    }
    for (const Tile& tile : tree.take_changed()) TRY(put_tile(database, tile));
    TRY(database.run("DELETE FROM streams"));
    TRY(Statement insert,
        database.prepare("INSERT INTO streams (stream, name, next, hash) VALUES (?, ?, ?, ?)"));
    for (const auto& [name, row] : heads) {
      insert.bind(1, row.key).text(2, name).bind(3, row.next).blob(4, bytes_of(row.hash));
      TRY(insert.run());
    }
    return {};
  }

  env::Env env_;
  std::string path_;
  SqliteOptions options_;
  SaltSource salts_;
  std::string id_, origin_;
  // Between threads that read, and take or give back a connection.
  std::unique_ptr<env::Monitor> readers_monitor_;
  std::vector<std::unique_ptr<Connection>> readers_;
  std::unique_ptr<sqlite::Writer> writer_;
};

Result<> create_tables(Connection& database, const std::string& id, const std::string& origin) {
  TRY(sqlite::migrate(database));
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

}  // namespace

Result<> create_sqlite(env::Env env, const std::string& path, const std::string& id,
                       const std::string& origin, const SqliteOptions& options) {
  if (options.vfs.empty() && !env.files.status(path)) {
    // SQLite would let others read it.
    TRY(auto file, env.files.create_private(path));
    TRY(file->sync());
  }
  TRY(auto connection, Connection::open(path, {.create = true, .vfs = options.vfs}));
  TRY(sqlite::migrated(*connection));  // before anything is changed: is this a ledger, or nothing?
  TRY(set_up(*connection));
  TRY(connection->run("BEGIN IMMEDIATE"));
  if (const Result<> made = create_tables(*connection, id, origin); !made) {
    (void)connection->run("ROLLBACK");
    return made.error();
  }
  TRY(connection->run("COMMIT"));
  TRY(connection->checkpoint(true));  // closing does it too, and says nothing when it fails
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

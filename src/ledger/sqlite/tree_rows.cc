#include "ledger/sqlite/tree_rows.h"

#include <fmt/format.h>

#include <map>
#include <string>

#include "ledger/sqlite/rows.h"
#include "ledger/tree.h"

namespace stanch::ledger::sqlite {

Result<uint64_t> tree_size(Connection& database) {
  TRY(Statement select, database.prepare("SELECT number, length(hashes) FROM tiles "
                                         "WHERE level = 0 ORDER BY number DESC LIMIT 1"));
  TRY(const bool found, select.step());
  return found ? select.natural(0) * kTileHashes + select.natural(1) / kHashBytes : 0;
}

Result<std::optional<Tile>> tile(Connection& database, unsigned level, uint64_t number) {
  TRY(Statement * select,
      database.cached("SELECT hashes FROM tiles WHERE level = ? AND number = ?"));
  Using use(*select);
  select->bind(1, uint64_t{level}).bind(2, number);
  TRY(const bool found, select->step());
  if (!found) return std::optional<Tile>();
  return std::optional(Tile{level, number, std::string(select->text(0))});
}

Result<std::vector<KeptCheckpoint>> checkpoints(Connection& database) {
  std::vector<KeptCheckpoint> found;
  TRY(Statement select, database.prepare("SELECT size, note FROM checkpoints ORDER BY size"));
  for (;;) {
    TRY(const bool more, select.step());
    if (!more) return found;
    found.push_back({select.natural(0), std::string(select.text(1))});
  }
}

Result<> check_growth(Connection& database, const Tile& tile) {
  TRY(const auto kept, sqlite::tile(database, tile.level, tile.number));
  if (kept && kept->hashes.size() > tile.hashes.size()) {
    return Error(ErrorCode::kConflict, "another has made the tree grow meanwhile");
  }
  return {};
}

Result<> put_tile(Connection& database, const Tile& tile) {
  TRY(Statement * insert,
      database.cached("INSERT INTO tiles (level, number, hashes) VALUES (?, ?, ?) "
                      "ON CONFLICT (level, number) DO UPDATE SET hashes = excluded.hashes"));
  insert->bind(1, uint64_t{tile.level}).bind(2, tile.number).blob(3, tile.hashes);
  return insert->run();
}

Result<> put_checkpoint(Connection& database, const KeptCheckpoint& checkpoint) {
  TRY(Statement * insert, database.cached("INSERT INTO checkpoints (size, note) VALUES (?, ?) "
                                          "ON CONFLICT (size) DO UPDATE SET note = excluded.note"));
  insert->bind(1, checkpoint.size).text(2, checkpoint.note);
  return insert->run();
}

Result<Lease> take_lease(Connection& database, std::string_view name, std::string_view holder,
                         Time now, Duration duration) {
  Lease lease{std::string(name), std::string(holder), 1, now + duration};
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
        return Error(ErrorCode::kConflict, fmt::format("{} is held by {}", name, select->text(0)));
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
  TRY(insert->run());
  return lease;
}

Result<> give_lease(Connection& database, const Lease& lease) {
  TRY(Statement * update,
      database.cached("UPDATE leases SET until_ns = 0 WHERE name = ? AND holder = ? "
                      "AND fence = ?"));
  update->text(1, lease.name).text(2, lease.holder).bind(3, lease.fence);
  return update->run();
}

Result<> check_lease(Connection& database, const Lease& lease) {
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

Result<> rebuild(Connection& database) {
  TRY(const uint64_t leaves, tree_size(database));
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
    if (tree.size() < leaves) tree.add(codec::merkle_leaf(select.text(0)));
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

}  // namespace stanch::ledger::sqlite

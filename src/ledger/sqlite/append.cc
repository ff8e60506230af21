#include "ledger/sqlite/append.h"

#include <fmt/format.h>

#include "ledger/prepare.h"
#include "ledger/sqlite/rows.h"

namespace stanch::ledger::sqlite {
namespace {

Error conflict(const model::StreamId& stream, uint64_t expected, uint64_t next) {
  return Error(ErrorCode::kConflict,
               fmt::format("stream {} goes on at {}, not at {}", stream.text(), next, expected));
}

// Whether exactly these entries stand at `from` already.
Result<std::optional<Appended>> find_repeated(Connection& database, const StreamRow& row,
                                              uint64_t from,
                                              const std::vector<model::Entry>& entries) {
  if (from + entries.size() > row.next) return std::optional<Appended>();
  TRY(Statement * select,
      database.cached("SELECT id, header FROM entries WHERE stream = ? AND sequence >= ? "
                      "ORDER BY sequence LIMIT ?"));
  Using use(*select);
  select->bind(1, row.key).bind(2, from).bind(3, uint64_t{entries.size()});
  Appended appended{.next = from + entries.size(), .citations = {}, .repeated = true};
  for (const model::Entry& entry : entries) {
    TRY(const bool found, select->step());
    if (!found || select->text(0) != entry.id.text()) return std::optional<Appended>();
    appended.citations.push_back(
        {entry.stream, from + appended.citations.size(), model::entry_hash(select->text(1))});
  }
  return std::optional(std::move(appended));
}

Result<StreamRow> find_or_add_stream(Connection& database, const std::string& ledger_id,
                                     const model::StreamId& stream) {
  TRY(const auto found, find_stream(database, stream.text()));
  if (found) return *found;
  StreamRow row{.key = 0, .next = 0, .hash = model::stream_root(ledger_id, stream)};
  TRY(Statement * insert,
      database.cached("INSERT INTO streams (name, next, hash) VALUES (?, 0, ?) RETURNING stream"));
  Using use(*insert);
  insert->text(1, stream.text()).blob(2, bytes_of(row.hash));
  TRY(const bool given, insert->step());
  row.key = given ? insert->integer(0) : 0;
  TRY(const bool more, insert->step());  // to its end, or it is not done
  if (!given || more) return Error(ErrorCode::kCorrupt, "the ledger gave no key for a stream");
  return row;
}

Result<uint64_t> next_number(Connection& database) {
  TRY(Statement * select, database.cached("SELECT max(number) FROM entries"));
  Using use(*select);
  TRY(const bool found, select->step());
  return found && !select->is_null(0) ? select->natural(0) + 1 : 0;
}

}  // namespace

Result<Appended> append(Connection& database, const std::string& ledger_id,
                        const model::StreamId& stream, uint64_t expected_next,
                        std::vector<model::Entry>& entries) {
  TRY(const auto found, find_stream(database, stream.text()));
  const uint64_t next = found ? found->next : 0;
  if (expected_next < next) {
    TRY(auto repeated, find_repeated(database, *found, expected_next, entries));
    if (repeated) return std::move(*repeated);
  }
  if (expected_next != next) return conflict(stream, expected_next, next);

  TRY(StreamRow row, find_or_add_stream(database, ledger_id, stream));
  TRY(const uint64_t first, next_number(database));
  TRY(Statement * insert,
      database.cached("INSERT INTO entries (number, stream, sequence, id, header, salt, payload) "
                      "VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (stream, id) DO NOTHING"));
  Appended appended{.next = next + entries.size(), .citations = {}, .repeated = false};
  for (size_t i = 0; i < entries.size(); ++i) {
    model::Entry& entry = entries[i];
    const std::string header = place(entry, next + i, row.hash);
    Using use(*insert);
    insert->bind(1, first + i).bind(2, row.key).bind(3, entry.sequence);
    insert->text(4, entry.id.text()).text(5, header);
    insert->text(6, entry.payload->salt).text(7, entry.payload->json);
    TRY(const bool unexpected, insert->step());
    if (unexpected) return Error(ErrorCode::kCorrupt, "the ledger answered an insert with a row");
    if (database.changes() == 0) {
      TRY(database.run(fmt::format("DELETE FROM entries WHERE number >= {}", first)));
      return Error(ErrorCode::kConflict, fmt::format("stream {} holds {} ({}) already",
                                                     stream.text(), entry.id.text(), entry.kind));
    }
    row.hash = model::entry_hash(header);
    appended.citations.push_back({stream, entry.sequence, row.hash});
  }
  TRY(Statement * update,
      database.cached("UPDATE streams SET next = ?, hash = ? WHERE stream = ?"));
  update->bind(1, appended.next).blob(2, bytes_of(row.hash)).bind(3, row.key);
  TRY(update->run());
  return appended;
}

}  // namespace stanch::ledger::sqlite

#include "ledger/sqlite/rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "ledger/prepare.h"

namespace stanch::ledger::sqlite {
namespace {

constexpr size_t kReadBytesMax = size_t{32} << 20;  // of a page of entries

constexpr std::string_view kColumns = "number, sequence, id, header, salt, payload";

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

Error unreadable(const StoredEntry& row, const Error& why) {
  return Error(ErrorCode::kCorrupt,
               fmt::format("entry number {} (sequence {}): {}; run 'stanch ledger verify'",
                           row.number, row.sequence, why.message()));
}

Result<> take_entries(Statement& select, std::optional<std::string_view> stream,
                      std::vector<model::Entry>& entries) {
  size_t bytes = 0;
  while (bytes < kReadBytesMax) {
    TRY(const bool found, select.step());
    if (!found) break;
    const StoredEntry row = row_of(select, stream.value_or(""));
    auto entry = checked_entry_of(row);
    if (!entry) return unreadable(row, entry.error());
    if (entry->sequence != row.sequence || (stream && entry->stream.text() != *stream)) {
      return unreadable(row, Error(ErrorCode::kInvalid, "its header is of another entry"));
    }
    bytes += row.header.size() + (row.payload ? row.payload->size() : 0);
    entries.push_back(std::move(*entry));
  }
  return {};
}

Result<std::string> stream_name(Connection& database, int64_t key) {
  TRY(Statement * select, database.cached("SELECT name FROM streams WHERE stream = ?"));
  Using use(*select);
  select->bind(1, key);
  TRY(const bool found, select->step());
  return found ? std::string(select->text(0)) : std::string();
}

}  // namespace

std::string_view bytes_of(const codec::Sha256& hash) {
  return {reinterpret_cast<const char*>(hash.data()), hash.size()};
}

codec::Sha256 hash_of(std::string_view bytes) {
  codec::Sha256 hash{};
  if (bytes.size() == hash.size()) std::ranges::copy(bytes, hash.begin());
  return hash;
}

Result<std::optional<StreamRow>> find_stream(Connection& database, std::string_view name) {
  TRY(Statement * select, database.cached("SELECT stream, next, hash FROM streams WHERE name = ?"));
  Using use(*select);
  select->text(1, name);
  TRY(const bool found, select->step());
  if (!found) return std::optional<StreamRow>();
  return std::optional(StreamRow{select->integer(0), select->natural(1), hash_of(select->text(2))});
}

Result<std::vector<model::Entry>> read(Connection& database, const model::StreamId& stream,
                                       uint64_t from, size_t limit) {
  std::vector<model::Entry> entries;
  TRY(const auto row, find_stream(database, stream.text()));
  if (!row) return entries;
  TRY(Statement * select,
      database.cached(fmt::format("SELECT {} FROM entries WHERE stream = ? AND sequence >= ? "
                                  "ORDER BY sequence LIMIT ?",
                                  kColumns)));
  Using use(*select);
  select->bind(1, row->key).bind(2, std::min<uint64_t>(from, INT64_MAX));
  select->bind(3, uint64_t{std::min(limit, kReadEntriesMax)});
  TRY(take_entries(*select, stream.text(), entries));
  return entries;
}

Result<std::vector<model::Entry>> read_numbers(Connection& database, uint64_t from, size_t limit) {
  std::vector<model::Entry> entries;
  TRY(Statement * select,
      database.cached(fmt::format(
          "SELECT {} FROM entries WHERE number >= ? ORDER BY number LIMIT ?", kColumns)));
  Using use(*select);
  select->bind(1, from).bind(2, uint64_t{std::min(limit, kReadEntriesMax)});
  TRY(take_entries(*select, std::nullopt, entries));
  return entries;
}

Result<std::vector<StreamHead>> streams(Connection& database, std::string_view prefix,
                                        std::string_view after, size_t limit) {
  std::vector<StreamHead> heads;
  TRY(Statement * select, database.cached("SELECT name, next, hash FROM streams "
                                          "WHERE name > ? AND name >= ? ORDER BY name LIMIT ?"));
  Using use(*select);
  select->text(1, after).text(2, prefix);
  select->bind(3, uint64_t{std::min(limit, kReadEntriesMax)});
  for (;;) {
    TRY(const bool found, select->step());
    if (!found || !select->text(0).starts_with(prefix)) return heads;
    const std::string_view before = heads.empty() ? after : heads.back().stream.text();
    if (select->text(0) <= before) return out_of_order("streams");
    heads.push_back({model::StreamId(std::string(select->text(0))), select->natural(1),
                     hash_of(select->text(2))});
  }
}

Result<std::optional<model::Entry>> find(Connection& database, const model::StreamId& stream,
                                         const model::EntryId& id) {
  TRY(const auto row, find_stream(database, stream.text()));
  if (!row) return std::optional<model::Entry>();
  TRY(Statement * select,
      database.cached(fmt::format("SELECT {} FROM entries WHERE stream = ? AND id = ?", kColumns)));
  Using use(*select);
  select->bind(1, row->key).text(2, id.text());
  std::vector<model::Entry> entries;
  TRY(take_entries(*select, stream.text(), entries));
  if (entries.empty()) return std::optional<model::Entry>();
  return std::optional(std::move(entries.front()));
}

Result<> scan(Connection& database, uint64_t from, const EntryVisitor& visit) {
  TRY(Statement select,
      database.prepare(fmt::format(
          "SELECT {}, stream FROM entries WHERE number >= ? ORDER BY number", kColumns)));
  // From the beginning also what somebody put before it.
  select.bind(1, from == 0 ? INT64_MIN : static_cast<int64_t>(std::min<uint64_t>(from, INT64_MAX)));
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
}

Result<> scan_stream(Connection& database, const model::StreamId& stream,
                     const EntryVisitor& visit) {
  TRY(const auto row, find_stream(database, stream.text()));
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
}

Result<uint64_t> count(Connection& database) {
  TRY(const int64_t next, database.integer("SELECT coalesce(max(number) + 1, 0) FROM entries"));
  return static_cast<uint64_t>(next);
}

}  // namespace stanch::ledger::sqlite

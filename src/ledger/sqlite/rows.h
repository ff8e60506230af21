#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "ledger/sqlite/connection.h"
#include "ledger/store.h"

// Reading entries and the heads of streams. Rows of a damaged file may come in
// any order, again and again; whoever reads on from the last row must not go in
// circles, so rows that do not rise are kCorrupt.

namespace stanch::ledger::sqlite {

struct StreamRow {
  int64_t key = 0;
  uint64_t next = 0;
  codec::Sha256 hash{};
};

// Nothing: the stream has no entries.
Result<std::optional<StreamRow>> find_stream(Connection& database, std::string_view name);

// As Ledger and Store say of their functions of these names.
Result<std::vector<model::Entry>> read(Connection& database, const model::StreamId& stream,
                                       uint64_t from, size_t limit);
Result<std::vector<StreamHead>> streams(Connection& database, std::string_view prefix,
                                        std::string_view after, size_t limit);
Result<std::optional<model::Entry>> find(Connection& database, const model::StreamId& stream,
                                         const model::EntryId& id);
Result<> scan(Connection& database, uint64_t from, const EntryVisitor& visit);
Result<> scan_stream(Connection& database, const model::StreamId& stream,
                     const EntryVisitor& visit);
Result<uint64_t> count(Connection& database);

// Entries of all streams by their numbers; fewer than `limit` if they are large.
Result<std::vector<model::Entry>> read_numbers(Connection& database, uint64_t from, size_t limit);

std::string_view bytes_of(const codec::Sha256& hash);
codec::Sha256 hash_of(std::string_view bytes);  // zeros unless there are 32

}  // namespace stanch::ledger::sqlite

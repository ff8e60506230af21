#pragma once

#include <optional>
#include <vector>

#include "ledger/ledger.h"
#include "ledger/sqlite/connection.h"

namespace stanch::ledger::sqlite {

struct StreamRow {
  int64_t key = 0;
  uint64_t next = 0;
  codec::Sha256 hash{};
};

// Nothing: the stream has no entries.
Result<std::optional<StreamRow>> find_stream(Connection& database, std::string_view name);

// Appends prepared entries inside of a transaction, as Ledger::append() says. What it refuses
// (kConflict), it has not done.
Result<Appended> append(Connection& database, const std::string& ledger_id,
                        const model::StreamId& stream, uint64_t expected_next,
                        std::vector<model::Entry>& entries);

std::string_view bytes_of(const codec::Sha256& hash);
codec::Sha256 hash_of(std::string_view bytes);  // zeros unless there are 32

}  // namespace stanch::ledger::sqlite

#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/result.h"
#include "ledger/sqlite/connection.h"

// How the tables came to be what they are: numbered steps that only go forward.
// A step is never changed once it was released: its checksum is kept in every
// ledger that took it, and a difference refuses the ledger.

namespace stanch::ledger::sqlite {

inline constexpr int64_t kApplicationId = 0x73746C67;  // "stlg", in the file's header

struct Migration {
  std::string_view what;
  std::string_view sql;
};

std::span<const Migration> migrations();  // number n is at n - 1

// Brings the database to step `to`, inside of a transaction of the caller. kInvalid if it is no
// ledger, or was written by a newer program; kCorrupt if its steps are not ours.
Result<> migrate(Connection& database, size_t to = migrations().size());

// Steps that the database has; 0: it is empty.
Result<size_t> migrated(Connection& database);

}  // namespace stanch::ledger::sqlite

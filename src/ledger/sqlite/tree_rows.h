#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "ledger/sqlite/connection.h"
#include "ledger/store.h"

// The tree, its checkpoints, and the leases under which they are written; as
// Ledger and Store say of their functions of these names.

namespace stanch::ledger::sqlite {

Result<uint64_t> tree_size(Connection& database);
Result<std::optional<Tile>> tile(Connection& database, unsigned level, uint64_t number);
Result<std::vector<KeptCheckpoint>> checkpoints(Connection& database);

// kConflict: the tile that is kept has more hashes.
Result<> check_growth(Connection& database, const Tile& tile);

// These need a transaction.
Result<> put_tile(Connection& database, const Tile& tile);
Result<> put_checkpoint(Connection& database, const KeptCheckpoint& checkpoint);
Result<Lease> take_lease(Connection& database, std::string_view name, std::string_view holder,
                         Time now, Duration duration);
Result<> give_lease(Connection& database, const Lease& lease);
Result<> check_lease(Connection& database, const Lease& lease);  // kConflict: it is another's

// Makes anew what follows from the entries: heads of streams, and the tree of tree_size().
Result<> rebuild(Connection& database);

}  // namespace stanch::ledger::sqlite

#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "codec/merkle.h"
#include "ledger/ledger.h"

// What a backend gives beyond Ledger: raw rows, the tree, erasing. Only the
// ledger's own tools (checkpointer, verify, package, erase) use it.

namespace stanch::ledger {

// An entry as it is kept. Its number is its place among all entries of the ledger, from 0 and
// without gaps, and so the number of its leaf. Views are valid during the visit.
struct StoredEntry {
  uint64_t number = 0;
  std::string_view stream;  // these three repeat what the header says, for lookups
  uint64_t sequence = 0;
  std::string_view id;
  std::string_view header;                        // its line
  std::optional<std::string_view> salt, payload;  // nothing: erased
};

using EntryVisitor = std::function<Result<>(const StoredEntry&)>;

// 256 hashes (at most) of the tree, as C2SP tlog-tiles cuts it: tile (l, n) holds the nodes of
// level 8l from 256n on.
struct Tile {
  unsigned level = 0;
  uint64_t number = 0;
  std::string hashes;  // 32 bytes each
};

struct KeptCheckpoint {
  uint64_t size = 0;
  std::string note;
};

class Store : public Ledger {
 public:
  // All entries from a number on, or of one stream, in order. An error of the visitor ends it.
  virtual Result<> scan(uint64_t from, const EntryVisitor& visit) = 0;
  virtual Result<> scan_stream(const model::StreamId& stream, const EntryVisitor& visit) = 0;
  virtual Result<uint64_t> count() = 0;

  // The tree over the first tree_size() entries.
  virtual Result<uint64_t> tree_size() = 0;
  virtual Result<std::optional<Tile>> tile(unsigned level, uint64_t number) = 0;
  // These write only while the lease is the caller's: kConflict if it is not, or if the tree
  // has grown beyond what the caller knows. A tile never loses hashes.
  virtual Result<> save_tiles(const Lease& lease, std::span<const Tile> tiles) = 0;
  virtual Result<> save_checkpoint(const Lease& lease, const KeptCheckpoint& checkpoint) = 0;
  virtual Result<std::vector<KeptCheckpoint>> checkpoints() = 0;  // by rising size

  // Removes salt and payload for good: when it returns, no file of the backend holds them. May be
  // repeated. Whether it is allowed was decided before (erase.h). Drops the list of incidents.
  virtual Result<> erase_payload(const model::StreamId& stream, uint64_t sequence) = 0;

  // Makes anew what follows from the entries: heads of streams, and the tree of `tree_size()`.
  // Drops the list of incidents.
  virtual Result<> rebuild() = 0;
};

// A salt for an entry that is to be.
using SaltSource = std::function<std::string(const model::EntryId&)>;

}  // namespace stanch::ledger

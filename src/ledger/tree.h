#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "base/result.h"
#include "codec/merkle.h"
#include "ledger/store.h"

// The Merkle tree as tiles (c2sp.org/tlog-tiles): 256 hashes a row, and from
// one tile level to the next eight levels of the tree.

namespace stanch::ledger {

inline constexpr unsigned kTileLevels = 8;
inline constexpr uint64_t kTileHashes = 256;
inline constexpr size_t kHashBytes = 32;

// Adds leaves, and collects the tiles that change.
class TreeBuilder {
 public:
  TreeBuilder() = default;

  // Goes on from what the store has.
  static Result<TreeBuilder> load(Store& store);

  void add(const codec::Sha256& leaf);
  uint64_t size() const { return frontier_.size(); }
  codec::Sha256 root() const { return frontier_.root(); }

  // The tiles that changed since the last call, whole.
  std::vector<Tile> take_changed();

 private:
  struct Growing {
    Tile tile;
    bool changed = false;
  };

  codec::MerkleFrontier frontier_;
  std::vector<Tile> full_;            // changed, and complete
  std::map<unsigned, Growing> last_;  // the tile that grows, for each level
};

// Reads nodes from the tiles of a store; keeps those it has read.
codec::MerkleNodes nodes_of(Store& store);

// The tree over the first `size` entries; `size` is at most the store's tree_size().
Result<codec::MerkleTree> tree_of(Store& store, uint64_t size);

}  // namespace stanch::ledger

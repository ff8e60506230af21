#include "ledger/tree.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <utility>

namespace stanch::ledger {
namespace {

Error missing(unsigned level, uint64_t number) {
  return Error(ErrorCode::kCorrupt,
               fmt::format("tile {}/{} of the tree is missing or short; 'stanch ledger rebuild' "
                           "makes it anew",
                           level, number));
}

codec::Sha256 hash_at(const std::string& hashes, uint64_t index) {
  codec::Sha256 hash;
  std::copy_n(hashes.begin() + static_cast<ptrdiff_t>(index * kHashBytes), kHashBytes,
              hash.begin());
  return hash;
}

class TileReader {
 public:
  explicit TileReader(Store& store) : store_(store) {}

  // A node is kept in its tile if its level is a multiple of 8; others are the root of up to 128
  // neighbours there.
  Result<codec::Sha256> node(unsigned level, uint64_t index) {
    const unsigned tile_level = level / kTileLevels, rest = level % kTileLevels;
    const uint64_t first = index << rest, count = uint64_t{1} << rest;
    const uint64_t number = first / kTileHashes, offset = first % kTileHashes;
    TRY(const std::string* hashes, tile(tile_level, number, offset + count));
    std::vector<codec::Sha256> row;
    for (uint64_t i = 0; i < count; ++i) row.push_back(hash_at(*hashes, offset + i));
    while (row.size() > 1) {
      for (size_t i = 0; i < row.size() / 2; ++i) {
        row[i] = codec::merkle_node(row[2 * i], row[2 * i + 1]);
      }
      row.resize(row.size() / 2);
    }
    return row.front();
  }

 private:
  Result<const std::string*> tile(unsigned level, uint64_t number, uint64_t hashes) {
    const std::pair key(level, number);
    auto found = kept_.find(key);
    if (found == kept_.end()) {
      TRY(std::optional<Tile> tile, store_.tile(level, number));
      if (!tile) return missing(level, number);
      constexpr size_t kKeptMax = 1024;
      if (kept_.size() >= kKeptMax) kept_.clear();
      found = kept_.emplace(key, std::move(tile->hashes)).first;
    }
    if (found->second.size() < hashes * kHashBytes) return missing(level, number);
    return &found->second;
  }

  Store& store_;
  std::map<std::pair<unsigned, uint64_t>, std::string> kept_;
};

}  // namespace

Result<TreeBuilder> TreeBuilder::load(Store& store) {
  TreeBuilder builder;
  TRY(const uint64_t size, store.tree_size());
  TRY(builder.frontier_, codec::merkle_frontier(size, nodes_of(store)));
  for (unsigned level = 0; size >> (kTileLevels * level) > 0; ++level) {
    const uint64_t nodes = size >> (kTileLevels * level);
    const uint64_t number = nodes / kTileHashes;
    if (nodes % kTileHashes == 0) continue;  // it begins with the next node
    TRY(std::optional<Tile> tile, store.tile(level, number));
    if (!tile || tile->hashes.size() != nodes % kTileHashes * kHashBytes) {
      return missing(level, number);
    }
    builder.last_[level].tile = std::move(*tile);
  }
  return builder;
}

void TreeBuilder::add(const codec::Sha256& leaf) {
  frontier_.add(leaf, [this](unsigned level, uint64_t index, const codec::Sha256& hash) {
    if (level % kTileLevels != 0) return;
    const unsigned tile_level = level / kTileLevels;
    Growing& growing = last_[tile_level];
    const uint64_t number = index / kTileHashes;
    if (growing.tile.hashes.size() == kTileHashes * kHashBytes) {
      if (growing.changed) full_.push_back(std::move(growing.tile));
      growing.tile = {};
    }
    growing.tile.level = tile_level;
    growing.tile.number = number;
    growing.tile.hashes.append(hash.begin(), hash.end());
    growing.changed = true;
  });
}

std::vector<Tile> TreeBuilder::take_changed() {
  std::vector<Tile> tiles = std::move(full_);
  full_.clear();
  for (auto& [level, growing] : last_) {
    if (std::exchange(growing.changed, false)) tiles.push_back(growing.tile);
  }
  return tiles;
}

codec::MerkleNodes nodes_of(Store& store) {
  auto reader = std::make_shared<TileReader>(store);
  return [reader](unsigned level, uint64_t index) { return reader->node(level, index); };
}

Result<codec::MerkleTree> tree_of(Store& store, uint64_t size) {
  TRY(const codec::MerkleFrontier frontier, codec::merkle_frontier(size, nodes_of(store)));
  return codec::MerkleTree{size, frontier.root()};
}

}  // namespace stanch::ledger

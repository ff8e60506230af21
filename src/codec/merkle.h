#pragma once

#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "codec/hash.h"

// Merkle trees as RFC 9162 section 2.1 has them: append-only, and with proofs
// of the order of log n that an entry is in a tree, and that one tree is the
// beginning of another.
//
// A *node* (level, index) is the root over the 2^level leaves from index * 2^level
// on; only nodes all of whose leaves exist are ever asked for. A tree of any
// size is a handful of them: one for each bit that is set in its size.

namespace stanch::codec {

Sha256 merkle_leaf(std::string_view data);                    // SHA-256(0x00 || data)
Sha256 merkle_node(const Sha256& left, const Sha256& right);  // SHA-256(0x01 || left || right)
Sha256 merkle_empty_root();                                   // SHA-256()

// The nodes of one size; grows by a leaf at a time. Plain data.
class MerkleFrontier {
 public:
  MerkleFrontier() = default;
  // Of a tree whose nodes are kept elsewhere: from the largest to the smallest.
  MerkleFrontier(uint64_t size, std::vector<Sha256> nodes);

  uint64_t size() const { return size_; }
  // Calls `completed(level, index, hash)` for the leaf and each node it completes, rising.
  void add(const Sha256& leaf,
           const std::function<void(unsigned, uint64_t, const Sha256&)>& completed = {});
  Sha256 root() const;

 private:
  uint64_t size_ = 0;
  std::vector<Sha256> nodes_;  // one for each bit of size_, the largest first
};

// Reads a kept node.
using MerkleNodes = std::function<Result<Sha256>(unsigned level, uint64_t index)>;

Result<MerkleFrontier> merkle_frontier(uint64_t size, const MerkleNodes& nodes);

// RFC 9162 section 2.1.3.1; requires leaf < size.
Result<std::vector<Sha256>> inclusion_proof(uint64_t leaf, uint64_t size, const MerkleNodes& nodes);
// Section 2.1.4.1; requires old_size <= size. Empty if they are equal, or old_size is 0.
Result<std::vector<Sha256>> consistency_proof(uint64_t old_size, uint64_t size,
                                              const MerkleNodes& nodes);

struct MerkleTree {
  uint64_t size = 0;
  Sha256 root{};
};

// Sections 2.1.3.2 and 2.1.4.2. Any input is legal.
bool proves_inclusion(const Sha256& leaf_hash, uint64_t leaf, const MerkleTree& tree,
                      const std::vector<Sha256>& proof);
bool proves_consistency(const MerkleTree& old_tree, const MerkleTree& tree,
                        const std::vector<Sha256>& proof);

}  // namespace stanch::codec

#include "codec/merkle.h"

#include <bit>
#include <string>
#include <utility>

#include "base/check.h"

namespace stanch::codec {
namespace {

// A range of leaves [begin, end) as nodes, split as the RFC splits trees: at the largest power of
// two below its length.
Result<Sha256> range_root(uint64_t begin, uint64_t end, const MerkleNodes& nodes) {
  const uint64_t length = end - begin;
  CHECK(length > 0);
  if (std::has_single_bit(length) && begin % length == 0) {
    const auto level = static_cast<unsigned>(std::countr_zero(length));
    return nodes(level, begin >> level);
  }
  const uint64_t half = std::bit_floor(length - 1);
  TRY(const Sha256 left, range_root(begin, begin + half, nodes));
  TRY(const Sha256 right, range_root(begin + half, end, nodes));
  return merkle_node(left, right);
}

}  // namespace

Sha256 merkle_leaf(std::string_view data) {
  Sha256Stream stream;
  stream.add(std::string_view("\0", 1)).add(data);
  return stream.finish();
}

Sha256 merkle_node(const Sha256& left, const Sha256& right) {
  char bytes[1 + 2 * 32];
  bytes[0] = 1;
  std::copy(left.begin(), left.end(), bytes + 1);
  std::copy(right.begin(), right.end(), bytes + 33);
  return sha256(std::string_view(bytes, sizeof bytes));
}

Sha256 merkle_empty_root() { return sha256(""); }

MerkleFrontier::MerkleFrontier(uint64_t size, std::vector<Sha256> nodes)
    : size_(size), nodes_(std::move(nodes)) {
  CHECK(nodes_.size() == static_cast<size_t>(std::popcount(size)));
}

void MerkleFrontier::add(const Sha256& leaf,
                         const std::function<void(unsigned, uint64_t, const Sha256&)>& completed) {
  Sha256 node = leaf;
  if (completed) completed(0, size_, node);
  unsigned level = 0;
  for (uint64_t rest = size_; (rest & 1) != 0; rest >>= 1) {
    node = merkle_node(nodes_.back(), node);
    nodes_.pop_back();
    ++level;
    if (completed) completed(level, size_ >> level, node);
  }
  nodes_.push_back(node);
  ++size_;
}

Sha256 MerkleFrontier::root() const {
  if (nodes_.empty()) return merkle_empty_root();
  Sha256 root = nodes_.back();
  for (size_t i = nodes_.size() - 1; i-- > 0;) root = merkle_node(nodes_[i], root);
  return root;
}

Result<MerkleFrontier> merkle_frontier(uint64_t size, const MerkleNodes& nodes) {
  std::vector<Sha256> found;
  uint64_t begin = 0;
  for (unsigned level = 64; level-- > 0;) {
    const uint64_t length = uint64_t{1} << level;
    if ((size & length) == 0) continue;
    TRY(const Sha256 node, nodes(level, begin >> level));
    found.push_back(node);
    begin += length;
  }
  return MerkleFrontier(size, std::move(found));
}

Result<std::vector<Sha256>> inclusion_proof(uint64_t leaf, uint64_t size,
                                            const MerkleNodes& nodes) {
  CHECK(leaf < size);
  std::vector<Sha256> proof;  // from the root down; turned round in the end
  uint64_t begin = 0, end = size;
  while (end - begin > 1) {
    const uint64_t middle = begin + std::bit_floor(end - begin - 1);
    const bool is_left = leaf < middle;
    TRY(const Sha256 other,
        is_left ? range_root(middle, end, nodes) : range_root(begin, middle, nodes));
    proof.push_back(other);
    (is_left ? end : begin) = middle;
  }
  return std::vector<Sha256>(proof.rbegin(), proof.rend());
}

Result<std::vector<Sha256>> consistency_proof(uint64_t old_size, uint64_t size,
                                              const MerkleNodes& nodes) {
  CHECK(old_size <= size);
  std::vector<Sha256> proof;
  if (old_size == 0 || old_size == size) return proof;
  // SUBPROOF of section 2.1.4.1, from the root down. `whole`: the old tree is a node of its own
  // whose hash the verifier knows.
  uint64_t begin = 0, end = size;
  bool whole = true;
  while (old_size != end) {
    const uint64_t middle = begin + std::bit_floor(end - begin - 1);
    if (old_size <= middle) {
      TRY(const Sha256 right, range_root(middle, end, nodes));
      proof.push_back(right);
      end = middle;
    } else {
      TRY(const Sha256 left, range_root(begin, middle, nodes));
      proof.push_back(left);
      begin = middle;
      whole = false;
    }
  }
  if (!whole) {
    TRY(const Sha256 last, range_root(begin, end, nodes));
    proof.push_back(last);
  }
  return std::vector<Sha256>(proof.rbegin(), proof.rend());
}

bool proves_inclusion(const Sha256& leaf_hash, uint64_t leaf, const MerkleTree& tree,
                      const std::vector<Sha256>& proof) {
  if (leaf >= tree.size) return false;
  uint64_t fn = leaf, sn = tree.size - 1;
  Sha256 r = leaf_hash;
  for (const Sha256& p : proof) {
    if (sn == 0) return false;
    if ((fn & 1) != 0 || fn == sn) {
      r = merkle_node(p, r);
      while ((fn & 1) == 0 && fn != 0) {
        fn >>= 1;
        sn >>= 1;
      }
    } else {
      r = merkle_node(r, p);
    }
    fn >>= 1;
    sn >>= 1;
  }
  return sn == 0 && r == tree.root;
}

bool proves_consistency(const MerkleTree& old_tree, const MerkleTree& tree,
                        const std::vector<Sha256>& proof) {
  if (old_tree.size > tree.size) return false;
  if (old_tree.size == tree.size) return proof.empty() && old_tree.root == tree.root;
  // Every tree begins with nothing (and the RFC leaves this case to us).
  if (old_tree.size == 0) return proof.empty() && old_tree.root == merkle_empty_root();
  size_t next = 0;
  uint64_t fn = old_tree.size - 1, sn = tree.size - 1;
  while ((fn & 1) != 0) {
    fn >>= 1;
    sn >>= 1;
  }
  Sha256 fr, sr;
  if (std::has_single_bit(old_tree.size)) {
    fr = sr = old_tree.root;
  } else {
    if (proof.empty()) return false;
    fr = sr = proof[next++];
  }
  for (; next < proof.size(); ++next) {
    const Sha256& c = proof[next];
    if (sn == 0) return false;
    if ((fn & 1) != 0 || fn == sn) {
      fr = merkle_node(c, fr);
      sr = merkle_node(c, sr);
      while ((fn & 1) == 0 && fn != 0) {
        fn >>= 1;
        sn >>= 1;
      }
    } else {
      sr = merkle_node(sr, c);
    }
    fn >>= 1;
    sn >>= 1;
  }
  return sn == 0 && fr == old_tree.root && sr == tree.root;
}

}  // namespace stanch::codec

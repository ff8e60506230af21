#include "codec/merkle.h"

#include <gtest/gtest.h>

#include <bit>
#include <map>

namespace stanch::codec {
namespace {

// RFC 9162 section 2.1.1, word for word: the second opinion.
Sha256 naive_root(const std::vector<std::string>& leaves, size_t begin, size_t end) {
  if (begin == end) return sha256("");
  if (end - begin == 1) return sha256(std::string(1, '\0') + leaves[begin]);
  size_t k = 1;
  while (k * 2 < end - begin) k *= 2;
  const Sha256 left = naive_root(leaves, begin, begin + k);
  const Sha256 right = naive_root(leaves, begin + k, end);
  return sha256("\x01" + std::string(left.begin(), left.end()) +
                std::string(right.begin(), right.end()));
}

struct Kept {
  std::vector<std::string> leaves;
  MerkleFrontier frontier;
  std::map<std::pair<unsigned, uint64_t>, Sha256> nodes;

  void add(std::string leaf) {
    frontier.add(merkle_leaf(leaf), [&](unsigned level, uint64_t index, const Sha256& hash) {
      EXPECT_TRUE(nodes.emplace(std::pair(level, index), hash).second);
    });
    leaves.push_back(std::move(leaf));
  }
  MerkleNodes reader() const {
    return [this](unsigned level, uint64_t index) -> Result<Sha256> {
      const auto found = nodes.find({level, index});
      if (found == nodes.end()) return Error(ErrorCode::kNotFound, "no such node");
      return found->second;
    };
  }
  MerkleTree tree(size_t size) const { return {size, naive_root(leaves, 0, size)}; }
};

// The tree that the implementations of Certificate Transparency test themselves with.
TEST(MerkleTree, HasThePublishedRoots) {
  using namespace std::string_literals;
  const std::string leaves[] = {
      ""s,
      "\x00"s,
      "\x10"s,
      "\x20\x21"s,
      "\x30\x31"s,
      "\x40\x41\x42\x43"s,
      "\x50\x51\x52\x53\x54\x55\x56\x57"s,
      "\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f"s};
  const std::string_view roots[] = {
      "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
      "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
      "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
      "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
      "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
      "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
      "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
      "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};
  Kept kept;
  EXPECT_EQ(to_hex(kept.frontier.root()),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  for (size_t i = 0; i < std::size(leaves); ++i) {
    kept.add(leaves[i]);
    EXPECT_EQ(to_hex(kept.frontier.root()), roots[i]);
  }
}

TEST(MerkleTree, AgreesWithTheDefinitionForEverySizeAndLeaf) {
  Kept kept;
  for (size_t size = 1; size <= 70; ++size) {
    kept.add("leaf " + std::to_string(size));
    const MerkleTree tree = kept.tree(size);
    ASSERT_EQ(kept.frontier.root(), tree.root);
    ASSERT_EQ(merkle_frontier(size, kept.reader()).value().root(), tree.root);
    for (size_t leaf = 0; leaf < size; ++leaf) {
      const auto proof = inclusion_proof(leaf, size, kept.reader()).value();
      const Sha256 hash = merkle_leaf(kept.leaves[leaf]);
      ASSERT_TRUE(proves_inclusion(hash, leaf, tree, proof)) << leaf << " of " << size;
      EXPECT_LE(proof.size(), static_cast<size_t>(std::bit_width(size - 1)));
      EXPECT_FALSE(proves_inclusion(merkle_leaf("other"), leaf, tree, proof));
      EXPECT_FALSE(size > 1 && proves_inclusion(hash, (leaf + 1) % size, tree, proof));
      EXPECT_FALSE(proves_inclusion(hash, size, tree, proof));
    }
    for (size_t old_size = 0; old_size <= size; ++old_size) {
      const auto proof = consistency_proof(old_size, size, kept.reader()).value();
      const MerkleTree old_tree = kept.tree(old_size);
      ASSERT_TRUE(proves_consistency(old_tree, tree, proof)) << old_size << " of " << size;
      MerkleTree forged = old_tree;
      forged.root[7] ^= 1;
      EXPECT_FALSE(proves_consistency(forged, tree, proof));
      EXPECT_FALSE(old_size != size && proves_consistency(tree, old_tree, proof));
    }
  }
}

TEST(MerkleTree, ProofsWithAnyChangeProveNothing) {
  Kept kept;
  for (size_t i = 0; i < 13; ++i) kept.add(std::to_string(i));
  const MerkleTree tree = kept.tree(13);
  auto proof = inclusion_proof(5, 13, kept.reader()).value();
  const Sha256 leaf = merkle_leaf("5");
  for (Sha256& hash : proof) {
    hash[0] ^= 1;
    EXPECT_FALSE(proves_inclusion(leaf, 5, tree, proof));
    hash[0] ^= 1;
  }
  proof.push_back(leaf);
  EXPECT_FALSE(proves_inclusion(leaf, 5, tree, proof));
  proof.resize(proof.size() - 2);
  EXPECT_FALSE(proves_inclusion(leaf, 5, tree, proof));
  auto consistency = consistency_proof(6, 13, kept.reader()).value();
  for (Sha256& hash : consistency) {
    hash[31] ^= 0x80;
    EXPECT_FALSE(proves_consistency(kept.tree(6), tree, consistency));
    hash[31] ^= 0x80;
  }
  EXPECT_FALSE(proves_consistency(kept.tree(7), tree, consistency));
  consistency.clear();
  EXPECT_FALSE(proves_consistency(kept.tree(6), tree, consistency));
}

}  // namespace
}  // namespace stanch::codec

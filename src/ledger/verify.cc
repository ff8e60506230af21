#include "ledger/verify.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "ledger/keys.h"
#include "ledger/tree.h"

namespace stanch::ledger {
namespace {

constexpr uint64_t kEntriesBetweenComparisons = 4096;

struct Claim {
  std::string name;
  codec::MerkleTree tree;
};

class Verifier {
 public:
  Verifier(Store& store, const VerifyOptions& options)
      : store_(store), options_(options), checker_(store.id()) {}

  Result<Verification> run() {
    TRY(tree_size_, store_.tree_size());
    TRY(collect_claims());
    next_claim_ = claims_.begin();
    judge_claims();
    Result<> read = store_.scan(0, [this](const StoredEntry& row) { return entry(row); });
    if (read) read = check_ends();
    if (!read) {
      // A page of the file is damaged: what lies behind it cannot be reached.
      checker_.report(
          {"", 0, expected_,
           fmt::format("from here on the ledger cannot be read: {}", read.error().message())});
    }
    return result();
  }

 private:
  Result<> collect_claims() {
    std::vector<codec::NoteKey> keys;
    if (options_.key) {
      keys = {*options_.key};
    } else if (auto announced = announced_keys(store_)) {
      keys = std::move(*announced);
    }
    const auto add = [&](const std::string& name, std::string_view note) {
      Error why(ErrorCode::kDenied, "there is no key to check it with");
      for (const codec::NoteKey& key : keys) {
        auto opened = codec::open_checkpoint(note, key);
        if (opened && opened->origin == store_.origin()) {
          claims_.push_back({name, opened->tree});
          return;
        }
        why = opened ? Error(ErrorCode::kDenied, "it is of another ledger: " + opened->origin)
                     : opened.error();
      }
      checker_.report({"", 0, 0, fmt::format("{}: {}", name, why.message())});
    };
    TRY(const auto kept, store_.checkpoints());
    for (const KeptCheckpoint& checkpoint : kept) {
      add(fmt::format("the checkpoint of size {} in the ledger", checkpoint.size), checkpoint.note);
    }
    for (const GivenCheckpoint& given : options_.checkpoints) add(given.name, given.note);
    std::ranges::stable_sort(claims_, {}, [](const Claim& claim) { return claim.tree.size; });
    return {};
  }

  Result<> entry(const StoredEntry& row) {
    if (row.number != expected_) {
      checker_.report({"", 0, expected_,
                       fmt::format("entries are missing: number {} comes where {} is expected",
                                   row.number, expected_)});
      numbers_hold_ = false;
    }
    expected_ = row.number + 1;
    const codec::Sha256 leaf = codec::merkle_leaf(row.header);
    std::optional<bool> leaf_holds;
    if (row.number < tree_size_) {
      TRY(const std::optional<codec::Sha256> kept, leaf_at(row.number));
      leaf_holds = kept && *kept == leaf;
    }
    checker_.check(row, leaf_holds);
    tree_.add(leaf);
    judge_claims();
    if (tree_.size() == tree_size_ || tree_.size() % kEntriesBetweenComparisons == 0) {
      return compare_tiles();
    }
    return {};
  }

  Result<std::optional<codec::Sha256>> leaf_at(uint64_t number) {
    if (!tile_ || tile_->number != number / kTileHashes) {
      TRY(tile_, store_.tile(0, number / kTileHashes));
    }
    const size_t at = number % kTileHashes * kHashBytes;
    if (!tile_ || tile_->hashes.size() < at + kHashBytes) return std::optional<codec::Sha256>();
    codec::Sha256 hash;
    std::copy_n(tile_->hashes.begin() + static_cast<ptrdiff_t>(at), kHashBytes, hash.begin());
    return std::optional(hash);
  }

  void judge_claims() {
    for (; next_claim_ != claims_.end() && next_claim_->tree.size == tree_.size(); ++next_claim_) {
      if (next_claim_->tree.root == tree_.root()) {
        ++checkpoints_;
        covered_ = tree_.size();
        continue;
      }
      checker_.report({"", 0, covered_,
                       fmt::format("{}: the first {} entries are not those that it signed; the "
                                   "first bad one is among the numbers {} to {}",
                                   next_claim_->name, tree_.size(), covered_, tree_.size() - 1)});
    }
  }

  Result<> check_ends() {
    for (std::string after;;) {
      TRY(const auto heads, store_.streams("", after));
      if (heads.empty()) break;
      for (const StreamHead& head : heads) checker_.check_head(head);
      after = heads.back().stream.text();
    }
    for (; next_claim_ != claims_.end(); ++next_claim_) {
      checker_.report({"", 0, tree_.size(),
                       fmt::format("{}: it covers {} entries, the ledger has {}: it was cut off or "
                                   "rolled back",
                                   next_claim_->name, next_claim_->tree.size, tree_.size())});
    }
    if (tree_size_ > tree_.size()) {
      checker_.report({"", 0, tree_.size(),
                       fmt::format("the tree has {} leaves, the ledger {} entries: it was cut off",
                                   tree_size_, tree_.size())});
    }
    return {};
  }

  // What the store keeps of the tree, against what the entries give.
  Result<> compare_tiles() {
    for (const Tile& tile : tree_.take_changed()) {
      if (tree_.size() > tree_size_ || !numbers_hold_) continue;  // entries without leaves
      TRY(const auto kept, store_.tile(tile.level, tile.number));
      if (kept && kept->hashes.starts_with(tile.hashes)) continue;
      checker_.report({"", 0, tile.number << (kTileLevels * (tile.level + 1)),
                       fmt::format("tile {}/{} of the tree is not that of the entries: 'stanch "
                                   "ledger rebuild'",
                                   tile.level, tile.number)});
    }
    return {};
  }

  Verification result() {
    checker_.finish();
    Verification result{.entries = checker_.entries(),
                        .streams = checker_.streams(),
                        .erased = checker_.erased(),
                        .bytes = checker_.bytes(),
                        .covered = covered_,
                        .checkpoints = checkpoints_,
                        .problems = {},
                        .problems_total = checker_.problems_total()};
    result.problems = checker_.take_problems();
    return result;
  }

  Store& store_;
  const VerifyOptions& options_;
  ChainChecker checker_;
  std::vector<Claim> claims_;
  std::vector<Claim>::iterator next_claim_;
  TreeBuilder tree_;
  std::optional<Tile> tile_;
  uint64_t tree_size_ = 0, expected_ = 0, covered_ = 0, checkpoints_ = 0;
  bool numbers_hold_ = true;
};

}  // namespace

Result<Verification> verify(Store& store, const VerifyOptions& options) {
  return Verifier(store, options).run();
}

}  // namespace stanch::ledger

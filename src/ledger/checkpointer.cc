#include "ledger/checkpointer.h"

#include <fmt/format.h>

#include <utility>

#include "ledger/keys.h"
#include "ledger/tree.h"

namespace stanch::ledger {
namespace {

constexpr Duration kLeaseTime = std::chrono::minutes(1);
constexpr uint64_t kLeavesBetweenSaves = 16 * kTileHashes;
constexpr std::string_view kLeaseName = "checkpointer";

// A checkpoint of earlier: is it the beginning of this tree?
Result<> check_beginning(Store& store, const codec::Checkpoint& earlier, std::string_view where) {
  TRY(const uint64_t size, store.tree_size());
  if (earlier.tree.size > size) {
    return Error(ErrorCode::kCorrupt,
                 fmt::format("the ledger was cut off or rolled back: the checkpoint {} covers {} "
                             "entries, the ledger has {}; nothing is signed",
                             where, earlier.tree.size, size));
  }
  TRY(const codec::MerkleTree ours, tree_of(store, earlier.tree.size));
  if (ours.root != earlier.tree.root) {
    return Error(ErrorCode::kCorrupt,
                 fmt::format("the first {} entries are not those of the checkpoint {}; nothing is "
                             "signed. 'stanch ledger verify' names the first bad one",
                             earlier.tree.size, where));
  }
  return {};
}

Result<codec::Checkpoint> open_known(Ledger& ledger, const codec::PublicKey& current,
                                     std::string_view note) {
  TRY(std::vector<codec::NoteKey> keys, announced_keys(ledger));
  keys.push_back({ledger.origin(), current});
  for (const codec::NoteKey& key : keys) {
    auto opened = codec::open_checkpoint(note, key);
    if (opened) return opened;
    if (opened.error().code() != ErrorCode::kDenied) return opened.error();
  }
  return Error(ErrorCode::kDenied, "it is signed by no key of this ledger");
}

// Adds all entries that have no leaf yet.
Result<> grow(Store& store, env::Env& env, Lease& lease) {
  TRY(TreeBuilder tree, TreeBuilder::load(store));
  const auto save = [&]() -> Result<> {
    const std::vector<Tile> tiles = tree.take_changed();
    if (tiles.empty()) return {};
    TRY(lease, store.take_lease(lease.name, lease.holder, env.clock.now(), kLeaseTime));
    return store.save_tiles(lease, tiles);
  };
  TRY(store.scan(tree.size(), [&](const StoredEntry& row) -> Result<> {
    if (row.number != tree.size()) {
      return Error(ErrorCode::kCorrupt, fmt::format("entry number {} is missing", tree.size()));
    }
    tree.add(codec::merkle_leaf(row.header));
    if (tree.size() % kLeavesBetweenSaves == 0) return save();
    return {};
  }));
  return save();
}

Result<MadeCheckpoint> make_under_lease(Store& store, env::Env& env, const codec::SigningKey& key,
                                        const CheckpointOptions& options, Lease& lease) {
  TRY(const auto kept, store.checkpoints());
  std::optional<codec::Checkpoint> last;
  if (!kept.empty()) {
    auto opened = open_known(store, key.public_key(), kept.back().note);
    if (!opened) return std::move(opened).error().within("the last checkpoint of the ledger");
    last = std::move(*opened);
    TRY(check_beginning(store, *last, "kept in the ledger"));
  }
  TRY(grow(store, env, lease));
  if (!options.elsewhere.empty()) {
    const auto note = read_file(env.files, options.elsewhere, codec::kNoteBytesMax);
    if (note) {
      auto opened = open_known(store, key.public_key(), *note);
      if (!opened) return std::move(opened).error().within(options.elsewhere);
      TRY(check_beginning(store, *opened, "kept elsewhere"));
    } else if (note.error().code() != ErrorCode::kNotFound) {
      return note.error();
    }
  }
  MadeCheckpoint made;
  TRY(const uint64_t size, store.tree_size());
  TRY(made.checkpoint.tree, tree_of(store, size));
  made.checkpoint.origin = store.origin();
  made.added = last ? size - last->tree.size : size;
  made.note = codec::sign_note(codec::to_text(made.checkpoint), store.origin(), key);
  TRY(store.save_checkpoint(lease, {size, made.note}));
  if (!options.elsewhere.empty()) {
    const Result<> handed_out = replace_file(env.files, options.elsewhere, made.note);
    if (!handed_out) {
      return Error(handed_out.error().code(),
                   fmt::format("the checkpoint was made, but could not be handed out: {}",
                               handed_out.error().message()));
    }
  }
  return made;
}

}  // namespace

Result<MadeCheckpoint> make_checkpoint(Store& store, env::Env& env, const codec::SigningKey& key,
                                       const CheckpointOptions& options) {
  TRY(Lease lease, store.take_lease(kLeaseName, options.holder, env.clock.now(), kLeaseTime));
  auto made = make_under_lease(store, env, key, options, lease);
  const Result<> given = store.give_lease(lease);
  if (!made) return made;
  if (!given) return given.error();
  return made;
}

Result<InclusionProof> prove_inclusion(Store& store, const model::StreamId& stream,
                                       uint64_t sequence) {
  TRY(const auto kept, store.checkpoints());
  std::optional<uint64_t> leaf;
  InclusionProof proof;
  TRY(const auto found, store.read(stream, sequence, 1));
  if (found.empty() || found[0].sequence != sequence) {
    return Error(ErrorCode::kNotFound,
                 fmt::format("stream {} has no entry {}", stream.text(), sequence));
  }
  proof.entry = found[0];
  TRY(store.scan_stream(stream, [&](const StoredEntry& row) -> Result<> {
    if (row.sequence == sequence) leaf = row.number;
    return {};
  }));
  if (kept.empty() || !leaf || *leaf >= kept.back().size) {
    return Error(ErrorCode::kUnavailable,
                 "no checkpoint covers that entry yet: run 'stanch ledger checkpoint'");
  }
  proof.leaf = *leaf;
  proof.checkpoint = kept.back().note;
  TRY(proof.tree, tree_of(store, kept.back().size));
  TRY(proof.hashes, codec::inclusion_proof(*leaf, proof.tree.size, nodes_of(store)));
  return proof;
}

Result<ConsistencyProof> prove_consistency(Store& store, const std::string& old_note) {
  TRY(const auto kept, store.checkpoints());
  if (kept.empty()) {
    return Error(ErrorCode::kUnavailable,
                 "there is no checkpoint yet: run 'stanch ledger checkpoint'");
  }
  TRY(const codec::Note note, codec::parse_note(old_note));
  TRY(const codec::Checkpoint old, codec::parse_checkpoint(note.text));
  TRY(check_beginning(store, old, "given"));
  ConsistencyProof proof{.old_tree = old.tree,
                         .tree = {},
                         .hashes = {},
                         .old_checkpoint = old_note,
                         .checkpoint = kept.back().note};
  TRY(proof.tree, tree_of(store, kept.back().size));
  if (old.tree.size > proof.tree.size) {
    return Error(ErrorCode::kUnavailable, "the given checkpoint is newer than the ledger's last");
  }
  TRY(proof.hashes, codec::consistency_proof(old.tree.size, proof.tree.size, nodes_of(store)));
  return proof;
}

}  // namespace stanch::ledger

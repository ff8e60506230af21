#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "codec/note.h"
#include "env/env.h"
#include "ledger/store.h"

// Gives entries their leaves, and signs what the tree is then. One at a time
// does this (a lease); appends never wait for it.

namespace stanch::ledger {

struct CheckpointOptions {
  std::string holder;     // who takes the lease
  std::string elsewhere;  // a file on another machine's disk, or ""
};

struct MadeCheckpoint {
  codec::Checkpoint checkpoint;
  std::string note;    // as it was signed
  uint64_t added = 0;  // entries since the checkpoint before
};

// A checkpoint over all entries, kept in the ledger and handed out. kCorrupt, and nothing is
// signed, if the last checkpoint, here or elsewhere, is not the beginning of what the ledger holds
// now: a log never signs two histories. kConflict while another process makes one.
Result<MadeCheckpoint> make_checkpoint(Store& store, env::Env& env, const codec::SigningKey& key,
                                       const CheckpointOptions& options);

// An entry, and why it is in the tree that the newest checkpoint signed.
struct InclusionProof {
  model::Entry entry;
  uint64_t leaf = 0;
  codec::MerkleTree tree;
  std::vector<codec::Sha256> hashes;
  std::string checkpoint;  // its note
};
// kNotFound if there is no such entry; kUnavailable if no checkpoint covers it yet.
Result<InclusionProof> prove_inclusion(Store& store, const model::StreamId& stream,
                                       uint64_t sequence);

struct ConsistencyProof {
  codec::MerkleTree old_tree, tree;
  std::vector<codec::Sha256> hashes;
  std::string old_checkpoint, checkpoint;
};
// That the newest checkpoint goes on from an older one. kCorrupt if it does not.
Result<ConsistencyProof> prove_consistency(Store& store, const std::string& old_note);

}  // namespace stanch::ledger

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "codec/note.h"
#include "ledger/chain_checker.h"
#include "ledger/store.h"

// Whether a ledger is what was written into it. Everything is computed anew from
// the entries: hashes, links, commitments, the tree and its roots.

namespace stanch::ledger {

struct GivenCheckpoint {
  std::string name;  // of the file, for messages
  std::string note;
};

struct VerifyOptions {
  std::vector<GivenCheckpoint> checkpoints;  // kept elsewhere
  // The key as the verifier knows it; else those that the ledger announces itself.
  std::optional<codec::NoteKey> key;
};

struct Verification {
  uint64_t entries = 0, streams = 0, erased = 0, bytes = 0;
  uint64_t covered = 0;                 // entries below a checkpoint that holds
  uint64_t checkpoints = 0;             // that hold, given ones included
  std::vector<VerifyProblem> problems;  // the first bad entry first; at most kProblemsMax
  uint64_t problems_total = 0;

  bool passed() const { return problems_total == 0; }
};

// An error only if the ledger cannot be read at all.
Result<Verification> verify(Store& store, const VerifyOptions& options);

}  // namespace stanch::ledger

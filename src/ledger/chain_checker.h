#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "ledger/store.h"

// Looks at entries one after the other, each stream in its order, and says what
// does not hold: headers, places, links, commitments, erasures. The same for a
// ledger and for an exported package.
//
// A link that does not hold has two ends. Which of the two entries was changed
// is known when a third witness speaks: the leaf in the tree, the next entry
// that names this one's hash, or the stream's head. Until then both are
// suspects.

namespace stanch::ledger {

struct VerifyProblem {
  std::string stream;  // "" where no stream can be named
  uint64_t sequence = 0;
  uint64_t number = 0;  // of the entry in the ledger
  std::string what;
};

inline constexpr size_t kProblemsMax = 100;  // that are told one by one; the rest is counted

class ChainChecker {
 public:
  explicit ChainChecker(std::string ledger_id) : ledger_id_(std::move(ledger_id)) {}

  // `leaf_holds`: whether the tree has this header at this number, if it has one there.
  // `withheld`: the payload was left out on purpose, and is not erased.
  void check(const StoredEntry& row, std::optional<bool> leaf_holds, bool withheld = false);

  // What the stream's head is said to be, after its last entry.
  void check_head(const StreamHead& head);
  // After all: what has remained open.
  void finish();

  void report(VerifyProblem problem);

  uint64_t entries() const { return entries_; }
  uint64_t erased() const { return erased_; }
  uint64_t bytes() const { return bytes_; }
  size_t streams() const { return streams_.size(); }
  uint64_t problems_total() const { return problems_total_; }
  std::vector<VerifyProblem> take_problems();  // by their numbers

 private:
  struct Suspects {
    uint64_t earlier_number, later_number, later_sequence;
  };
  struct Stream {
    uint64_t next = 0;
    uint64_t last_number = 0;
    std::optional<codec::Sha256> hash;  // of its last entry; nothing: that one is known to be bad
    std::optional<Suspects> suspects;
    std::map<uint64_t, codec::Sha256> missing;  // payloads without an erased entry so far: hashes
  };

  void check_link(const StoredEntry& row, const model::Entry& entry, Stream& stream,
                  std::optional<bool> leaf_holds);
  void check_payload(const StoredEntry& row, const model::Entry& entry, Stream& stream,
                     const codec::Sha256& hash, bool withheld);
  void check_erasure(const StoredEntry& row, const model::Entry& entry, Stream& stream);
  void blame(const std::string& name, Stream& stream, bool later);

  std::string ledger_id_;
  std::map<std::string, Stream, std::less<>> streams_;
  uint64_t entries_ = 0, erased_ = 0, bytes_ = 0;
  std::vector<VerifyProblem> problems_;
  uint64_t problems_total_ = 0;
};

}  // namespace stanch::ledger

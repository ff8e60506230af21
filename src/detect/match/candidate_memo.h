#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "codec/hash.h"
#include "detect/match/evaluate.h"
#include "detect/match/folded_hash.h"
#include "detect/match/foresight.h"

namespace stanch::detect::match {

// Which rules are left for an event once its key fields and its layout are known.
//
// Of layouts, eventName, eventSource and the actor's type there are some thousands of
// combinations among millions of events. For each that was met, the rules with clues in
// those fields have been asked already, as far as the key fields and the absence of others
// can answer; what is left for an event of the kind is mostly nothing.
//
// Bounded: kSlots combinations; what does not fit is looked up. A combination is known by a hash
// of 64 bits alone, as what it takes to compare the texts would be most of the memory that
// an event touches. The hash is keyed: whoever writes the events does not know the secret.
class CandidateMemo {
 public:
  CandidateMemo(std::span<const uint32_t> key_fields, codec::HashSecret secret)
      : key_fields_(key_fields.begin(), key_fields.end()), hasher_(secret) {}

  struct Entry {
    uint64_t hash = 0;
    uint64_t other_fields = 0;    // that may have a clue to others: bits of the index
    std::vector<uint32_t> rules;  // with clues on key fields, or without any
    std::vector<Foresight::Answer> answers;
  };
  static_assert(sizeof(Entry) == 64);

  // The entry of the event's combination: filled if its hash is hash(), else to be filled
  // by the caller. Null if it cannot be remembered.
  Entry* find(EventReader& event);
  uint64_t hash() const { return hash_; }  // of the last find()

 private:
  static constexpr size_t kSlots = 4096;

  bool take_hash(EventReader& event);

  std::vector<uint32_t> key_fields_;
  FoldedHash hasher_;
  std::vector<Entry> entries_;  // by hash; empty until it is used
  uint64_t hash_ = 0;
};

}  // namespace stanch::detect::match

#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "codec/hash.h"
#include "detect/match/aho_corasick.h"
#include "detect/match/folded_hash.h"
#include "detect/match/program.h"

namespace stanch::detect::match {

// Finds, for events of one log source, the rules that can match: those of which
// the event has a clue, and those without clues. On the way it answers the
// predicates that ask whether one of its fields is one of some texts: the table that leads to
// rules leads to them too. Holds a cache, so one a thread.
class SourceIndex {
 public:
  SourceIndex(const RuleSet& rules, const EventSource& source, codec::HashSecret secret);

  // Calls candidate(rule) for every rule that may match, possibly more than once, and
  // is_true(node) for predicates that hold. Resolves the fields it looks at in `event`.
  template <typename Candidate, typename IsTrue>
  void look_up(EventReader& event, Candidate candidate, IsTrue is_true) {
    settled_ = 0;
    for (const uint32_t rule : always_) candidate(rule);
    for (IndexedField& field : fields_) look_up_field(field, event, candidate, is_true);
  }

  // Whether the last look_up() answered the predicate of this node: then it holds only if
  // is_true() was called with it.
  bool has_settled(uint32_t node) const { return (settled_ >> settler_of_[node] & 1) != 0; }

  // Rules of other log sources.
  uint32_t gated() const { return gated_; }

 private:
  using Numbers = std::span<const uint32_t>;

  // Predicates of the first 63 fields can be settled; this bit is never set.
  static constexpr uint8_t kNoSettler = 63;

  struct IndexedField {
    uint32_t field = 0;
    uint8_t settler = kNoSettler;  // its bit
    bool has_exact = false;
    std::vector<uint32_t> all_rules;  // with a clue on this field
    std::vector<std::vector<uint32_t>> literal_rules;
    std::unique_ptr<AhoCorasick> literals;  // null: none
    std::vector<uint64_t> literal_scan;     // number of the scan that found each last
  };

  // A text that a field may be, and what follows if it is.
  struct Exact {
    std::vector<uint32_t> rules;  // that may match
    std::vector<uint32_t> nodes;  // whose predicates hold
  };
  // The same as numbers in one list: rules first, then nodes.
  struct ExactSlot {
    uint64_t hash = 0;              // of field and text
    uint32_t text = 0, size = 0;    // where the text is; folded
    uint32_t field = UINT32_MAX;    // free
    uint32_t first = 0;             // of exact_numbers_
    uint32_t rules = 0, nodes = 0;  // how many
  };

  // Which rules the literals of a field found in one text.
  struct CacheSlot {
    uint64_t hash = 0;
    uint32_t first = 0;
    uint32_t count = 0;
    bool used = false;
  };

  template <typename Texts>
  void build_exact(const Texts& texts);

  template <typename Candidate, typename IsTrue>
  void look_up_field(IndexedField& field, EventReader& event, Candidate& candidate,
                     IsTrue& is_true) {
    bool simple = false;
    const codec::JsonView value = event.finder().find_simple(field.field, simple);
    if (simple && (!value.exists() || value.is_null() || value.is_plain())) [[likely]] {
      settled_ |= uint64_t{1} << field.settler;
      settled_ &= ~(uint64_t{1} << kNoSettler);
      if (value.exists() && !value.is_null()) look_up_text(field, value.raw(), candidate, is_true);
      return;
    }
    const auto ignore = [](uint32_t) {};
    for (ResolvedValue& resolved : event.field(field.field).values) {
      if (resolved.view.is_null()) continue;
      if (resolved.view.is_object()) {  // V2 would look at its leaves: leave that to the rules
        for (const uint32_t rule : field.all_rules) candidate(rule);
        return;
      }
      look_up_text(field, event.text(resolved), candidate, ignore);
    }
  }

  template <typename Candidate, typename IsTrue>
  void look_up_text(IndexedField& field, std::string_view text, Candidate& candidate,
                    IsTrue& is_true) {
    const uint64_t hash = field_hash(hash_(text, scratch_), field.field);
    if (field.has_exact) {
      if (const ExactSlot* slot = find_exact(hash, field.field, text)) {
        const uint32_t* number = exact_numbers_.data() + slot->first;
        for (uint32_t i = 0; i < slot->rules; ++i) candidate(*number++);
        for (uint32_t i = 0; i < slot->nodes; ++i) is_true(*number++);
      }
    }
    if (field.literals) {
      for (const uint32_t rule : find_literals(field, hash, text)) candidate(rule);
    }
  }

  const ExactSlot* find_exact(uint64_t hash, uint32_t field, std::string_view text);
  Numbers find_literals(IndexedField& field, uint64_t hash, std::string_view text);

  uint64_t field_hash(uint64_t text_hash, uint32_t field) const {
    return (text_hash ^ field) * 0x9E3779B97F4A7C15 ^ (text_hash >> 32);
  }

  FoldedHash hash_;
  uint32_t gated_ = 0;
  std::vector<uint32_t> always_;
  std::vector<IndexedField> fields_;

  std::vector<ExactSlot> exact_;  // open addressing, a power of two
  std::string exact_texts_;
  std::vector<uint32_t> exact_numbers_;

  std::vector<uint8_t> settler_of_;  // by node
  uint64_t settled_ = 0;             // bits of fields, of the event looked up last

  static constexpr size_t kCacheSlots = 4096;
  static constexpr size_t kCacheRulesMax = size_t{1} << 18;
  std::vector<CacheSlot> cache_;
  std::vector<uint32_t> cache_rules_;

  uint64_t scans_ = 0;
  std::string scratch_;
};

}  // namespace stanch::detect::match

#pragma once

#include <array>
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
// the event has a clue, and those without clues. Holds a cache, so one a thread.
class SourceIndex {
 public:
  SourceIndex(const RuleSet& rules, const EventSource& source, codec::HashSecret secret);

  // Calls candidate(rule) for every rule that may match, possibly more than once.
  // Resolves the fields it looks at in `event`.
  template <typename Candidate>
  void candidates(EventReader& event, Candidate candidate) {
    for (const uint32_t rule : always_) candidate(rule);
    for (IndexedField& field : fields_) look_up(field, event, candidate);
  }

  // Rules of other log sources.
  uint32_t gated() const { return gated_; }

 private:
  using Rules = std::span<const uint32_t>;

  struct IndexedField {
    uint32_t field = 0;
    bool has_exact = false;
    std::vector<uint32_t> all_rules;  // with a clue on this field
    std::vector<std::vector<uint32_t>> literal_rules;
    std::unique_ptr<AhoCorasick> literals;  // null: none
    std::vector<uint64_t> literal_scan;     // number of the scan that found each last
  };

  // Exact clues of all fields: hash of (field, folded text) -> rules.
  struct ExactSlot {
    uint64_t hash = 0;
    uint32_t first = 0;
    uint32_t count = 0;  // 0: free
  };

  // Which rules the literals of a field found in one text.
  struct CacheSlot {
    uint64_t hash = 0;
    uint32_t first = 0;
    uint32_t count = 0;
    bool used = false;
  };

  void build_exact(std::span<const std::pair<uint64_t, uint32_t>> entries);
  void find_members(codec::JsonView event);
  template <typename Candidate>
  void look_up(IndexedField& field, EventReader& event, Candidate& candidate) {
    bool simple = false;
    if (const codec::JsonView value = event.finder().find_simple(field.field, simple)) {
      if (value.is_plain() && !value.is_null()) {
        look_up_text(field, value.raw(), candidate);
        return;
      }
    } else if (simple) {
      return;
    }
    for (ResolvedValue& value : event.field(field.field).values) {
      if (value.view.is_null()) continue;
      if (value.view.is_object()) {  // V2 would look at its leaves: leave that to the rules
        for (const uint32_t rule : field.all_rules) candidate(rule);
        return;
      }
      look_up_text(field, event.text(value), candidate);
    }
  }

  template <typename Candidate>
  void look_up_text(IndexedField& field, std::string_view text, Candidate& candidate) {
    const uint64_t hash = field_hash(hash_(text, scratch_), field.field);
    if (field.has_exact) {
      for (const uint32_t rule : find_exact(hash)) candidate(rule);
    }
    if (field.literals) {
      for (const uint32_t rule : find_literals(field, hash, text)) candidate(rule);
    }
  }

  Rules find_exact(uint64_t hash) const;
  Rules find_literals(IndexedField& field, uint64_t hash, std::string_view text);

  uint64_t field_hash(uint64_t text_hash, uint32_t field) const {
    return (text_hash ^ field) * 0x9E3779B97F4A7C15 ^ (text_hash >> 32);
  }

  FoldedHash hash_;
  uint32_t gated_ = 0;
  std::vector<uint32_t> always_;
  std::vector<IndexedField> fields_;

  std::vector<ExactSlot> exact_;  // open addressing, a power of two
  std::vector<uint32_t> exact_rules_;

  static constexpr size_t kCacheSlots = 4096;
  static constexpr size_t kCacheRulesMax = size_t{1} << 18;
  std::vector<CacheSlot> cache_;
  std::vector<uint32_t> cache_rules_;

  uint64_t scans_ = 0;
  std::string scratch_;
};

}  // namespace stanch::detect::match

#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "codec/hash.h"
#include "detect/match/aho_corasick.h"
#include "detect/match/folded_hash.h"
#include "detect/match/literal_filter.h"
#include "detect/match/program.h"

namespace stanch::detect::match {

// Finds, for events of one log source, the rules that can match: those of which
// the event has a clue, and those without clues. Holds a cache, so one a thread.
//
// The fields with the most rules are the key fields: of eventName and its like there are few
// different texts, so what they lead to is worth remembering (candidate_memo.h).
class SourceIndex {
 public:
  SourceIndex(const RuleSet& rules, const EventSource& source, codec::HashSecret secret);

  static constexpr size_t kKeyFieldsMax = 3;
  std::span<const uint32_t> key_fields() const { return key_fields_; }

  // Calls candidate(rule) for every rule that may match, possibly more than once: for those
  // with clues on key fields or none, and for those with clues on other fields.
  template <typename Candidate>
  void look_up_keys(EventReader& event, Candidate candidate) {
    for (const uint32_t rule : always_) candidate(rule);
    for (size_t i = 0; i < key_fields_.size(); ++i) look_up_field(fields_[i], event, candidate);
  }
  // Other fields are told apart by bits: the last one stands for all beyond it.
  template <typename Candidate>
  void look_up_others(EventReader& event, Candidate candidate, uint64_t wanted = ~uint64_t{0}) {
    for (size_t i = key_fields_.size(); i < fields_.size(); ++i) {
      if ((wanted & bit_of(i)) != 0) look_up_field(fields_[i], event, candidate);
    }
  }

  // The bits of the fields of which some rule with a clue there is not excluded.
  template <typename IsExcluded>
  uint64_t other_fields_but(IsExcluded is_excluded) const {
    constexpr size_t kRulesMax = 16;  // to ask about; with more, the field is wanted anyway
    uint64_t wanted = 0;
    for (size_t i = key_fields_.size(); i < fields_.size(); ++i) {
      const std::vector<uint32_t>& rules = fields_[i].all_rules;
      if (rules.size() > kRulesMax || !std::ranges::all_of(rules, is_excluded)) wanted |= bit_of(i);
    }
    return wanted;
  }

  // Rules of other log sources.
  uint32_t gated() const { return gated_; }

 private:
  using Numbers = std::span<const uint32_t>;

  struct IndexedField {
    uint32_t field = 0;
    uint64_t exact_sizes = 0;         // bits of the sizes that its exact texts have; 0: no text
    std::vector<uint32_t> all_rules;  // with a clue on this field
    std::vector<std::vector<uint32_t>> literal_rules;
    std::unique_ptr<AhoCorasick> literals;  // null: none
    std::optional<LiteralFilter> filter;    // of few literals
    std::vector<uint64_t> literal_scan;     // number of the scan that found each last
  };

  // A text that a field may be, and the rules that may match if it is.
  struct ExactSlot {
    uint64_t hash = 0;              // of field and text
    uint32_t text = 0, size = 0;    // where the text is; folded
    uint32_t field = UINT32_MAX;    // free
    uint32_t first = 0, count = 0;  // of exact_rules_
  };

  // Which rules the literals of a field found in one text.
  struct CacheSlot {
    uint64_t hash = 0;
    uint32_t first = 0;
    uint32_t count = 0;
    bool used = false;
  };

  void add_exact(uint32_t field, std::string_view text, std::span<const uint32_t> rules);

  template <typename Candidate>
  void look_up_field(IndexedField& field, EventReader& event, Candidate& candidate) {
    bool simple = false;
    const codec::JsonView value = event.finder().find_simple(field.field, simple);
    if (simple && (!value.exists() || value.is_null() || value.is_plain())) [[likely]] {
      if (value.exists() && !value.is_null()) look_up_text(field, value.raw(), candidate);
      return;
    }
    for (ResolvedValue& resolved : event.field(field.field).values) {
      if (resolved.view.is_null()) continue;
      if (resolved.view.is_object()) {  // V2 would look at its leaves: leave that to the rules
        for (const uint32_t rule : field.all_rules) candidate(rule);
        return;
      }
      look_up_text(field, event.text(resolved), candidate);
    }
  }

  template <typename Candidate>
  void look_up_text(IndexedField& field, std::string_view text, Candidate& candidate) {
    // Folding changes the size of few texts, and of no ASCII text.
    const bool may_be_exact = (field.exact_sizes & size_bit(text.size())) != 0 ||
                              (field.exact_sizes != 0 && !codec::is_ascii(text));
    const bool may_be_literal =
        field.literals && (!field.filter || field.filter->may_contain(text));
    if (!may_be_exact && !may_be_literal) return;
    const uint64_t hash = field_hash(hash_(text, scratch_), field.field);
    if (may_be_exact) {
      if (const ExactSlot* slot = find_exact(hash, field.field, text)) {
        for (uint32_t i = 0; i < slot->count; ++i) candidate(exact_rules_[slot->first + i]);
      }
    }
    if (may_be_literal) {
      for (const uint32_t rule : find_literals(field, hash, text)) candidate(rule);
    }
  }

  const ExactSlot* find_exact(uint64_t hash, uint32_t field, std::string_view text);
  Numbers find_literals(IndexedField& field, uint64_t hash, std::string_view text);

  static uint64_t bit_of(size_t field) { return uint64_t{1} << std::min<size_t>(field, 63); }
  static uint64_t size_bit(size_t size) { return uint64_t{1} << (size % 64); }

  uint64_t field_hash(uint64_t text_hash, uint32_t field) const {
    return (text_hash ^ field) * 0x9E3779B97F4A7C15 ^ (text_hash >> 32);
  }

  FoldedHash hash_;
  uint32_t gated_ = 0;
  std::vector<uint32_t> always_;
  std::vector<IndexedField> fields_;  // those of key_fields_ first
  std::vector<uint32_t> key_fields_;

  std::vector<ExactSlot> exact_;  // open addressing, a power of two
  std::string exact_texts_;
  std::vector<uint32_t> exact_rules_;

  static constexpr size_t kCacheSlots = 4096;
  static constexpr size_t kCacheRulesMax = size_t{1} << 18;
  std::vector<CacheSlot> cache_;
  std::vector<uint32_t> cache_rules_;

  uint64_t scans_ = 0;
  std::string scratch_;
};

}  // namespace stanch::detect::match

#include "detect/match/index.h"

#include <algorithm>
#include <bit>
#include <functional>
#include <map>
#include <utility>

namespace stanch::detect::match {

SourceIndex::SourceIndex(const RuleSet& rules, const EventSource& source, codec::HashSecret secret)
    : hash_(secret), cache_(kCacheSlots) {
  using Wanted = std::map<std::string, std::vector<uint32_t>, std::less<>>;  // text -> rules
  struct WantedOfField {
    Wanted literal, exact;
  };
  std::map<uint32_t, WantedOfField> wanted;
  for (uint32_t rule = 0; rule < rules.rules.size(); ++rule) {
    if (!concerns(rules.trees[rule].logsource, source)) {
      ++gated_;
      continue;
    }
    const CompiledRule& compiled = rules.rules[rule];
    if (!compiled.indexed) always_.push_back(rule);
    for (const Clue& clue : compiled.clues) {
      WantedOfField& field = wanted[clue.field];
      std::vector<uint32_t>& list =
          clue.kind == Clue::Kind::kExact ? field.exact[clue.text] : field.literal[clue.text];
      if (list.empty() || list.back() != rule) list.push_back(rule);
    }
  }

  size_t exact_texts = 0;
  for (const auto& [number, want] : wanted) exact_texts += want.exact.size();
  exact_.resize(std::bit_ceil(exact_texts * 2 + 2));
  for (const auto& [number, want] : wanted) {
    IndexedField field;
    field.field = number;
    for (const auto& [text, list] : want.exact) {
      field.exact_sizes |= size_bit(text.size());
      field.all_rules.insert(field.all_rules.end(), list.begin(), list.end());
      add_exact(number, text, list);
    }
    std::vector<std::string> literals;
    for (const auto& [text, list] : want.literal) {
      literals.push_back(text);
      field.literal_rules.push_back(list);
      field.all_rules.insert(field.all_rules.end(), list.begin(), list.end());
    }
    if (!literals.empty()) field.literals = std::make_unique<AhoCorasick>(literals);
    if (!literals.empty() && literals.size() <= LiteralFilter::kLiteralsMax) {
      field.filter.emplace(literals);
    }
    field.literal_scan.resize(literals.size());
    fields_.push_back(std::move(field));
  }

  // One rule is no reason to remember all the texts of its field.
  std::ranges::stable_sort(fields_, std::greater(), [](const IndexedField& field) {
    return field.exact_sizes == 0 ? 0 : field.all_rules.size();
  });
  for (const IndexedField& field : fields_) {
    if (field.exact_sizes == 0 || field.all_rules.size() < 2) break;
    if (key_fields_.size() < kKeyFieldsMax) key_fields_.push_back(field.field);
  }
}

void SourceIndex::add_exact(uint32_t field, std::string_view text,
                            std::span<const uint32_t> rules) {
  const uint64_t hash = field_hash(hash_(text, scratch_), field);
  const size_t mask = exact_.size() - 1;
  size_t at = hash & mask;
  while (exact_[at].field != UINT32_MAX) at = (at + 1) & mask;
  exact_[at] = {
      hash,  static_cast<uint32_t>(exact_texts_.size()), static_cast<uint32_t>(text.size()),
      field, static_cast<uint32_t>(exact_rules_.size()), static_cast<uint32_t>(rules.size())};
  exact_texts_ += text;
  exact_rules_.insert(exact_rules_.end(), rules.begin(), rules.end());
}

const SourceIndex::ExactSlot* SourceIndex::find_exact(uint64_t hash, uint32_t field,
                                                      std::string_view text) {
  const size_t mask = exact_.size() - 1;
  for (size_t at = hash & mask; exact_[at].field != UINT32_MAX; at = (at + 1) & mask) {
    const ExactSlot& slot = exact_[at];
    if (slot.hash != hash || slot.field != field) continue;
    const std::string_view wanted(exact_texts_.data() + slot.text, slot.size);
    if (FoldedHash::equals(text, wanted, scratch_)) return &slot;
  }
  return nullptr;
}

// What the field's literals find in a text, from the cache or by a scan. The cache is keyed
// by the text's hash: an attacker chooses the texts but does not know the hash's secret; what
// they can do is evict. The answer is valid until the next call.
SourceIndex::Numbers SourceIndex::find_literals(IndexedField& field, uint64_t hash,
                                                std::string_view text) {
  CacheSlot& slot = cache_[hash % kCacheSlots];
  if (!slot.used || slot.hash != hash) {
    if (cache_rules_.size() > kCacheRulesMax) {
      cache_rules_.clear();
      std::ranges::fill(cache_, CacheSlot());
    }
    slot = {hash, static_cast<uint32_t>(cache_rules_.size()), 0, true};
    ++scans_;
    field.literals->scan(codec::fold_case(text, scratch_), [&](uint32_t literal) {
      if (std::exchange(field.literal_scan[literal], scans_) == scans_) return;
      const auto& rules = field.literal_rules[literal];
      cache_rules_.insert(cache_rules_.end(), rules.begin(), rules.end());
    });
    slot.count = static_cast<uint32_t>(cache_rules_.size()) - slot.first;
  }
  return Numbers(cache_rules_).subspan(slot.first, slot.count);
}

}  // namespace stanch::detect::match

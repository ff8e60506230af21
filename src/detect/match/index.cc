#include "detect/match/index.h"

#include <algorithm>
#include <bit>
#include <map>
#include <utility>

namespace stanch::detect::match {

SourceIndex::SourceIndex(const RuleSet& rules, const EventSource& source, codec::HashSecret secret)
    : hash_(secret), cache_(kCacheSlots) {
  struct Wanted {
    std::map<std::string, std::vector<uint32_t>> exact, literal;
  };
  std::map<uint32_t, Wanted> wanted;  // by field
  for (uint32_t rule = 0; rule < rules.rules.size(); ++rule) {
    if (!concerns(rules.trees[rule].logsource, source)) {
      ++gated_;
      continue;
    }
    const CompiledRule& compiled = rules.rules[rule];
    if (!compiled.indexed) always_.push_back(rule);
    for (const Clue& clue : compiled.clues) {
      Wanted& field = wanted[clue.field];
      auto& texts = clue.kind == Clue::Kind::kExact ? field.exact : field.literal;
      std::vector<uint32_t>& list = texts[clue.text];
      if (list.empty() || list.back() != rule) list.push_back(rule);
    }
  }

  std::vector<std::pair<uint64_t, uint32_t>> exact;  // (hash, rule)
  for (const auto& [number, want] : wanted) {
    IndexedField field;
    field.field = number;
    field.has_exact = !want.exact.empty();
    for (const auto& [text, list] : want.exact) {
      const uint64_t hash = field_hash(hash_(text, scratch_), number);
      for (const uint32_t rule : list) exact.emplace_back(hash, rule);
      field.all_rules.insert(field.all_rules.end(), list.begin(), list.end());
    }
    std::vector<std::string> literals;
    for (const auto& [text, list] : want.literal) {
      literals.push_back(text);
      field.literal_rules.push_back(list);
      field.all_rules.insert(field.all_rules.end(), list.begin(), list.end());
    }
    if (!literals.empty()) field.literals = std::make_unique<AhoCorasick>(literals);
    field.literal_scan.resize(literals.size());
    fields_.push_back(std::move(field));
  }
  build_exact(exact);
}

void SourceIndex::build_exact(std::span<const std::pair<uint64_t, uint32_t>> entries) {
  std::map<uint64_t, std::vector<uint32_t>> lists;
  for (const auto& [hash, rule] : entries) lists[hash].push_back(rule);
  exact_.resize(std::bit_ceil(lists.size() * 2 + 2));
  const size_t mask = exact_.size() - 1;
  for (const auto& [hash, list] : lists) {
    size_t at = hash & mask;
    while (exact_[at].count != 0) at = (at + 1) & mask;
    exact_[at] = {hash, static_cast<uint32_t>(exact_rules_.size()),
                  static_cast<uint32_t>(list.size())};
    exact_rules_.insert(exact_rules_.end(), list.begin(), list.end());
  }
}

SourceIndex::Rules SourceIndex::find_exact(uint64_t hash) const {
  const size_t mask = exact_.size() - 1;
  for (size_t at = hash & mask; exact_[at].count != 0; at = (at + 1) & mask) {
    if (exact_[at].hash == hash) return {&exact_rules_[exact_[at].first], exact_[at].count};
  }
  return {};
}

// What the field's literals find in a text, from the cache or by a scan. The cache is keyed
// by the text's hash: an attacker chooses the texts but does not know the hash's secret; what
// they can do is evict. The answer is valid until the next call.
SourceIndex::Rules SourceIndex::find_literals(IndexedField& field, uint64_t hash,
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
  return Rules(cache_rules_).subspan(slot.first, slot.count);
}

}  // namespace stanch::detect::match

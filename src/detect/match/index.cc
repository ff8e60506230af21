#include "detect/match/index.h"

#include <algorithm>
#include <bit>
#include <map>
#include <utility>

namespace stanch::detect::match {

namespace {

// Whether the predicate asks for one of some texts and nothing else, so that a table of
// texts can answer it.
bool is_exact_choice(const Predicate& predicate) {
  return predicate.kind == PredicateKind::kValue && !predicate.cased && !predicate.null &&
         predicate.numbers.empty() && predicate.booleans.empty() &&
         predicate.exact_texts == predicate.texts.size();
}

}  // namespace

SourceIndex::SourceIndex(const RuleSet& rules, const EventSource& source, codec::HashSecret secret)
    : hash_(secret), settler_of_(rules.nodes.size(), kNoSettler), cache_(kCacheSlots) {
  struct Wanted {
    std::map<std::string, std::vector<uint32_t>, std::less<>> literal;
    std::map<std::string, Exact, std::less<>> exact;
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
      std::vector<uint32_t>& list =
          clue.kind == Clue::Kind::kExact ? field.exact[clue.text].rules : field.literal[clue.text];
      if (list.empty() || list.back() != rule) list.push_back(rule);
    }
  }

  std::map<uint32_t, uint8_t> settlers;  // by field
  for (const auto& [number, want] : wanted) {
    if (want.exact.empty() || settlers.size() >= kNoSettler) continue;
    settlers.emplace(number, static_cast<uint8_t>(settlers.size()));
  }
  for (uint32_t node = 0; node < rules.nodes.size(); ++node) {
    if (rules.nodes[node].kind != ConditionNode::Kind::kPredicate) continue;
    const BoundPredicate& bound = rules.predicates[rules.nodes[node].first];
    const auto settler = settlers.find(bound.field);
    if (settler == settlers.end() || !is_exact_choice(bound.predicate)) continue;
    settler_of_[node] = settler->second;
    for (const TextPattern& text : bound.predicate.texts) {
      std::vector<uint32_t>& nodes =
          wanted[bound.field].exact[std::string(text.exact_text())].nodes;
      if (nodes.empty() || nodes.back() != node) nodes.push_back(node);
    }
  }

  std::vector<std::pair<uint32_t, const std::map<std::string, Exact, std::less<>>*>> exact;
  for (const auto& [number, want] : wanted) {
    IndexedField field;
    field.field = number;
    field.has_exact = !want.exact.empty();
    if (const auto settler = settlers.find(number); settler != settlers.end()) {
      field.settler = settler->second;
    }
    for (const auto& [text, follows] : want.exact) {
      field.all_rules.insert(field.all_rules.end(), follows.rules.begin(), follows.rules.end());
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
    exact.emplace_back(number, &want.exact);
  }
  build_exact(exact);
}

template <typename Texts>
void SourceIndex::build_exact(const Texts& texts) {
  size_t count = 0;
  for (const auto& [field, exact] : texts) count += exact->size();
  exact_.resize(std::bit_ceil(count * 2 + 2));
  const size_t mask = exact_.size() - 1;
  for (const auto& [field, exact] : texts) {
    for (const auto& [text, follows] : *exact) {
      const uint64_t hash = field_hash(hash_(text, scratch_), field);
      size_t at = hash & mask;
      while (exact_[at].field != UINT32_MAX) at = (at + 1) & mask;
      exact_[at] = {hash,
                    static_cast<uint32_t>(exact_texts_.size()),
                    static_cast<uint32_t>(text.size()),
                    field,
                    static_cast<uint32_t>(exact_numbers_.size()),
                    static_cast<uint32_t>(follows.rules.size()),
                    static_cast<uint32_t>(follows.nodes.size())};
      exact_texts_ += text;
      exact_numbers_.insert(exact_numbers_.end(), follows.rules.begin(), follows.rules.end());
      exact_numbers_.insert(exact_numbers_.end(), follows.nodes.begin(), follows.nodes.end());
    }
  }
}

const SourceIndex::ExactSlot* SourceIndex::find_exact(uint64_t hash, uint32_t field,
                                                      std::string_view text) {
  const size_t mask = exact_.size() - 1;
  for (size_t at = hash & mask; exact_[at].field != UINT32_MAX; at = (at + 1) & mask) {
    const ExactSlot& slot = exact_[at];
    if (slot.hash != hash || slot.field != field) continue;
    const auto wanted = std::string_view(exact_texts_).substr(slot.text, slot.size);
    if (text == wanted || codec::fold_case(text, scratch_) == wanted) return &slot;
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

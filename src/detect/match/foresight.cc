#include "detect/match/foresight.h"

#include <algorithm>

namespace stanch::detect::match {

Foresight::Verdict Foresight::verdict(uint32_t number) {
  const ConditionNode& node = rules_.nodes[number];
  switch (node.kind) {
    case ConditionNode::Kind::kPredicate: return of_predicate(number);
    case ConditionNode::Kind::kNot: {
      const Verdict child = verdict(rules_.children[node.first]);
      if (child == Verdict::kOpen) return child;
      return child == Verdict::kYes ? Verdict::kNo : Verdict::kYes;
    }
    case ConditionNode::Kind::kAnd: return of_children(node, Verdict::kNo, Verdict::kYes);
    case ConditionNode::Kind::kOr: return of_children(node, Verdict::kYes, Verdict::kNo);
  }
  return Verdict::kOpen;
}

Foresight::Verdict Foresight::of_predicate(uint32_t node) {
  const BoundPredicate& bound = rules_.predicates[rules_.nodes[node].first];
  const auto is_decided = [&](uint32_t field) {
    return std::ranges::find(key_fields_, field) != key_fields_.end() ||
           event_.finder().places().is_absent_in_layout(field);
  };
  if (bound.field == kKeywordField || !is_decided(bound.field) ||
      !std::ranges::all_of(bound.other_fields, is_decided)) {
    return Verdict::kOpen;
  }
  answers_.push_back({node, holds(bound, event_)});
  return answers_.back().holds ? Verdict::kYes : Verdict::kNo;
}

Foresight::Verdict Foresight::of_children(const ConditionNode& node, Verdict deciding,
                                          Verdict otherwise) {
  Verdict result = otherwise;
  for (uint32_t i = 0; i < node.count; ++i) {
    const Verdict child = verdict(rules_.children[node.first + i]);
    if (child == deciding) return child;
    if (child == Verdict::kOpen) result = child;
  }
  return result;
}

}  // namespace stanch::detect::match

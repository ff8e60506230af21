#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "detect/correlate/plan.h"
#include "detect/detect.h"
#include "detect/match/evaluate.h"
#include "detect/sigma/filter.h"
#include "detect/sigma/rule.h"

namespace stanch::detect {

namespace match {

// A condition over predicates: nodes in one list, children by index, so that
// evaluation touches little memory. Cheap children come first.
struct ConditionNode {
  enum class Kind : uint8_t { kAnd, kOr, kNot, kPredicate };
  Kind kind = Kind::kPredicate;
  uint32_t first = 0;  // of `children`; the predicate's number for kPredicate
  uint32_t count = 0;  // of children
};

// A text that an event must have in a field for the rule to match at all.
// A rule's clues are alternatives: without any of them it cannot match.
struct Clue {
  enum class Kind : uint8_t {
    kExact,    // some value of the field is this text
    kLiteral,  // some value of the field contains it
  };
  Kind kind = Kind::kExact;
  uint32_t field = 0;
  std::string text;  // folded
};

// Where an item of a rule went, to say afterwards which values decided.
struct CompiledItem {
  uint32_t node;       // of its predicate
  uint32_t detection;  // index into the rule's detections
  bool negated;
};

struct CompiledRule {
  uint32_t root = 0;     // its condition
  bool indexed = false;  // false: it must be evaluated for every event of its log source
  std::vector<uint32_t> detections;  // node of each of the rule's detections
  std::vector<CompiledItem> items;   // in the rule's order
  std::vector<Clue> clues;           // if indexed; none at all means that it can never match
};

}  // namespace match

// All rules as one program. Immutable; shared by all threads.
class RuleSet {
 public:
  std::vector<sigma::Rule> trees;
  // Of the rules, then of the correlations.
  std::vector<std::shared_ptr<const model::RuleInfo>> infos;
  std::vector<match::CompiledRule> rules;  // parallel to trees

  match::FieldTable fields;
  std::vector<match::BoundPredicate> predicates;
  std::vector<match::ConditionNode> nodes;
  std::vector<uint32_t> children;  // of nodes

  std::vector<sigma::Filter> filters;
  std::vector<uint32_t> filter_roots;             // their conditions
  std::vector<std::vector<uint32_t>> filters_of;  // by rule, rising
  correlate::Plan plan;
  // By rule: what Plan::rule_fields names, by its number in `fields`.
  std::vector<std::vector<uint32_t>> told_fields;
  std::vector<bool> shown;  // by rule, then by correlation
};

namespace match {

// L1: whether a rule looks at this log at all.
bool concerns(const sigma::LogSource& rule, const EventSource& event);

}  // namespace match

}  // namespace stanch::detect

#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "detect/match/evaluate.h"
#include "detect/match/program.h"

namespace stanch::detect::match {

// What can be said of conditions for all events that agree with this one in some key fields and
// in their layout: predicates on key fields hold or not, and so do those on fields that are
// absent; all others are open. So logic has three values (Kleene's). Requires that the event
// has a layout.
class Foresight {
 public:
  Foresight(const RuleSet& rules, EventReader& event, std::span<const uint32_t> key_fields)
      : rules_(rules), event_(event), key_fields_(key_fields) {}

  struct Answer {
    uint32_t node;  // of a predicate
    bool holds;
  };
  // Whether the condition of this node is false for all of them.
  bool excludes(uint32_t node) {
    const size_t answers = answers_.size();
    const bool excluded = verdict(node) == Verdict::kNo;
    if (excluded) answers_.resize(answers);
    return excluded;
  }

  // What is known of the rules that were not excluded.
  const std::vector<Answer>& answers() const { return answers_; }

 private:
  enum class Verdict : uint8_t { kNo, kYes, kOpen };

  Verdict verdict(uint32_t node);
  Verdict of_predicate(uint32_t node);
  Verdict of_children(const ConditionNode& node, Verdict deciding, Verdict otherwise);

  const RuleSet& rules_;
  EventReader& event_;
  std::span<const uint32_t> key_fields_;
  std::vector<Answer> answers_;
};

}  // namespace stanch::detect::match

#include <algorithm>
#include <list>
#include <utility>

#include "detect/detect.h"
#include "detect/match/index.h"
#include "detect/match/program.h"

namespace stanch::detect {

using match::BoundPredicate;
using match::ConditionNode;

struct Matcher::State {
  // An index for each log source met, built when it is met first.
  struct Source {
    Source(const RuleSet& rules, const EventSource& source, codec::HashSecret secret)
        : product(source.product),
          service(source.service),
          category(source.category),
          index(rules, source, secret) {}
    std::string product, service, category;
    match::SourceIndex index;
  };

  State(std::shared_ptr<const RuleSet> set, codec::HashSecret key)
      : rules(std::move(set)),
        secret(key),
        event(rules->fields),
        candidate_of(rules->rules.size()),
        answers(rules->nodes.size()) {}

  match::SourceIndex& index_for(const EventSource& source) {
    for (Source& known : sources) {
      if (known.product == source.product && known.service == source.service &&
          known.category == source.category) {
        return known.index;
      }
    }
    return sources.emplace_back(*rules, source, secret).index;
  }

  // The truth of a node for the current event; each predicate is asked once.
  bool holds(uint32_t number) {
    const ConditionNode& node = rules->nodes[number];
    switch (node.kind) {
      case ConditionNode::Kind::kPredicate: {
        uint64_t& answer = answers[number];
        if (answer >> 1 != event.number()) {
          if (index->has_settled(number)) return false;
          answer =
              event.number() << 1 | uint64_t{match::holds(rules->predicates[node.first], event)};
        }
        return (answer & 1) != 0;
      }
      case ConditionNode::Kind::kNot: return !holds(rules->children[node.first]);
      case ConditionNode::Kind::kAnd:
        for (uint32_t i = 0; i < node.count; ++i) {
          if (!holds(rules->children[node.first + i])) return false;
        }
        return true;
      case ConditionNode::Kind::kOr:
        for (uint32_t i = 0; i < node.count; ++i) {
          if (holds(rules->children[node.first + i])) return true;
        }
        return false;
    }
    return false;
  }

  std::shared_ptr<const RuleSet> rules;
  codec::HashSecret secret;
  std::list<Source> sources;
  match::EventReader event;
  match::SourceIndex* index = nullptr;  // of the current event's source
  std::vector<uint32_t> candidates;     // of the current event
  std::vector<uint64_t> candidate_of;   // by rule: the event it was a candidate for last
  std::vector<uint64_t> answers;        // by node: number of the event, and the answer
  std::vector<Match> matches;
};

Matcher::Matcher(std::shared_ptr<const RuleSet> rules, codec::HashSecret secret)
    : state_(std::make_unique<State>(std::move(rules), secret)) {}
Matcher::~Matcher() = default;
Matcher::Matcher(Matcher&&) noexcept = default;

Matcher::Verdict Matcher::match(codec::JsonView event, const EventSource& source) {
  State& state = *state_;
  state.index = &state.index_for(source);
  state.event.start(event);
  state.matches.clear();
  state.candidates.clear();
  const uint64_t number = state.event.number();
  state.index->look_up(
      state.event,
      [&](uint32_t rule) {
        if (std::exchange(state.candidate_of[rule], number) == number) return;
        state.candidates.push_back(rule);
      },
      [&](uint32_t node) { state.answers[node] = number << 1 | 1; });
  for (const uint32_t rule : state.candidates) {
    if (state.holds(state.rules->rules[rule].root)) state.matches.push_back({rule});
  }
  if (state.matches.size() > 1) {
    std::ranges::sort(state.matches, {}, [](const Match& match) { return match.rule; });
  }
  return {state.matches, state.index->gated()};
}

std::vector<model::MatchedField> Matcher::matched_fields(uint32_t rule) {
  State& state = *state_;
  const match::CompiledRule& compiled = state.rules->rules[rule];
  const sigma::Rule& tree = state.rules->trees[rule];
  std::vector<model::MatchedField> out;
  for (const match::CompiledItem& item : compiled.items) {
    if (item.negated || !state.holds(compiled.detections[item.detection])) continue;
    if (!state.holds(item.node)) continue;
    const BoundPredicate& bound = state.rules->predicates[state.rules->nodes[item.node].first];
    const std::span<match::ResolvedValue> values = bound.field == match::kKeywordField
                                                       ? state.event.scalars()
                                                       : state.event.field(bound.field).values;
    model::MatchedField matched{tree.detections[item.detection].name, bound.predicate.field, ""};
    for (match::ResolvedValue& value : values) {
      const bool decides = bound.predicate.kind == match::PredicateKind::kExists ||
                           match::value_holds(bound, value, state.event);
      if (!decides) continue;
      matched.value = match::display_text(value, state.event);
      break;
    }
    out.push_back(std::move(matched));
  }
  return out;
}

std::span<const std::shared_ptr<const model::RuleInfo>> rule_infos(const RuleSet& rules) {
  return rules.infos;
}

std::span<const sigma::Rule> rule_trees(const RuleSet& rules) { return rules.trees; }

}  // namespace stanch::detect

// Checked trees -> one program.
//
// 1. Every item becomes predicates; equal questions become one predicate.
// 2. Every condition becomes a tree over predicates.
// 3. Every rule gets clues: a set of texts of which an event must have at least
//    one. Let clues(n) be such a set for "n is true":
//      predicate   its texts, if all of them are positive texts on a field
//      and         the cheapest set among the children
//      or          the union of the children's sets; none if a child has none
//      not         none
//    An event that has no clue of a rule cannot match it, so nearly all rules
//    cost nothing for nearly all events. "Cheapest" is judged by how many
//    different texts all rules together want of a field: `eventName`, with
//    hundreds, splits events better than `eventSource`, with dozens.
//    The alternative, one decision tree over several fields, would save little:
//    what remains is a handful of rules an event, each ended by its second item.

#include "detect/match/compile.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <unordered_map>
#include <unordered_set>

#include "base/ascii.h"
#include "base/check.h"
#include "codec/fold.h"

namespace stanch::detect::match {

namespace {

// Shorter literals are in too many values to help.
constexpr size_t kLiteralBytesMin = 3;
// More alternatives than this make the index larger than it is worth.
constexpr size_t kCluesMax = 2000;

using Clues = std::optional<std::vector<Clue>>;

class Compiler {
 public:
  explicit Compiler(RuleSet& out) : out_(out) {}

  void compile(const sigma::Rule& rule) {
    const uint32_t root = root_of(rule);
    out_.rules.push_back({.root = root, .detections = detections_, .items = items_, .clues = {}});
  }

  void compile(const sigma::Filter& filter) { out_.filter_roots.push_back(root_of(filter.rule)); }

  // After all rules are compiled, so that the fields' texts are counted.
  void choose_clues() {
    count_texts();
    for (CompiledRule& rule : out_.rules) {
      if (Clues clues = clues_of(rule.root); clues && clues->size() <= kCluesMax) {
        rule.indexed = true;
        rule.clues = std::move(*clues);
      }
    }
  }

 private:
  uint32_t root_of(const sigma::Rule& rule) {
    detections_.clear();
    items_.clear();
    for (const sigma::NamedDetection& named : rule.detections) {
      detections_.push_back(detection(named.detection));
    }
    std::vector<uint32_t> roots;
    for (const sigma::Condition& c : rule.conditions) roots.push_back(condition(c));
    return join(ConditionNode::Kind::kOr, std::move(roots));
  }

  uint32_t add(ConditionNode node) {
    out_.nodes.push_back(node);
    return static_cast<uint32_t>(out_.nodes.size() - 1);
  }

  uint32_t join(ConditionNode::Kind kind, std::vector<uint32_t> children) {
    CHECK(!children.empty());
    if (children.size() == 1) return children[0];
    std::ranges::stable_sort(children, {}, [this](uint32_t child) { return cost(child); });
    const auto first = static_cast<uint32_t>(out_.children.size());
    out_.children.insert(out_.children.end(), children.begin(), children.end());
    return add({kind, first, static_cast<uint32_t>(children.size())});
  }

  uint32_t negate(uint32_t child) {
    const auto first = static_cast<uint32_t>(out_.children.size());
    out_.children.push_back(child);
    return add({ConditionNode::Kind::kNot, first, 1});
  }

  // How dear a node is to evaluate, roughly.
  unsigned cost(uint32_t node) const {
    const ConditionNode& n = out_.nodes[node];
    if (n.kind != ConditionNode::Kind::kPredicate) {
      unsigned most = 0;
      for (uint32_t i = 0; i < n.count; ++i)
        most = std::max(most, cost(out_.children[n.first + i]));
      return most + 1;
    }
    const BoundPredicate& bound = out_.predicates[n.first];
    if (bound.field == kKeywordField) return 100;
    switch (bound.predicate.kind) {
      case PredicateKind::kNever: return 0;
      case PredicateKind::kExists: return 2;
      case PredicateKind::kValue:
        return bound.predicate.texts.size() == bound.predicate.exact_texts ? 1 : 4;
      case PredicateKind::kRegex:
        return std::ranges::all_of(bound.predicate.expressions, &Expression::is_quick) ? 5 : 20;
      default: return 6;
    }
  }

  uint32_t predicate(Predicate predicate) {
    const auto [known, is_new] =
        known_.try_emplace(predicate.key, static_cast<uint32_t>(out_.nodes.size()));
    if (!is_new) return known->second;
    BoundPredicate bound;
    bound.field = predicate.field.empty() ? kKeywordField : out_.fields.add(predicate.field);
    for (const std::string& other : predicate.other_fields) {
      bound.other_fields.push_back(out_.fields.add(other));
    }
    bound.predicate = std::move(predicate);
    out_.predicates.push_back(std::move(bound));
    return add(
        {ConditionNode::Kind::kPredicate, static_cast<uint32_t>(out_.predicates.size() - 1), 0});
  }

  uint32_t item(const sigma::Item& item) {
    LoweredItem lowered = lower(item);
    std::vector<uint32_t> all;
    for (Predicate& p : lowered.all) {
      all.push_back(predicate(std::move(p)));
      items_.push_back({all.back(), static_cast<uint32_t>(detections_.size()), lowered.negated});
    }
    const uint32_t node = join(ConditionNode::Kind::kAnd, std::move(all));
    return lowered.negated ? negate(node) : node;
  }

  uint32_t detection(const sigma::Detection& d) {
    if (d.kind == sigma::Detection::Kind::kItem) return item(d.item);
    std::vector<uint32_t> children;
    for (const sigma::Detection& child : d.children) children.push_back(detection(child));
    return join(d.kind == sigma::Detection::Kind::kAll ? ConditionNode::Kind::kAnd
                                                       : ConditionNode::Kind::kOr,
                std::move(children));
  }

  uint32_t condition(const sigma::Condition& c) {
    using Kind = sigma::Condition::Kind;
    std::vector<uint32_t> parts;
    for (const sigma::Condition& child : c.children) parts.push_back(condition(child));
    for (const uint32_t d : c.detections) parts.push_back(detections_[d]);
    switch (c.kind) {
      case Kind::kAnd:
      case Kind::kAllOf: return join(ConditionNode::Kind::kAnd, std::move(parts));
      case Kind::kOr:
      case Kind::kAnyOf: return join(ConditionNode::Kind::kOr, std::move(parts));
      case Kind::kNot: return negate(parts[0]);
      case Kind::kDetection: return parts[0];
    }
    CHECK(false);
  }

  void count_texts() {
    std::map<uint32_t, std::set<std::string>> texts;
    for (const BoundPredicate& bound : out_.predicates) {
      for (const TextPattern& pattern : bound.predicate.texts) {
        if (pattern.is_exact()) texts[bound.field].emplace(pattern.exact_text());
      }
    }
    for (const auto& [field, set] : texts) distinct_texts_[field] = set.size();
    for (uint32_t field = 0; field < out_.fields.size(); ++field) {
      const std::string& name = out_.fields.path(field).name();
      for (size_t dot = name.find('.'); dot != std::string::npos; dot = name.find('.', dot + 1)) {
        containers_.insert(name.substr(0, dot));
      }
    }
  }

  // How many events these clues are expected to let through, as a weight to compare. An exact text
  // counts the less the more texts the rules know of its field; a literal says less than any
  // exact text of a field with some dozens of them; and a member that holds members of its own,
  // like requestParameters, says nothing, as the index cannot look inside.
  double weight(const std::vector<Clue>& clues) const {
    double sum = 0;
    for (const Clue& clue : clues) {
      if (containers_.contains(out_.fields.path(clue.field).name())) sum += 1;
      if (clue.kind == Clue::Kind::kLiteral) {
        const auto size = static_cast<double>(clue.text.size());
        sum += 0.06 + 0.5 / (size * size);
      } else {
        const auto found = distinct_texts_.find(clue.field);
        const size_t distinct = found == distinct_texts_.end() ? 1 : found->second;
        sum += 0.2 / (1.0 + static_cast<double>(distinct));
      }
    }
    return sum;
  }

  Clues clues_of(uint32_t node) const {
    const ConditionNode& n = out_.nodes[node];
    switch (n.kind) {
      case ConditionNode::Kind::kNot: return std::nullopt;
      case ConditionNode::Kind::kPredicate: return clues_of(out_.predicates[n.first]);
      case ConditionNode::Kind::kAnd: {
        Clues best;
        for (uint32_t i = 0; i < n.count; ++i) {
          Clues clues = clues_of(out_.children[n.first + i]);
          if (clues && (!best || weight(*clues) < weight(*best))) best = std::move(clues);
        }
        return best;
      }
      case ConditionNode::Kind::kOr: {
        std::vector<Clue> all;
        for (uint32_t i = 0; i < n.count; ++i) {
          Clues clues = clues_of(out_.children[n.first + i]);
          if (!clues) return std::nullopt;
          std::ranges::move(*clues, std::back_inserter(all));
        }
        return all;
      }
    }
    CHECK(false);
  }

  static Clues clues_of(const BoundPredicate& bound) {
    const Predicate& predicate = bound.predicate;
    if (predicate.kind == PredicateKind::kNever) return std::vector<Clue>();
    if (bound.field == kKeywordField) return std::nullopt;
    std::vector<Clue> clues;
    if (predicate.kind == PredicateKind::kValue && !predicate.null && predicate.numbers.empty() &&
        predicate.booleans.empty()) {
      for (const TextPattern& pattern : predicate.texts) {
        if (pattern.is_exact()) {
          clues.push_back({Clue::Kind::kExact, bound.field,
                           codec::fold_case(std::string(pattern.exact_text()))});
        } else {
          const std::string literal = codec::fold_case(std::string(pattern.longest_literal()));
          if (literal.size() < kLiteralBytesMin) return std::nullopt;
          clues.push_back({Clue::Kind::kLiteral, bound.field, literal});
        }
      }
      return clues;
    }
    if (predicate.kind == PredicateKind::kRegex) {
      for (const Expression& expression : predicate.expressions) {
        if (expression.required_literals().empty()) return std::nullopt;
        for (const std::string& literal : expression.required_literals()) {
          clues.push_back({Clue::Kind::kLiteral, bound.field, literal});
        }
      }
      return clues;
    }
    return std::nullopt;
  }

  RuleSet& out_;
  std::unordered_map<std::string, uint32_t> known_;      // predicate key -> node
  std::unordered_map<uint32_t, size_t> distinct_texts_;  // field -> exact texts wanted of it
  std::unordered_set<std::string> containers_;           // names that longer names go through
  std::vector<uint32_t> detections_;                     // roots, of the rule at hand
  std::vector<CompiledItem> items_;                      // of the rule at hand
};

void add_correlations(std::span<const sigma::Correlation> correlations, RuleSet& out) {
  out.plan = correlate::make_plan(correlations, out.trees.size());
  for (const std::vector<std::string>& fields : out.plan.rule_fields) {
    std::vector<uint32_t>& numbers = out.told_fields.emplace_back();
    for (const std::string& field : fields) numbers.push_back(out.fields.add(field));
  }
  for (const sigma::Correlation& correlation : correlations) {
    out.infos.push_back(std::make_shared<model::RuleInfo>(correlation.info));
  }
  out.shown = sigma::find_shown(correlations, out.trees.size());
}

}  // namespace

std::shared_ptr<const RuleSet> compile(std::vector<sigma::Rule> rules,
                                       std::span<const sigma::Correlation> correlations,
                                       std::vector<sigma::Filter> filters) {
  auto out = std::make_shared<RuleSet>();
  Compiler compiler(*out);
  for (const sigma::Rule& rule : rules) {
    compiler.compile(rule);
    out->infos.push_back(std::make_shared<model::RuleInfo>(rule.info));
  }
  compiler.choose_clues();
  for (const sigma::Filter& filter : filters) compiler.compile(filter);
  out->trees = std::move(rules);
  out->filters = std::move(filters);
  out->filters_of.resize(out->trees.size());
  for (uint32_t i = 0; i < out->filters.size(); ++i) {
    for (const uint32_t rule : out->filters[i].rules) out->filters_of[rule].push_back(i);
  }
  add_correlations(correlations, *out);
  return out;
}

bool is_indexed(const RuleSet& rules, uint32_t rule) { return rules.rules[rule].indexed; }

bool concerns(const sigma::LogSource& rule, const EventSource& event) {
  const auto agree = [](std::string_view wanted, std::string_view given) {
    return wanted.empty() || given.empty() || equal_ignoring_ascii_case(wanted, given);
  };
  return agree(rule.product, event.product) && agree(rule.service, event.service) &&
         agree(rule.category, event.category);
}

}  // namespace stanch::detect::match

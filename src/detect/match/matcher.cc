#include <algorithm>
#include <list>
#include <span>
#include <utility>

#include "codec/hash.h"
#include "codec/utf8.h"
#include "detect/detect.h"
#include "detect/match/candidate_memo.h"
#include "detect/match/index.h"
#include "detect/match/program.h"
#include "model/key_table.h"

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
          index(rules, source, secret),
          memo(index.key_fields(), secret) {}
    bool is(const EventSource& source) const {
      return model::same_text(product, source.product) &&
             model::same_text(service, source.service) &&
             model::same_text(category, source.category);
    }
    std::string product, service, category;
    match::SourceIndex index;
    match::CandidateMemo memo;
  };

  State(std::shared_ptr<const RuleSet> set, codec::HashSecret key)
      : rules(std::move(set)),
        secret(key),
        event(rules->fields),
        candidate_of(rules->rules.size()),
        answers(rules->nodes.size()) {}

  Source& source_for(const EventSource& source) {
    if (last_source == nullptr || !last_source->is(source)) {
      const auto known = std::ranges::find_if(sources, [&](Source& s) { return s.is(source); });
      last_source =
          known != sources.end() ? &*known : &sources.emplace_back(*rules, source, secret);
    }
    return *last_source;
  }

  void add_candidate(uint32_t rule) {
    if (std::exchange(candidate_of[rule], event.number()) != event.number()) {
      candidates.push_back(rule);
    }
  }

  void find_candidates(Source& source) {
    candidates.clear();
    const auto add = [this](uint32_t rule) { add_candidate(rule); };
    match::CandidateMemo::Entry* entry = source.memo.find(event);
    if (entry != nullptr && entry->hash != source.memo.hash()) remember_candidates(source, *entry);
    if (entry == nullptr) {
      source.index.look_up_keys(event, add);
      source.index.look_up_others(event, add);
      return;
    }
    for (const uint32_t rule : entry->rules) add_candidate(rule);
    for (const match::Foresight::Answer& answer : entry->answers) {
      answers[answer.node] = event.number() << 1 | uint64_t{answer.holds};
    }
    source.index.look_up_others(event, add, entry->other_fields);
  }

  void remember_candidates(Source& source, match::CandidateMemo::Entry& entry) {
    std::vector<uint32_t> found;
    source.index.look_up_keys(event, [&](uint32_t rule) { found.push_back(rule); });
    std::ranges::sort(found);
    found.erase(std::ranges::unique(found).begin(), found.end());
    match::Foresight foresight(*rules, event, source.index.key_fields());
    const auto is_excluded = [&](uint32_t rule) {
      return foresight.excludes(rules->rules[rule].root);
    };
    std::erase_if(found, is_excluded);
    entry.hash = source.memo.hash();
    entry.other_fields = source.index.other_fields_but(is_excluded);
    entry.rules = found;
    entry.answers = foresight.answers();
  }

  // The truth of a node for the current event; each predicate is asked once.
  bool holds(uint32_t number) {
    const ConditionNode& node = rules->nodes[number];
    switch (node.kind) {
      case ConditionNode::Kind::kPredicate: {
        uint64_t& answer = answers[number];
        if (answer >> 1 != event.number()) {
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

  // Which filters say to hide what was found.
  void find_filters() {
    hiding.clear();
    size_t filters_max = 0;
    for (const Match& match : matches) filters_max += rules->filters_of[match.rule].size();
    hiding.reserve(filters_max);  // the spans stay where they are
    for (Match& match : matches) {
      const size_t begin = hiding.size();
      for (const uint32_t filter : rules->filters_of[match.rule]) {
        if (holds(rules->filter_roots[filter]) != rules->filters[filter].hides) continue;
        hiding.push_back(filter);
      }
      match.filters = std::span(hiding).subspan(begin);
    }
  }

  // What a finding shows of a value.
  std::string_view store_text(match::ResolvedValue& value, TextArena& arena) {
    if (value.view.is_scalar()) {
      const std::string_view text = event.text(value);
      if (text.size() <= model::kMatchedValueBytesMax) return arena.store(text);
    }
    return arena.store(match::display_text(value, event));
  }

  std::shared_ptr<const RuleSet> rules;
  codec::HashSecret secret;
  std::list<Source> sources;
  Source* last_source = nullptr;
  match::EventReader event;
  std::vector<uint32_t> candidates;    // of the current event
  std::vector<uint64_t> candidate_of;  // by rule: the event it was a candidate for last
  std::vector<uint64_t> answers;       // by node: number of the event, and the answer
  std::vector<Match> matches;
  std::vector<uint32_t> hiding;  // filters, of all matches
};

Matcher::Matcher(std::shared_ptr<const RuleSet> rules, codec::HashSecret secret)
    : state_(std::make_unique<State>(std::move(rules), secret)) {}
Matcher::~Matcher() = default;
Matcher::Matcher(Matcher&&) noexcept = default;

Matcher::Verdict Matcher::match(codec::JsonView event, const EventSource& source) {
  State& state = *state_;
  State::Source& known = state.source_for(source);
  state.event.start(event);
  state.matches.clear();
  state.find_candidates(known);
  for (const uint32_t rule : state.candidates) {
    if (state.holds(state.rules->rules[rule].root)) state.matches.push_back({rule});
  }
  if (state.matches.size() > 1) {
    std::ranges::sort(state.matches, {}, [](const Match& match) { return match.rule; });
  }
  state.find_filters();
  return {state.matches, known.index.gated()};
}

std::span<const model::MatchedField> Matcher::matched_fields(uint32_t rule, TextArena& arena) {
  State& state = *state_;
  const match::CompiledRule& compiled = state.rules->rules[rule];
  const sigma::Rule& tree = state.rules->trees[rule];
  const std::span<model::MatchedField> out =
      arena.make_list<model::MatchedField>(compiled.items.size());
  size_t count = 0;
  for (const match::CompiledItem& item : compiled.items) {
    if (item.negated || !state.holds(compiled.detections[item.detection])) continue;
    if (!state.holds(item.node)) continue;
    const BoundPredicate& bound = state.rules->predicates[state.rules->nodes[item.node].first];
    const std::span<match::ResolvedValue> values = bound.field == match::kKeywordField
                                                       ? state.event.scalars()
                                                       : state.event.field(bound.field).values;
    model::MatchedField& matched = out[count++];
    matched.selection = tree.detections[item.detection].name;
    matched.field = bound.predicate.field;
    for (match::ResolvedValue& value : values) {
      // The only value of a field that holds is the one.
      const bool decides = values.size() == 1 ||
                           bound.predicate.kind == match::PredicateKind::kExists ||
                           match::value_holds(bound, value, state.event);
      if (!decides) continue;
      matched.value = state.store_text(value, arena);
      break;
    }
  }
  return out.first(count);
}

namespace {

// Long texts by their beginning and hash: who writes logs must not choose how much is remembered.
std::string_view told_text(std::string_view text, TextArena& arena) {
  if (text.size() <= kToldBytesMax) return arena.store(text);
  constexpr size_t kBeginning = 64;
  std::string shortened(text.substr(0, kBeginning));
  while (!codec::is_utf8(shortened) && shortened.size() > kBeginning - 4) shortened.pop_back();
  return arena.store(shortened + "#" + codec::to_hex(codec::sha256(text)));
}

}  // namespace

std::span<const std::optional<std::string_view>> Matcher::told_values(uint32_t rule,
                                                                      TextArena& arena) {
  State& state = *state_;
  const std::vector<uint32_t>& fields = state.rules->told_fields[rule];
  const auto out = arena.make_list<std::optional<std::string_view>>(fields.size());
  for (size_t i = 0; i < fields.size(); ++i) {
    const std::span<match::ResolvedValue> values = state.event.field(fields[i]).values;
    const auto first = std::ranges::find_if(values, [](const match::ResolvedValue& value) {
      return value.view.is_scalar() && !value.view.is_null();
    });
    if (first != values.end()) out[i] = told_text(state.event.text(*first), arena);
  }
  return out;
}

std::span<const std::shared_ptr<const model::RuleInfo>> rule_infos(const RuleSet& rules) {
  return rules.infos;
}

size_t rule_count(const RuleSet& rules) { return rules.trees.size(); }

std::span<const sigma::Filter> filters(const RuleSet& rules) { return rules.filters; }

const correlate::Plan& correlations(const RuleSet& rules) { return rules.plan; }

bool is_shown(const RuleSet& rules, uint32_t index) { return rules.shown[index]; }

std::span<const sigma::Rule> rule_trees(const RuleSet& rules) { return rules.trees; }

}  // namespace stanch::detect

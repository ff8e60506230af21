#include "detect/sigma/read_correlation.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "base/suggest.h"
#include "detect/correlate/fixed.h"
#include "detect/correlate/limits.h"
#include "detect/sigma/condition.h"
#include "detect/sigma/limits.h"
#include "detect/sigma/metadata.h"

// Sigma 2.1, "Sigma Correlation Rules":
//
//   correlation:
//     type: event_count
//     rules: [name or id, …]
//     group-by: [field or alias, …]
//     timespan: 5m
//     condition: {gte: 10, field: f}        temporal: absent, a count, or "a and not b"
//     aliases: {name: {rule: field, …}}
//     generate: true                        also beside `correlation`
//     learning: 7d                          of our own, for x_…; in the condition also `factor`
//
// Aliases and the extended condition (SEP 198) name rules as `rules` writes them.

namespace stanch::detect::sigma {

namespace correlations {

using codec::YamlMember;
using codec::YamlNode;

constexpr std::array<std::string_view, 12> kTypes = {
    "event_count",  "value_count", "temporal",         "temporal_ordered",
    "value_sum",    "value_avg",   "value_percentile", "value_median",
    "x_first_seen", "x_rare",      "x_surge",          "x_silence"};
constexpr std::array<std::string_view, 6> kOperators = {"gt", "gte", "lt", "lte", "eq", "neq"};
constexpr std::array<std::string_view, 8> kFields = {
    "type", "rules", "group-by", "timespan", "learning", "condition", "aliases", "generate"};

std::string list_words(std::span<const std::string_view> words) {
  std::string text = "write one of";
  for (const std::string_view word : words) text += " " + std::string(word);
  return text;
}

bool is_temporal(CorrelationType type) {
  return type == CorrelationType::kTemporal || type == CorrelationType::kTemporalOrdered;
}

bool is_count(CorrelationType type) {
  return type == CorrelationType::kEventCount || type == CorrelationType::kValueCount ||
         type == CorrelationType::kTemporal || type == CorrelationType::kRare ||
         type == CorrelationType::kSurge;
}

bool is_whole(std::string_view number) {
  return number.find_first_not_of("0123456789") == std::string_view::npos;
}

bool has_exponent(std::string_view number) {
  return number.find_first_of("eE") != std::string_view::npos;
}

// Whether no count, which is at least one, and at most `most`, can satisfy the bound.
bool never_holds(const Bound& bound, uint64_t most) {
  uint64_t number = 0;
  std::from_chars(bound.number.data(), bound.number.data() + bound.number.size(), number);
  using enum Bound::Operator;
  switch (bound.op) {
    case kGt: return number >= most;
    case kGte: return number > most;
    case kLt: return number <= 1;
    case kLte: return number == 0;
    case kEq: return number == 0 || number > most;
    case kNeq: return false;
  }
  return false;
}

class CorrelationReader {
 public:
  CorrelationReader(const YamlNode& root, Reporter& reporter) : root_(root), reporter_(reporter) {}

  Correlation read() {
    out_.name = read_info(root_, "correlation", out_.info, reporter_);
    const YamlNode& map = *root_.find("correlation");
    if (!map.is_map()) {
      wrong_type(map, "`correlation` is not a map", "write type, rules, timespan, condition");
      return std::move(out_);
    }
    warn_of_unknown(map);
    const bool known_type = read_type(map);
    read_rules(map);
    out_.group_by = read_names(map, "group-by", out_.group_by_at);
    read_timespan(map);
    if (known_type) read_learning(map);
    read_aliases(map);
    read_generate(root_);
    read_generate(map);
    if (known_type) read_condition(map);
    return std::move(out_);
  }

 private:
  void wrong_type(const YamlNode& at, std::string message, std::string hint) {
    reporter_.report(Code::kWrongType, to_at(at.mark), std::move(message), std::move(hint));
  }
  void missing(const YamlNode& map, std::string_view field, std::string hint) {
    reporter_.report(Code::kMissingField, to_at(map.mark),
                     "the correlation has no `" + std::string(field) + "`", std::move(hint));
  }
  void misfit(codec::YamlMark at, std::string message, std::string hint) {
    reporter_.report(Code::kCorrelationCondition, to_at(at), std::move(message), std::move(hint));
  }

  void warn_of_unknown(const YamlNode& map) {
    for (const YamlMember& member : map.members) {
      const std::string& key = member.key.text;
      if (std::ranges::find(kFields, key) != kFields.end()) continue;
      reporter_.report(Code::kLikelyTypo, to_at(member.key.mark),
                       "'" + key + "' means nothing in `correlation`",
                       did_you_mean(key, kFields, "remove it"));
    }
  }

  bool read_type(const YamlNode& map) {
    const auto type = read_text(map, "type", reporter_);
    if (!type) {
      const YamlNode* node = map.find("type");
      if (node == nullptr || node->is_scalar()) missing(map, "type", list_words(kTypes));
      return false;
    }
    const auto found = std::ranges::find(kTypes, *type);
    if (found == kTypes.end()) {
      reporter_.report(Code::kUnknownCorrelationType, to_at(map.find("type")->mark),
                       "'" + *type + "' is not a type of correlation",
                       did_you_mean(*type, kTypes, list_words(kTypes)));
      return false;
    }
    out_.type = static_cast<CorrelationType>(found - kTypes.begin());
    return true;
  }

  // A list of texts that are not empty; one alone is a list of one.
  std::vector<const YamlNode*> read_list(const YamlNode& map, std::string_view key, size_t max) {
    std::vector<const YamlNode*> list;
    const YamlNode* node = map.find(key);
    if (node == nullptr || node->is_null()) return list;
    const auto add = [&](const YamlNode& item) {
      if (!item.is_scalar() || item.is_null() || item.text.empty()) {
        wrong_type(item, "`" + std::string(key) + "` holds something that is no name",
                   "write a list of names");
      } else if (item.text.size() > kValueBytesMax) {
        reporter_.report(Code::kTooLarge, to_at(item.mark),
                         "a name of more than " + std::to_string(kValueBytesMax) + " bytes");
      } else {
        list.push_back(&item);
      }
    };
    if (node->is_list()) {
      for (const YamlNode& item : node->items) add(item);
    } else {
      add(*node);
    }
    if (list.size() > max) {
      reporter_.report(Code::kTooLarge, to_at(node->mark),
                       "`" + std::string(key) + "` has more than " + std::to_string(max) + " names",
                       "chain several correlations");
      list.resize(max);
    }
    return list;
  }

  std::vector<std::string> read_names(const YamlNode& map, std::string_view key,
                                      std::vector<At>& places) {
    std::vector<std::string> names;
    for (const YamlNode* node : read_list(map, key, kCorrelationFieldsMax)) {
      if (std::ranges::find(names, node->text) != names.end()) continue;
      names.push_back(node->text);
      places.push_back(to_at(node->mark));
    }
    return names;
  }

  void read_rules(const YamlNode& map) {
    const size_t errors_before = reporter_.errors();
    for (const YamlNode* node : read_list(map, "rules", kCorrelationRulesMax)) {
      if (std::ranges::find(out_.rules, node->text, &Reference::text) != out_.rules.end()) {
        reporter_.report(Code::kUnknownRule, to_at(node->mark),
                         "'" + node->text + "' stands in `rules` already",
                         "name each rule once; how often it fires is what conditions are for");
        continue;
      }
      Reference reference;
      reference.text = node->text;
      reference.at = to_at(node->mark);
      out_.rules.push_back(std::move(reference));
    }
    if (out_.rules.empty() && reporter_.errors() == errors_before) {
      missing(map, "rules", "write a list of names or ids of rules");
    }
  }

  void read_timespan(const YamlNode& map) {
    const auto text = read_text(map, "timespan", reporter_);
    const YamlNode* node = map.find("timespan");
    if (!text) {
      if (node == nullptr || node->is_scalar()) missing(map, "timespan", "write e.g. 5m");
      return;
    }
    if (const auto timespan = parse_timespan(*text)) {
      out_.timespan = *timespan;
      return;
    }
    reporter_.report(Code::kBadTimespan, to_at(node->mark), "'" + *text + "' is not a timespan",
                     "write a number and one of s m h d w M y, from 1s to 1y");
  }

  // A group that is not known for long has done nothing yet: by default, it is for a week, or as
  // long as it is remembered, if that is less.
  void read_learning(const YamlNode& map) {
    const auto text = read_text(map, "learning", reporter_);
    if (!is_learning(out_.type)) {
      if (text)
        misfit(map.find("learning")->mark, "`learning` is for the types that begin with x_",
               "remove it");
      return;
    }
    // Values are remembered for the timespan; what is usual, for as long as it takes to learn it.
    const bool news = is_about_news(out_.type);
    constexpr Duration kUsual = std::chrono::days(7);
    out_.learning = news ? std::min(kUsual, out_.timespan) : std::max(kUsual, out_.timespan);
    if (!text) return;
    const auto learning = *text == "0s" ? std::optional(Duration{}) : parse_timespan(*text);
    if (learning && (news ? *learning <= out_.timespan : *learning >= out_.timespan)) {
      out_.learning = *learning;
      return;
    }
    reporter_.report(Code::kBadTimespan, to_at(map.find("learning")->mark),
                     "'" + *text + "' is no time for learning",
                     news ? "write e.g. 7d, at most the timespan; 0s for none"
                          : "write e.g. 7d, at least the timespan");
  }

  void read_aliases(const YamlNode& map) {
    const YamlNode* aliases = map.find("aliases");
    if (aliases == nullptr || aliases->is_null()) return;
    if (!aliases->is_map()) {
      return wrong_type(*aliases, "`aliases` is not a map", "write {name: {rule: field}}");
    }
    if (aliases->members.size() > kCorrelationFieldsMax) {
      return reporter_.report(Code::kTooLarge, to_at(aliases->mark),
                              "more than " + std::to_string(kCorrelationFieldsMax) + " aliases",
                              "remove some");
    }
    for (const YamlMember& alias : aliases->members) read_alias(alias);
  }

  void read_alias(const YamlMember& alias) {
    const auto bad = [&](const YamlNode& at, std::string message, std::string hint) {
      reporter_.report(Code::kBadAlias, to_at(at.mark), std::move(message), std::move(hint));
    };
    const std::string& name = alias.key.text;
    if (!alias.value.is_map()) {
      return bad(alias.value, "the alias '" + name + "' is not a map", "write {rule: field}");
    }
    std::vector<std::string_view> rules;
    for (const Reference& reference : out_.rules) rules.push_back(reference.text);
    for (const YamlMember& member : alias.value.members) {
      const auto found = std::ranges::find(out_.rules, member.key.text, &Reference::text);
      if (found == out_.rules.end()) {
        bad(member.key, "'" + member.key.text + "' is not among the `rules`",
            did_you_mean(member.key.text, rules, "name rules as `rules` does"));
      } else if (!member.value.is_scalar() || member.value.text.empty()) {
        bad(member.value, "'" + name + "' is no field here", "write the name of a field");
      } else {
        found->aliases.push_back({name, {member.value.text}, to_at(member.value.mark)});
      }
    }
    for (const Reference& reference : out_.rules) {
      if (alias.value.find(reference.text) != nullptr) continue;
      bad(alias.key, "the alias '" + name + "' names no field of '" + reference.text + "'",
          "say which field it is there; without it no event of that rule would count");
    }
  }

  void read_generate(const YamlNode& map) {
    const YamlNode* generate = map.find("generate");
    if (generate == nullptr || generate->is_null()) return;
    if (!generate->is_scalar() || generate->type != codec::YamlType::kBool) {
      return wrong_type(*generate, "`generate` is not true or false", "write true or false");
    }
    out_.generate = generate->text.front() == 't' || generate->text.front() == 'T';
  }

  void read_condition(const YamlNode& map) {
    const YamlNode* condition = map.find("condition");
    if (out_.type == CorrelationType::kSurge || out_.type == CorrelationType::kSilence) {
      out_.factor = kFactorUsual[out_.type == CorrelationType::kSilence];
    }
    if (condition == nullptr || condition->is_null()) {
      if (out_.type == CorrelationType::kSilence) return;
      if (!is_temporal(out_.type)) missing(map, "condition", "write e.g. {gte: 10}");
      return;
    }
    if (out_.type == CorrelationType::kTemporalOrdered) {
      return misfit(condition->mark, "temporal_ordered takes no condition: all rules, in order",
                    "remove it, or use temporal");
    }
    if (condition->is_scalar() && out_.type == CorrelationType::kTemporal) {
      return read_expression(*condition);
    }
    if (!condition->is_map()) {
      return misfit(condition->mark, "the condition is not a map", "write e.g. {gte: 10}");
    }
    for (const YamlMember& member : condition->members) read_condition_member(member);
    if (out_.type == CorrelationType::kFirstSeen || out_.type == CorrelationType::kSilence) {
      if (!out_.bounds.empty() || bounds_wrong_ != 0) {
        misfit(condition->mark, std::string(name_of(out_.type)) + " compares with nothing",
               out_.type == CorrelationType::kSilence ? "write {factor: 3} or nothing"
                                                      : "write {field: f} alone");
      }
    } else if (out_.bounds.empty() && bounds_wrong_ == 0) {
      misfit(condition->mark, "the condition compares with nothing", "write e.g. {gte: 10}");
    }
    check_needed(*condition);
  }

  void read_expression(const YamlNode& text) {
    std::vector<NamedDetection> names;
    for (const Reference& reference : out_.rules) names.push_back({reference.text, {}, {}});
    std::vector<bool> used(names.size());
    out_.expression = parse_condition(text, names, used, reporter_, "rule");
    if (!out_.expression) return;
    for (size_t i = 0; i < used.size(); ++i) {
      if (used[i]) continue;
      reporter_.report(Code::kUnusedDetection, out_.rules[i].at,
                       "the condition does not use the rule '" + out_.rules[i].text + "'",
                       "its events still open windows: use it, or remove it");
    }
  }

  void read_condition_member(const YamlMember& member) {
    const std::string& key = member.key.text;
    if (key == "field") return read_fields(member);
    if (key == "percentile") return read_percentile(member);
    if (key == "factor") return read_factor(member);
    const auto found = std::ranges::find(kOperators, key);
    if (found != kOperators.end()) {
      return read_bound(static_cast<Bound::Operator>(found - kOperators.begin()), member.value);
    }
    ++bounds_wrong_;
    misfit(member.key.mark, "'" + key + "' means nothing in the condition",
           did_you_mean(key, kOperators, list_words(kOperators)));
  }

  void read_fields(const YamlMember& member) {
    using enum CorrelationType;
    if (out_.type == kEventCount || out_.type == kTemporal || out_.type == kSurge ||
        out_.type == kSilence) {
      return misfit(member.key.mark, std::string(name_of(out_.type)) + " takes no `field`",
                    "remove it, or use value_count");
    }
    YamlNode map;
    map.kind = codec::YamlKind::kMap;
    map.members.push_back(member);
    out_.fields = read_names(map, "field", out_.fields_at);
    if (out_.fields.size() > 1 && out_.type != kValueCount && !is_about_news(out_.type)) {
      misfit(member.key.mark, std::string(name_of(out_.type)) + " takes one field",
             "several fields are for value_count, x_first_seen and x_rare, which take tuples");
    }
  }

  void read_percentile(const YamlMember& member) {
    if (out_.type != CorrelationType::kValuePercentile) {
      return misfit(member.key.mark, "`percentile` is for value_percentile", "remove it");
    }
    if (const auto number = read_whole(member.value, 1, 100)) {
      out_.percentile = *number;
      return;
    }
    misfit(member.value.mark, "the percentile is not a whole number from 1 to 100",
           "write e.g. 95");
  }

  void read_factor(const YamlMember& member) {
    if (out_.factor == 0) {
      return misfit(member.key.mark, "`factor` is for x_surge and x_silence", "remove it");
    }
    if (const auto number = read_whole(member.value, 2, 1000)) {
      out_.factor = *number;
      return;
    }
    misfit(member.value.mark, "the factor is not a whole number from 2 to 1000", "write e.g. 5");
  }

  static std::optional<uint32_t> read_whole(const YamlNode& value, uint32_t least, uint32_t most) {
    uint32_t number = 0;
    const char* end = value.text.data() + value.text.size();
    const auto [stop, problem] = std::from_chars(value.text.data(), end, number);
    if (problem != std::errc() || stop != end || number < least || number > most) {
      return std::nullopt;
    }
    return number;
  }

  void read_bound(Bound::Operator op, const YamlNode& value) {
    const bool is_number = value.is_scalar() && (value.type == codec::YamlType::kInteger ||
                                                 value.type == codec::YamlType::kFloat);
    const auto wrong = [&](std::string message, std::string hint) {
      ++bounds_wrong_;
      misfit(value.mark, std::move(message), std::move(hint));
    };
    if (!is_number || value.text.size() > kNumberBytesMax || has_exponent(value.text)) {
      return wrong("'" + value.text + "' is not a number that conditions take",
                   "write digits, without quotes and exponent, " + std::to_string(kNumberBytesMax) +
                       " characters at most");
    }
    if (is_count(out_.type) && !is_whole(value.text)) {
      return wrong("'" + value.text + "' is no count", "write a whole number");
    }
    Bound bound{op, value.text};
    const uint64_t most =
        out_.type == CorrelationType::kTemporal ? out_.rules.size() : correlate::kGroupEntriesMax;
    if (is_count(out_.type) && most > 0 && never_holds(bound, most)) {
      return wrong(
          "the condition can never hold: what is counted is from 1 to " + std::to_string(most),
          "a window begins with an event; silence is not a correlation");
    }
    out_.bounds.push_back(std::move(bound));
  }

  // That each bound alone may hold is not enough.
  void check_bounds(const YamlNode& condition) {
    using enum Bound::Operator;
    std::optional<correlate::Fixed> low, high;
    bool open = false;
    for (const Bound& bound : out_.bounds) {
      const auto number = correlate::parse_fixed(bound.number);
      if (!number) return;
      const bool is_low = bound.op == kGt || bound.op == kGte || bound.op == kEq;
      const bool is_high = bound.op == kLt || bound.op == kLte || bound.op == kEq;
      if (is_low && (!low || *number >= *low)) low = number;
      if (is_high && (!high || *number <= *high)) high = number;
    }
    if (!low || !high) return;
    for (const Bound& bound : out_.bounds) {
      const auto number = correlate::parse_fixed(bound.number);
      open = open || (bound.op == kGt && number == low) || (bound.op == kLt && number == high);
    }
    if (*low < *high || (*low == *high && !open)) return;
    misfit(condition.mark, "the condition can never hold: its numbers exclude each other",
           "write numbers between which there is one");
  }

  void check_needed(const YamlNode& condition) {
    using enum CorrelationType;
    if (bounds_wrong_ == 0) check_bounds(condition);
    const bool needs_field = out_.type != kEventCount && out_.type != kTemporal &&
                             out_.type != kSurge && out_.type != kSilence;
    if (needs_field && condition.find("field") == nullptr) {
      misfit(condition.mark, std::string(name_of(out_.type)) + " needs a `field`",
             "say which field's values are meant");
    }
    if (out_.type == kRare && bounds_wrong_ == 0 &&
        (out_.bounds.size() != 1 || out_.bounds[0].op != Bound::Operator::kLte ||
         out_.bounds[0].number.size() > kRareDigitsMax)) {
      misfit(condition.mark, "x_rare compares with one small number",
             "write e.g. {lte: 3, field: f}");
    }
    if (out_.type == kSurge && bounds_wrong_ == 0 &&
        (out_.bounds.size() != 1 || out_.bounds[0].op != Bound::Operator::kGte)) {
      misfit(condition.mark, "x_surge needs the least number that is one",
             "write e.g. {gte: 100, factor: 5}");
    }
    if (out_.type == kValuePercentile && condition.find("percentile") == nullptr) {
      misfit(condition.mark, "value_percentile needs a `percentile`", "write e.g. percentile: 95");
    }
  }

  static constexpr size_t kRareDigitsMax = 3;
  static constexpr uint32_t kFactorUsual[] = {5, 3};  // of x_surge, of x_silence

  const YamlNode& root_;
  Reporter& reporter_;
  Correlation out_;
  size_t bounds_wrong_ = 0;
};

}  // namespace correlations

std::string_view name_of(CorrelationType type) {
  return correlations::kTypes[static_cast<size_t>(type)];
}

std::string_view name_of(Bound::Operator op) {
  return correlations::kOperators[static_cast<size_t>(op)];
}

std::optional<Duration> parse_timespan(std::string_view text) {
  constexpr size_t kDigitsMax = 9;
  if (text.size() < 2 || text.size() > kDigitsMax + 1) return std::nullopt;
  int64_t number = 0;
  const char* unit = text.data() + text.size() - 1;
  const auto [end, problem] = std::from_chars(text.data(), unit, number);
  if (problem != std::errc() || end != unit || text.front() == '-') return std::nullopt;
  int64_t seconds = 0;
  switch (*unit) {
    case 's': seconds = 1; break;
    case 'm': seconds = 60; break;
    case 'h': seconds = 3'600; break;
    case 'd': seconds = 86'400; break;
    case 'w': seconds = 604'800; break;
    case 'M': seconds = 2'629'746; break;   // a twelfth of the year
    case 'y': seconds = 31'556'952; break;  // the Gregorian calendar's mean year
    default: return std::nullopt;
  }
  if (number == 0 || number > kTimespanSecondsMax / seconds) return std::nullopt;
  return std::chrono::seconds(number * seconds);
}

Correlation read_correlation(const codec::YamlNode& root, Reporter& reporter) {
  return correlations::CorrelationReader(root, reporter).read();
}

}  // namespace stanch::detect::sigma

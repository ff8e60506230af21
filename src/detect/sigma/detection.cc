#include "detect/sigma/detection.h"

#include <utility>

#include "base/suggest.h"
#include "detect/sigma/condition.h"
#include "detect/sigma/limits.h"
#include "detect/sigma/modifiers.h"
#include "detect/sigma/values.h"

// Sigma 2.1, "Detection". What may stand under a search identifier:
//
//   map of `field|modifiers: value(s)`   all items
//   list of maps, lists                  any of them
//   list of scalars, or one scalar       one item of keywords

namespace stanch::detect::sigma {

namespace {

using codec::YamlMember;
using codec::YamlNode;

ScalarType to_scalar_type(codec::YamlType type) {
  switch (type) {
    case codec::YamlType::kNull: return ScalarType::kNull;
    case codec::YamlType::kBool: return ScalarType::kBool;
    case codec::YamlType::kInteger: return ScalarType::kInteger;
    case codec::YamlType::kFloat: return ScalarType::kFloat;
    case codec::YamlType::kString: return ScalarType::kString;
  }
  return ScalarType::kString;
}

bool is_placeholder_name(std::string_view text) {
  return text.find_first_not_of(
             "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.") ==
         std::string_view::npos;
}

class DetectionReader {
 public:
  DetectionReader(Rule& rule, Reporter& reporter) : rule_(rule), reporter_(reporter) {}

  void read(const YamlNode& map) {
    for (const YamlMember& member : map.members) {
      const std::string& name = member.key.text;
      if (name == "condition") continue;
      if (name == "timeframe") {
        reporter_.report(Code::kRemovedSyntax, to_at(member.key.mark),
                         "`timeframe` was removed in Sigma 2",
                         "write a correlation document with `timespan`");
        continue;
      }
      if (rule_.detections.size() == kDetectionsMax) {
        reporter_.report(Code::kTooLarge, to_at(member.key.mark),
                         "more than " + std::to_string(kDetectionsMax) + " detections");
        break;
      }
      if (is_reserved_word(name)) {
        reporter_.report(Code::kBadCondition, to_at(member.key.mark),
                         "'" + name + "' is a word of the condition and cannot name a detection",
                         "choose another name");
        continue;
      }
      NamedDetection named;
      named.name = name;
      named.at = to_at(member.key.mark);
      // A broken detection stays in the list, so that the condition may name it.
      named.detection = read_identifier(member.value, named.at);
      rule_.detections.push_back(std::move(named));
    }
    read_conditions(map);
  }

 private:
  Detection read_identifier(const YamlNode& node, At at) {
    if (node.is_null() || (node.is_map() && node.members.empty()) ||
        (node.is_list() && node.items.empty())) {
      reporter_.report(Code::kEmptyDetection, at, "the detection is empty",
                       "write what to look for, or remove it");
      return {};
    }
    if (node.is_map()) return read_map(node);
    if (node.is_list()) return read_list(node);
    return read_keywords({&node, 1});
  }

  Detection read_map(const YamlNode& map) {
    Detection all;
    all.kind = Detection::Kind::kAll;
    all.children.reserve(map.members.size());
    for (const YamlMember& member : map.members) {
      Detection child;
      child.kind = Detection::Kind::kItem;
      child.item = read_item(member);
      all.children.push_back(std::move(child));
    }
    return all;
  }

  Detection read_list(const YamlNode& list) {
    bool only_scalars = true;
    for (const YamlNode& node : list.items) only_scalars = only_scalars && node.is_scalar();
    if (only_scalars) return read_keywords(list.items);
    Detection any;
    any.kind = Detection::Kind::kAny;
    for (const YamlNode& node : list.items) {
      any.children.push_back(read_identifier(node, to_at(node.mark)));
    }
    return any;
  }

  Detection read_keywords(std::span<const YamlNode> scalars) {
    Detection detection;
    detection.kind = Detection::Kind::kItem;
    detection.item.at = to_at(scalars.front().mark);
    read_values(scalars, /*is_list=*/false, detection.item);
    check_values(detection.item, reporter_);
    return detection;
  }

  Item read_item(const YamlMember& member) {
    Item item;
    item.at = to_at(member.key.mark);
    const size_t errors_before = reporter_.errors();
    read_key(member.key, item);
    const YamlNode& value = member.value;
    if (value.is_map()) {
      reporter_.report(Code::kWrongType, to_at(value.mark),
                       "'" + item.field + "' has a map as its value",
                       "name inner fields with dots: `" + item.field + ".inner: value`");
      return item;
    }
    if (value.is_list() && value.items.empty()) {
      reporter_.report(Code::kEmptyDetection, item.at, "'" + item.field + "' has no values",
                       "write a value; '' is the empty text, null an absent field");
      return item;
    }
    const std::span<const YamlNode> scalars =
        value.is_list() ? std::span<const YamlNode>(value.items) : std::span(&value, 1);
    read_values(scalars, value.is_list(), item);
    const bool expands = has(item, Modifier::kExpand);
    if (has(item, Modifier::kAll) && item.values.size() == 1 && !expands) {
      reporter_.report(Code::kAllOfOne, item.at, "`all` with a single value", "remove `|all`");
    }
    if (reporter_.errors() == errors_before && !expands) check_values(item, reporter_);
    return item;
  }

  // `field|modifier|modifier`
  void read_key(const YamlNode& key, Item& item) {
    const std::string_view text = key.text;
    size_t bar = text.find('|');
    item.field = text.substr(0, bar);
    bool known = true;
    while (bar != std::string_view::npos) {
      const size_t begin = bar + 1;
      bar = text.find('|', begin);
      const std::string_view name =
          text.substr(begin, bar == std::string_view::npos ? std::string_view::npos : bar - begin);
      if (const auto modifier = find_modifier(name)) {
        item.modifiers.push_back(*modifier);
      } else {
        known = false;
        report_unknown(name, reporter_.inside(key, begin));
      }
      if (item.modifiers.size() > kModifiersMax) {
        reporter_.report(Code::kTooLarge, item.at,
                         "more than " + std::to_string(kModifiersMax) + " modifiers");
        return;
      }
    }
    if (!known) return;
    if (auto problem = check_modifiers(item.modifiers, item.field.empty())) {
      reporter_.report(Code::kModifierCombination, item.at, std::move(problem->message),
                       std::move(problem->hint));
    }
  }

  void report_unknown(std::string_view name, At at) {
    if (name.empty()) {
      reporter_.report(Code::kUnknownModifier, at, "a '|' without a modifier", "remove it");
      return;
    }
    std::string all = "the modifiers are:";
    for (const std::string_view known : modifier_names()) all += " " + std::string(known);
    reporter_.report(Code::kUnknownModifier, at, "there is no modifier '" + std::string(name) + "'",
                     did_you_mean(name, modifier_names(), all));
  }

  void read_values(std::span<const YamlNode> nodes, bool is_list, Item& item) {
    if (nodes.size() > kValuesMax) {
      reporter_.report(Code::kTooLarge, item.at,
                       "more than " + std::to_string(kValuesMax) + " values", "split the list");
      return;
    }
    item.values.reserve(nodes.size());
    for (const YamlNode& node : nodes) {
      const At at = to_at(node.mark);
      if (!node.is_scalar()) {
        reporter_.report(Code::kWrongType, at, "a list or map where a value should be",
                         "values are text, numbers, true, false or null");
        continue;
      }
      if (node.text.size() > kValueBytesMax) {
        reporter_.report(Code::kTooLarge, at,
                         "the value is longer than " + std::to_string(kValueBytesMax) + " bytes");
        continue;
      }
      if (is_list && node.is_null()) {
        reporter_.report(Code::kNullInList, at, "null inside a list of values",
                         "write it as an item of its own: a second map, OR-ed");
      }
      warn_of_scalar(node, item);
      item.values.push_back({to_scalar_type(node.type), node.text, at});
    }
  }

  void warn_of_scalar(const YamlNode& node, const Item& item) {
    if (is_ambiguous(node)) {
      reporter_.report(Code::kAmbiguousScalar, to_at(node.mark),
                       "'" + node.text + "' is read as text here, and differently elsewhere",
                       "put it in quotes to say text, or write true, false or a decimal number");
    }
    const std::string_view text = node.text;
    if (text.size() > 2 && text.starts_with('%') && text.ends_with('%') &&
        is_placeholder_name(text.substr(1, text.size() - 2)) && !has(item, Modifier::kExpand)) {
      reporter_.report(Code::kPercentWithoutExpand, to_at(node.mark),
                       "'" + node.text + "' is plain text here",
                       "add `|expand` if it should be a placeholder");
    }
  }

  void read_conditions(const YamlNode& map) {
    const YamlNode* node = map.find("condition");
    const bool empty =
        node == nullptr || node->is_null() || (node->is_list() && node->items.empty());
    if (empty || (node->is_scalar() && node->text.empty())) {
      reporter_.report(Code::kMissingField, to_at(map.mark), "the detection has no `condition`",
                       "write e.g. condition: selection and not filter");
      return;
    }
    if (node->is_map()) return report_condition_type(*node);
    const std::span<const YamlNode> texts =
        node->is_list() ? std::span<const YamlNode>(node->items) : std::span(node, 1);
    if (texts.size() > kConditionsMax) {
      reporter_.report(Code::kTooLarge, to_at(node->mark),
                       "more than " + std::to_string(kConditionsMax) + " conditions");
      return;
    }
    std::vector<bool> used(rule_.detections.size());
    const size_t errors_before = reporter_.errors();
    for (const YamlNode& text : texts) {
      if (!text.is_scalar() || text.is_null()) {
        report_condition_type(text);
      } else if (auto condition = parse_condition(text, rule_.detections, used, reporter_)) {
        rule_.conditions.push_back(std::move(*condition));
      }
    }
    if (reporter_.errors() != errors_before) return;  // used is not whole
    for (size_t i = 0; i < used.size(); ++i) {
      if (used[i]) continue;
      reporter_.report(Code::kUnusedDetection, rule_.detections[i].at,
                       "no condition uses '" + rule_.detections[i].name + "'",
                       "use it in the condition, or remove it");
    }
  }

  void report_condition_type(const YamlNode& node) {
    reporter_.report(Code::kWrongType, to_at(node.mark), "a condition is text, or a list of texts",
                     "write e.g. condition: selection and not filter");
  }

  Rule& rule_;
  Reporter& reporter_;
};

}  // namespace

void read_detection(const YamlNode& root, Rule& rule, Reporter& reporter) {
  const YamlNode* detection = root.find("detection");
  if (detection == nullptr || detection->is_null()) {
    reporter.report(Code::kMissingField, to_at(root.mark), "the rule has no `detection`",
                    "write detections and a condition below `detection:`");
    return;
  }
  if (!detection->is_map()) {
    reporter.report(Code::kWrongType, to_at(detection->mark), "`detection` is not a map",
                    "write detections and a condition below `detection:`");
    return;
  }
  DetectionReader(rule, reporter).read(*detection);
  if (rule.detections.empty()) {
    reporter.report(Code::kEmptyDetection, to_at(detection->mark), "there are no detections",
                    "write e.g. selection: {eventName: CreateUser}");
  }
}

}  // namespace stanch::detect::sigma

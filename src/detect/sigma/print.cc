#include "detect/sigma/print.h"

#include "detect/sigma/modifiers.h"

namespace stanch::detect::sigma {

namespace {

std::string join(const std::vector<Condition>& children, const Rule& rule, std::string_view word) {
  std::string text = "(";
  for (size_t i = 0; i < children.size(); ++i) {
    if (i != 0) text += " " + std::string(word) + " ";
    text += to_text(children[i], rule);
  }
  return text + ")";
}

std::string list_detections(const Condition& condition, const Rule& rule) {
  std::string text = "[";
  for (size_t i = 0; i < condition.detections.size(); ++i) {
    if (i != 0) text += " ";
    text += rule.detections[condition.detections[i]].name;
  }
  return text + "]";
}

std::string to_text(const Detection& detection) {
  if (detection.kind == Detection::Kind::kItem) return to_text(detection.item);
  std::string text = detection.kind == Detection::Kind::kAll ? "all(" : "any(";
  for (size_t i = 0; i < detection.children.size(); ++i) {
    if (i != 0) text += ", ";
    text += to_text(detection.children[i]);
  }
  return text + ")";
}

}  // namespace

std::string to_text(const Condition& condition, const Rule& rule) {
  switch (condition.kind) {
    case Condition::Kind::kAnd: return join(condition.children, rule, "and");
    case Condition::Kind::kOr: return join(condition.children, rule, "or");
    case Condition::Kind::kNot: return "(not " + to_text(condition.children.front(), rule) + ")";
    case Condition::Kind::kDetection: return rule.detections[condition.detections.front()].name;
    case Condition::Kind::kAnyOf: return "1 of " + list_detections(condition, rule);
    case Condition::Kind::kAllOf: return "all of " + list_detections(condition, rule);
  }
  return "";
}

std::string to_text(const Item& item) {
  std::string text = item.field;
  for (const Modifier modifier : item.modifiers) text += "|" + std::string(name_of(modifier));
  text += ": [";
  for (size_t i = 0; i < item.values.size(); ++i) {
    const Scalar& value = item.values[i];
    if (i != 0) text += ", ";
    text += value.type == ScalarType::kString ? "'" + value.text + "'"
            : value.type == ScalarType::kNull ? "null"
                                              : value.text;
  }
  return text + "]";
}

std::string to_text(const Rule& rule) {
  std::string text;
  for (const NamedDetection& named : rule.detections) {
    text += named.name + " = " + to_text(named.detection) + "\n";
  }
  for (const Condition& condition : rule.conditions) {
    text += "condition " + to_text(condition, rule) + "\n";
  }
  return text;
}

std::string to_text(const Correlation& correlation) {
  std::string text = std::string(name_of(correlation.type)) + "(";
  const auto add_names = [&](const std::vector<std::string>& names) {
    for (size_t i = 0; i < names.size(); ++i) text += (i == 0 ? "" : ", ") + names[i];
  };
  Rule rules;  // so that the extended condition is written as others are
  for (size_t i = 0; i < correlation.rules.size(); ++i) {
    const Reference& reference = correlation.rules[i];
    text += (i == 0 ? "" : ", ") + reference.text;
    for (const Alias& alias : reference.aliases) {
      text += " " + alias.name;
      for (const std::string& field : alias.fields) text += "=" + field;
    }
    rules.detections.push_back({reference.text, {}, {}});
  }
  text += ") by (";
  add_names(correlation.group_by);
  const auto seconds = [](Duration duration) {
    return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(duration).count()) + "s";
  };
  text += ") in " + seconds(correlation.timespan);
  for (const Bound& bound : correlation.bounds) {
    text += " " + std::string(name_of(bound.op)) + " " + bound.number;
  }
  if (!correlation.fields.empty()) {
    text += " of (";
    add_names(correlation.fields);
    text += ")";
  }
  if (correlation.percentile != 0) text += " at " + std::to_string(correlation.percentile);
  if (correlation.factor != 0) text += " times " + std::to_string(correlation.factor);
  if (is_learning(correlation.type)) text += " known for " + seconds(correlation.learning);
  if (correlation.expression) text += " if " + to_text(*correlation.expression, rules);
  return text + (correlation.generate ? " generate\n" : "\n");
}

}  // namespace stanch::detect::sigma

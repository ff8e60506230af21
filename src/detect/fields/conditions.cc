#include "detect/fields/conditions.h"

#include <algorithm>

#include "detect/fields/names.h"
#include "detect/sigma/modifiers.h"
#include "model/rule.h"

namespace stanch::detect::fields {

namespace {

using sigma::Detection;
using sigma::Item;
using sigma::Scalar;
using sigma::ScalarType;

template <typename Holds>
bool joined(const Conditions& conditions, Holds holds) {
  if (conditions.list.empty()) return true;
  const bool truth = conditions.any ? std::ranges::any_of(conditions.list, holds)
                                    : std::ranges::all_of(conditions.list, holds);
  return truth != conditions.negated;
}

template <typename Holds>
bool some_item(const Detection& detection, const Holds& holds) {
  if (detection.kind == Detection::Kind::kItem) return holds(detection.item);
  return std::ranges::any_of(detection.children,
                             [&](const Detection& child) { return some_item(child, holds); });
}

template <typename Holds>
bool some_item(const sigma::Rule& rule, const Holds& holds) {
  return std::ranges::any_of(rule.detections, [&](const sigma::NamedDetection& named) {
    return some_item(named.detection, holds);
  });
}

bool is_on(const Item& item, std::string_view field) {
  return !item.field.empty() && is_same_name(plain_name(item.field), plain_name(field));
}

bool is_same_value(const Scalar& value, const Scalar& wanted) {
  return value.type != ScalarType::kNull && is_same_name(value.text, wanted.text);
}

// What is not asked for may be anything; else the rule must say it, and the same.
bool has_source(const sigma::LogSource& rule, const sigma::LogSource& wanted) {
  const auto fits = [](std::string_view has, std::string_view asked) {
    return asked.empty() || is_same_name(has, asked);
  };
  return fits(rule.product, wanted.product) && fits(rule.service, wanted.service) &&
         fits(rule.category, wanted.category);
}

std::string_view attribute(const model::RuleInfo& info, std::string_view name) {
  if (name == "id") return info.id.text();
  if (name == "title") return info.title;
  if (name == "status") return info.status;
  return model::name_of(info.level);
}

bool holds(const Condition& condition, const sigma::Rule& rule, const Applied& applied) {
  switch (condition.kind) {
    case Condition::Kind::kLogSource: return has_source(rule.logsource, condition.source);
    case Condition::Kind::kContainsField:
      return some_item(rule, [&](const Item& item) { return is_on(item, condition.name); });
    case Condition::Kind::kContainsItem:
      return some_item(rule, [&](const Item& item) {
        return is_on(item, condition.name) &&
               std::ranges::any_of(item.values, [&](const Scalar& value) {
                 return is_same_value(value, condition.value);
               });
      });
    case Condition::Kind::kIsRule: return true;
    case Condition::Kind::kAttribute:
      return is_same_name(attribute(rule.info, condition.name), condition.value.text);
    case Condition::Kind::kTag:
      return std::ranges::any_of(rule.info.tags, [&](const std::string& tag) {
        return is_same_name(tag, condition.name);
      });
    case Condition::Kind::kApplied: return applied.contains(condition.name);
    default: return false;
  }
}

// An asterisk or question mark that no backslash takes its meaning from (V10).
bool has_wildcard(std::string_view text) {
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\')
      ++i;
    else if (text[i] == '*' || text[i] == '?')
      return true;
  }
  return false;
}

bool holds(const Condition& condition, const Scalar& value) {
  switch (condition.kind) {
    case Condition::Kind::kMatchString:
      return value.type == ScalarType::kString &&
             condition.patterns.front().search(value.text) != condition.negate;
    case Condition::Kind::kMatchValue: return is_same_value(value, condition.value);
    case Condition::Kind::kIsNull: return value.type == ScalarType::kNull;
    case Condition::Kind::kContainsWildcard:
      return value.type == ScalarType::kString && has_wildcard(value.text);
    default: return false;
  }
}

}  // namespace

bool holds_for_rule(const Conditions& conditions, const sigma::Rule& rule, const Applied& applied) {
  return joined(conditions,
                [&](const Condition& condition) { return holds(condition, rule, applied); });
}

bool holds_for_item(const Conditions& conditions, const Item& item) {
  return joined(conditions, [&](const Condition& condition) {
    const auto one = [&](const Scalar& value) { return holds(condition, value); };
    if (item.values.empty()) return false;
    return condition.all ? std::ranges::all_of(item.values, one)
                         : std::ranges::any_of(item.values, one);
  });
}

bool holds_for_field(const Conditions& conditions, std::string_view field) {
  return joined(conditions, [&](const Condition& condition) {
    const std::string name = plain_name(field);
    const bool listed =
        std::ranges::any_of(
            condition.texts,
            [&](const std::string& text) { return is_same_name(name, plain_name(text)); }) ||
        std::ranges::any_of(condition.patterns,
                            [&](const codec::Pattern& pattern) { return pattern.search(name); });
    return listed == (condition.kind == Condition::Kind::kIncludeFields);
  });
}

}  // namespace stanch::detect::fields

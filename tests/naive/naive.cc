#include "naive/naive.h"

#include <re2/re2.h>

#include <algorithm>
#include <stdexcept>

#include "naive/fields.h"
#include "naive/json.h"
#include "naive/pattern.h"
#include "naive/values.h"

namespace naive {
namespace {

using namespace stanch::detect::sigma;

bool has(const Item& item, Modifier modifier) {
  return std::ranges::find(item.modifiers, modifier) != item.modifiers.end();
}

bool has_any(const Item& item, std::initializer_list<Modifier> modifiers) {
  return std::ranges::any_of(modifiers, [&](Modifier modifier) { return has(item, modifier); });
}

// V1: nothing for null, arrays and objects.
std::optional<Text> text_of(const Json& json) {
  if (json.as<Null>() || json.as<Array>() || json.as<Object>()) return std::nullopt;
  if (auto* text = json.as<Text>()) return *text;
  return compact(json);
}

// Scalars with a text at or below `json`.
void leaves(const Json& json, std::vector<Text>& out) {
  if (auto text = text_of(json)) out.push_back(*text);
  if (auto* array = json.as<Array>()) {
    for (const Json& element : array->elements) leaves(element, out);
  }
  if (auto* object = json.as<Object>()) {
    for (const auto& [key, value] : object->members) leaves(value, out);
  }
}

// V1, V2: the texts that a text pattern is tried on.
std::vector<Text> texts_of(const Json& json) {
  std::vector<Text> texts;
  leaves(json, texts);
  if (json.as<Object>()) texts.push_back(compact(json));
  return texts;
}

// V5
std::optional<Decimal> number_of(const Json& json) {
  if (auto* number = json.as<Number>()) return json_number(number->written);
  if (auto* text = json.as<Text>()) return json_number(to_utf8(*text));
  return std::nullopt;
}

// M4; without a numeric modifier equality.
bool compares(const Item& item, const Decimal& left, const Scalar& right) {
  auto wanted = json_number(right.text);
  if (!wanted) throw std::invalid_argument("no number: " + right.text);
  int order = compare(left, *wanted);
  if (has(item, Modifier::kLt)) return order < 0;
  if (has(item, Modifier::kLte)) return order <= 0;
  if (has(item, Modifier::kGt)) return order > 0;
  if (has(item, Modifier::kGte)) return order >= 0;
  return order == 0;
}

// M2
bool regex_finds(const Item& item, const std::string& written, const Text& text) {
  std::string flags;
  if (has(item, Modifier::kRegexIgnoreCase)) flags += 'i';
  if (has(item, Modifier::kRegexMultiLine)) flags += 'm';
  if (has(item, Modifier::kRegexDotAll)) flags += 's';
  std::string expression =
      flags.empty() ? "(?:" + written + ")" : "(?" + flags + ":" + written + ")";
  if (has(item, Modifier::kStartsWith)) expression = "\\A" + expression;
  if (has(item, Modifier::kEndsWith)) expression += "\\z";
  RE2 re2(expression, RE2::Quiet);
  if (!re2.ok()) throw std::invalid_argument(re2.error());
  return RE2::PartialMatch(to_utf8(text), re2);
}

// M8
bool same_text(const Item& item, Text left, Text right) {
  if (!has(item, Modifier::kCased)) {
    left = fold(left);
    right = fold(right);
  }
  if (has(item, Modifier::kContains)) return left.contains(right);
  if (has(item, Modifier::kStartsWith)) return left.starts_with(right);
  if (has(item, Modifier::kEndsWith)) return left.ends_with(right);
  return left == right;
}

bool refers_to_equal(const Item& item, const Scalar& other, const Field& field, const Json& event) {
  Field others = look_up(event, other.text);
  for (const Json& left : field.values) {
    for (const Json& right : others.values) {
      auto left_text = text_of(left), right_text = text_of(right);
      if (left_text && right_text && same_text(item, *left_text, *right_text)) return true;
    }
  }
  return false;
}

// V1 … V4, V8, V10, M1, M9, M10
bool text_matches(const Item& item, const Scalar& wanted, const Json& json) {
  auto patterns = expand_pattern(wanted.text, item.modifiers);
  for (const Text& text : texts_of(json)) {
    for (const Pattern& pattern : patterns) {
      if (pattern_matches(pattern, text, has(item, Modifier::kCased))) return true;
    }
  }
  return false;
}

// V6
bool boolean_matches(const Scalar& wanted, const Json& json) {
  auto text = text_of(json);
  return text && !json.as<Number>() && fold(*text) == fold(from_utf8(wanted.text));
}

constexpr std::initializer_list<Modifier> kTimeParts = {Modifier::kMinute, Modifier::kHour,
                                                        Modifier::kDay,    Modifier::kWeek,
                                                        Modifier::kMonth,  Modifier::kYear};
constexpr std::initializer_list<Modifier> kNumeric = {Modifier::kLt, Modifier::kLte, Modifier::kGt,
                                                      Modifier::kGte};
// With these a number or a boolean is the text that was written.
constexpr std::initializer_list<Modifier> kTextual = {
    Modifier::kContains,     Modifier::kStartsWith, Modifier::kEndsWith, Modifier::kBase64,
    Modifier::kBase64Offset, Modifier::kUtf16Le,    Modifier::kUtf16Be,  Modifier::kUtf16,
    Modifier::kWindash,      Modifier::kCased};

// M7
bool time_matches(const Item& item, const Scalar& wanted, const Json& json) {
  auto* text = json.as<Text>();
  if (!text) return false;
  for (Modifier part : kTimeParts) {
    if (!has(item, part)) continue;
    auto value = part_of_time(to_utf8(*text), part);
    return value && compares(item, *json_number(std::to_string(*value)), wanted);
  }
  return false;
}

// One wanted value against one value of the event; `json` is no array.
bool value_matches(const Item& item, const Scalar& wanted, const Json& json) {
  if (has_any(item, kTimeParts)) return time_matches(item, wanted, json);
  if (has_any(item, kNumeric)) {
    auto number = number_of(json);
    return number && compares(item, *number, wanted);
  }
  if (has(item, Modifier::kCidr)) {
    auto* text = json.as<Text>();
    return text && address_inside(to_utf8(*text), wanted.text);
  }
  if (has(item, Modifier::kRegex)) {
    for (const Text& text : texts_of(json)) {
      if (regex_finds(item, wanted.text, text)) return true;
    }
    return false;
  }
  bool typed = !has_any(item, kTextual);
  if (typed && wanted.type == ScalarType::kBool) return boolean_matches(wanted, json);
  if (typed && (wanted.type == ScalarType::kInteger || wanted.type == ScalarType::kFloat)) {
    auto number = number_of(json);
    return number && compares(item, *number, wanted);
  }
  return text_matches(item, wanted, json);
}

// ---- items

// K1
bool keyword_matches(const Item& item, const Scalar& wanted, const Json& event) {
  std::vector<Text> scalars;
  leaves(event, scalars);
  // An anchoring modifier says where in the scalar; else it is anywhere.
  Item contains = item;
  if (!has_any(item, {Modifier::kStartsWith, Modifier::kEndsWith})) {
    contains.modifiers.push_back(Modifier::kContains);
  }
  for (const Text& text : scalars) {
    if (has(item, Modifier::kRegex) ? regex_finds(item, wanted.text, text)
                                    : text_matches(contains, wanted, Json{text})) {
      return true;
    }
  }
  return false;
}

bool wanted_holds(const Item& item, const Scalar& wanted, const Json& event) {
  if (item.field.empty()) return keyword_matches(item, wanted, event);
  Field field = look_up(event, item.field);
  if (has(item, Modifier::kExists)) {  // M6
    return field.present == (fold(from_utf8(wanted.text)) == U"true");
  }
  if (has(item, Modifier::kFieldRef)) return refers_to_equal(item, wanted, field, event);
  if (wanted.type == ScalarType::kNull) {  // V7
    return !field.present || std::ranges::any_of(field.values, [](const Json& json) {
      return json.as<Null>() != nullptr;
    });
  }
  return std::ranges::any_of(field.values,
                             [&](const Json& json) { return value_matches(item, wanted, json); });
}

bool item_holds(const Item& item, const Json& event) {
  bool holds = false;
  if (!item.values.empty()) {  // else M11: an empty placeholder
    auto one_holds = [&](const Scalar& wanted) { return wanted_holds(item, wanted, event); };
    holds = has(item, Modifier::kAll) ? std::ranges::all_of(item.values, one_holds)  // V9
                                      : std::ranges::any_of(item.values, one_holds);
  }
  return has(item, Modifier::kNeq) ? !holds : holds;  // M5
}

// ---- detections, conditions, log source

bool detection_holds(const Detection& detection, const Json& event) {
  auto holds = [&](const Detection& child) { return detection_holds(child, event); };
  switch (detection.kind) {
    case Detection::Kind::kAll: return std::ranges::all_of(detection.children, holds);
    case Detection::Kind::kAny: return std::ranges::any_of(detection.children, holds);
    case Detection::Kind::kItem: return item_holds(detection.item, event);
  }
  throw std::invalid_argument("unknown kind of detection");
}

bool condition_holds(const Rule& rule, const Condition& condition, const Json& event) {
  auto child_holds = [&](const Condition& child) { return condition_holds(rule, child, event); };
  auto named_holds = [&](uint32_t i) {
    return detection_holds(rule.detections.at(i).detection, event);
  };
  switch (condition.kind) {
    case Condition::Kind::kAnd: return std::ranges::all_of(condition.children, child_holds);
    case Condition::Kind::kOr: return std::ranges::any_of(condition.children, child_holds);
    case Condition::Kind::kNot: return !child_holds(condition.children.at(0));
    case Condition::Kind::kDetection: return named_holds(condition.detections.at(0));
    case Condition::Kind::kAnyOf: return std::ranges::any_of(condition.detections, named_holds);
    case Condition::Kind::kAllOf: return std::ranges::all_of(condition.detections, named_holds);
  }
  throw std::invalid_argument("unknown kind of condition");
}

}  // namespace

bool conflicts(std::string_view of_rule, std::string_view of_event) {
  return !of_rule.empty() && !of_event.empty() &&
         fold(from_utf8(of_rule)) != fold(from_utf8(of_event));
}

bool matches(const Rule& rule, std::string_view event_json, const Source& source) {
  auto event = parse_json(event_json);
  if (!event) throw std::invalid_argument("the event is not JSON");
  if (conflicts(rule.logsource.product, source.product) ||
      conflicts(rule.logsource.service, source.service) ||
      conflicts(rule.logsource.category, source.category)) {
    return false;
  }
  return std::ranges::any_of(rule.conditions, [&](const Condition& condition) {  // C3
    return condition_holds(rule, condition, *event);
  });
}

}  // namespace naive

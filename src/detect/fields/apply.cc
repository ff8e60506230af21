#include "detect/fields/apply.h"

#include <algorithm>
#include <functional>
#include <string>
#include <utility>

#include "detect/fields/conditions.h"
#include "detect/fields/names.h"
#include "detect/fields/spread.h"
#include "detect/sigma/expand.h"
#include "detect/sigma/limits.h"
#include "detect/sigma/modifiers.h"

// One transformation after the other, each over the whole tree, as pySigma does it. A field that
// becomes several is spread over items of its own, so that what matches and explains knows
// nothing of maps. The alternative, an item with several fields, would cost each look-up.

namespace stanch::detect::fields {

namespace {

using sigma::Detection;
using sigma::Item;
using sigma::ItemForm;
using sigma::Scalar;
using sigma::ScalarType;

// What it does to one field's name; nothing: it stays.
std::vector<std::string> renamed(const Transformation& by, std::string_view field) {
  const std::string name = plain_name(field);
  switch (by.kind) {
    case Transformation::Kind::kFieldMapping: {
      // As in an event (F2), the exact name counts before one in another case.
      const auto exact = [&](const Row& row) { return plain_name(row.from) == name; };
      const auto similar = [&](const Row& row) { return is_same_name(plain_name(row.from), name); };
      auto row = std::ranges::find_if(by.rows, exact);
      if (row == by.rows.end()) row = std::ranges::find_if(by.rows, similar);
      return row == by.rows.end() ? std::vector<std::string>() : row->to;
    }
    case Transformation::Kind::kPrefixMapping: {
      std::vector<std::string> out;
      for (const Row& row : by.rows) {
        if (!starts_with_name(name, row.from) || name.size() == row.from.size()) continue;
        for (const std::string& to : row.to) out.push_back(to + name.substr(row.from.size()));
        break;
      }
      return out;
    }
    case Transformation::Kind::kPrefix: return {by.text + name};
    case Transformation::Kind::kSuffix: return {name + by.text};
    default: return {};
  }
}

bool is_renaming(Transformation::Kind kind) {
  return kind == Transformation::Kind::kFieldMapping ||
         kind == Transformation::Kind::kPrefixMapping || kind == Transformation::Kind::kPrefix ||
         kind == Transformation::Kind::kSuffix;
}

// What it does to one value; nothing: it stays.
std::vector<Scalar> changed(const Transformation& by, const Scalar& value) {
  std::vector<Scalar> out;
  if (value.type != ScalarType::kString) return out;
  if (by.kind == Transformation::Kind::kMapString) {
    const auto row = std::ranges::find_if(
        by.rows, [&](const Row& candidate) { return is_same_name(candidate.from, value.text); });
    if (row == by.rows.end()) return out;
    for (const std::string& to : row->to) out.push_back({ScalarType::kString, to, value.at});
  } else if (auto text = by.pattern->replace_all(value.text, by.text)) {
    if (*text != value.text) out.push_back({ScalarType::kString, std::move(*text), value.at});
  }
  return out;
}

// Nothing: the item stays what it is.
std::optional<Detection> changed(const Transformation& by, const Item& item) {
  if (item.field.empty() || !holds_for_item(by.item, item)) return std::nullopt;
  const ItemForm form = sigma::form_of(item.modifiers);
  const bool is_in_scope = holds_for_field(by.field, item.field);
  std::vector<std::string> fields = {item.field};
  Choices choices;
  bool is_changed = false;
  if (is_renaming(by.kind) && is_in_scope) {
    if (auto names = renamed(by, item.field); !names.empty()) {
      fields = std::move(names);
      is_changed = true;
    }
  }
  for (const Scalar& value : item.values) {
    std::vector<Scalar> choice;
    if (is_renaming(by.kind)) {
      // `fieldref` names fields in its values.
      if (form == ItemForm::kFieldRef && holds_for_field(by.field, value.text)) {
        for (std::string& name : renamed(by, value.text)) {
          choice.push_back({ScalarType::kString, std::move(name), value.at});
        }
      }
    } else if (form == ItemForm::kText && is_in_scope) {
      choice = changed(by, value);
    }
    is_changed = is_changed || !choice.empty();
    if (choice.empty()) choice.push_back(value);
    choices.push_back(std::move(choice));
  }
  if (!is_changed) return std::nullopt;
  return spread(item, fields, choices);
}

// Whether anything below `detection` became something else.
bool rewrite(const Transformation& by, Detection& detection) {
  if (detection.kind == Detection::Kind::kItem) {
    auto changed_to = changed(by, detection.item);
    if (changed_to) detection = std::move(*changed_to);
    return changed_to.has_value();
  }
  bool any = false;
  for (Detection& child : detection.children) any = rewrite(by, child) || any;
  if (any) simplify(detection);
  return any;
}

void add_condition(const Transformation& by, sigma::Rule& rule) {
  sigma::NamedDetection added = by.added;
  const auto is_taken = [&](const std::string& name) {
    return std::ranges::any_of(rule.detections,
                               [&](const auto& named) { return named.name == name; });
  };
  for (int number = 2; is_taken(added.name); ++number) {
    added.name = by.added.name + std::to_string(number);
  }
  sigma::Condition condition;
  condition.detections = {static_cast<uint32_t>(rule.detections.size())};
  rule.detections.push_back(std::move(added));
  if (by.negated) {
    sigma::Condition inverse;
    inverse.kind = sigma::Condition::Kind::kNot;
    inverse.children.push_back(std::move(condition));
    condition = std::move(inverse);
  }
  for (sigma::Condition& one : rule.conditions) {
    sigma::Condition both;
    both.kind = sigma::Condition::Kind::kAnd;
    both.children = {condition, std::move(one)};
    one = std::move(both);
  }
}

bool is_about_placeholders(Transformation::Kind kind) {
  return kind == Transformation::Kind::kValuePlaceholders ||
         kind == Transformation::Kind::kWildcardPlaceholders;
}

struct Size {
  size_t values = 0;
  size_t longest = 0;  // name or value
};

void measure(const Detection& detection, Size& size) {
  size.values += detection.item.values.size();
  size.longest = std::max(size.longest, detection.item.field.size());
  for (const Scalar& value : detection.item.values) {
    size.longest = std::max(size.longest, value.text.size());
  }
  for (const Detection& child : detection.children) measure(child, size);
}

bool is_too_large(const sigma::Rule& rule) {
  Size size;
  for (const sigma::NamedDetection& named : rule.detections) measure(named.detection, size);
  return size.values > sigma::kRuleValuesMax || size.longest > sigma::kExpandedRegexBytesMax ||
         rule.detections.size() > 2 * sigma::kDetectionsMax;
}

void apply(const Transformation& by, sigma::Rule& rule) {
  if (by.kind == Transformation::Kind::kChangeLogSource) {
    rule.logsource = by.source;
  } else if (by.kind == Transformation::Kind::kAddCondition) {
    add_condition(by, rule);
  } else {
    for (sigma::NamedDetection& named : rule.detections) rewrite(by, named.detection);
  }
}

}  // namespace

std::optional<Placeholders> placeholders_for(std::span<const FieldMap> maps,
                                             const sigma::Rule& rule, const Placeholders& given) {
  std::optional<Placeholders> out;
  for (const FieldMap& map : maps) {
    for (const Transformation& by : map->transformations) {
      if (!is_about_placeholders(by.kind) || !holds_for_rule(by.rule, rule, {})) continue;
      const auto is_meant = [&](const std::string& name) {
        return (by.include.empty() || std::ranges::find(by.include, name) != by.include.end()) &&
               std::ranges::find(by.exclude, name) == by.exclude.end();
      };
      if (!out) out = given;
      if (by.kind == Transformation::Kind::kValuePlaceholders) {
        for (const auto& [name, values] : map->vars) {
          if (is_meant(name)) out->emplace(name, values);
        }
        continue;
      }
      for (std::string& name : sigma::placeholder_names(rule)) {
        if (is_meant(name)) out->emplace(std::move(name), std::vector<std::string>{"*"});
      }
    }
  }
  return out;
}

bool apply(std::span<const FieldMap> maps, sigma::Rule& rule, sigma::Reporter& reporter,
           Renamings* renamings) {
  for (const FieldMap& map : maps) {
    Applied applied;
    for (const Transformation& by : map->transformations) {
      if (is_about_placeholders(by.kind) || !holds_for_rule(by.rule, rule, applied)) continue;
      apply(by, rule);
      if (renamings != nullptr && is_renaming(by.kind)) renamings->push_back(&by);
      if (!by.id.empty()) applied.insert(by.id);
      if (!is_too_large(rule)) continue;
      reporter.report(sigma::Code::kTooLarge, rule.detections.front().at,
                      "the field map " + map->path + " makes the rule too large",
                      "map its fields to fewer");
      return false;
    }
  }
  return true;
}

std::vector<std::string> rename(const Renamings& renamings, const std::string& field) {
  std::vector<std::string> names = {field};
  for (const Transformation* by : renamings) {
    if (!by->item.list.empty()) continue;
    std::vector<std::string> next;
    for (const std::string& name : names) {
      std::vector<std::string> to;
      if (holds_for_field(by->field, name)) to = renamed(*by, name);
      if (to.empty()) to.push_back(name);
      for (std::string& one : to) {
        const bool is_new = std::ranges::find(next, one) == next.end();
        if (is_new && next.size() < kAlternativesMax) next.push_back(std::move(one));
      }
    }
    names = std::move(next);
  }
  return names;
}

}  // namespace stanch::detect::fields

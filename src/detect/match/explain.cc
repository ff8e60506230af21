// Why a rule matches an event, or not, as a tree for people. It asks the same
// predicates as the engine, one item and one value at a time.

#include <fmt/format.h>

#include <algorithm>

#include "base/check.h"
#include "detect/detect.h"
#include "detect/match/evaluate.h"
#include "detect/match/program.h"
#include "detect/sigma/modifiers.h"

namespace stanch::detect {

namespace match {

namespace {

// Shown of one list of values.
constexpr size_t kValuesShownMax = 5;

std::string text_of(const sigma::Scalar& scalar) {
  if (scalar.type == sigma::ScalarType::kNull) return "null";
  return scalar.text.empty() ? "''" : scalar.text;
}

std::string header_of(const sigma::Item& item) {
  std::string text = item.field.empty() ? "keyword" : item.field;
  for (const sigma::Modifier modifier : item.modifiers) {
    text += fmt::format("|{}", sigma::name_of(modifier));
  }
  return text;
}

// "is 'DeleteUser'", "is absent", "has 7 values: 'a', 'b' …"
std::string what_the_event_has(const BoundPredicate& bound, EventReader& event) {
  if (bound.field == kKeywordField) return "no text of the event contains it";
  ResolvedField& field = event.field(bound.field);
  if (!field.present) return "the field is absent";
  if (field.values.empty()) return "the field is an empty list";
  std::string shown;
  for (size_t i = 0; i < std::min(field.values.size(), kValuesShownMax); ++i) {
    shown += fmt::format("{}'{}'", i == 0 ? "" : ", ", display_text(field.values[i], event));
  }
  if (field.values.size() == 1) return "the event has " + shown;
  return fmt::format("the event has {} values: {}{}", field.values.size(), shown,
                     field.values.size() > kValuesShownMax ? " …" : "");
}

class Explainer {
 public:
  Explainer(const sigma::Rule& rule, codec::JsonView event) : rule_(rule), event_(event) {}

  Explanation condition(const sigma::Condition& c) {
    using Kind = sigma::Condition::Kind;
    Explanation out{
        .kind = Explanation::Kind::kCondition, .text = {}, .because = {}, .children = {}};
    for (const sigma::Condition& child : c.children) out.children.push_back(condition(child));
    for (const uint32_t d : c.detections) out.children.push_back(detection(rule_.detections[d]));
    const auto holds = [](const Explanation& e) { return e.holds; };
    switch (c.kind) {
      case Kind::kDetection: return std::move(out.children[0]);
      case Kind::kNot:
        out.text = "not";
        out.holds = !out.children[0].holds;
        break;
      case Kind::kAnd:
      case Kind::kAllOf:
        out.text = "all of";
        out.holds = std::ranges::all_of(out.children, holds);
        break;
      case Kind::kOr:
      case Kind::kAnyOf:
        out.text = "any of";
        out.holds = std::ranges::any_of(out.children, holds);
        break;
    }
    return out;
  }

 private:
  Explanation detection(const sigma::NamedDetection& named) {
    Explanation out = part(named.detection);
    if (out.kind == Explanation::Kind::kItem) {
      Explanation item = std::move(out);
      out = {.kind = Explanation::Kind::kDetection,
             .holds = item.holds,
             .text = {},
             .because = {},
             .children = {}};
      out.children.push_back(std::move(item));
    }
    out.text = named.name;
    return out;
  }

  Explanation part(const sigma::Detection& d) {
    if (d.kind == sigma::Detection::Kind::kItem) return item(d.item);
    const bool all = d.kind == sigma::Detection::Kind::kAll;
    Explanation out{.kind = Explanation::Kind::kDetection,
                    .text = all ? "all of" : "any of",
                    .because = {},
                    .children = {}};
    out.holds = all;
    for (const sigma::Detection& child : d.children) {
      out.children.push_back(part(child));
      out.holds =
          all ? out.holds && out.children.back().holds : out.holds || out.children.back().holds;
    }
    return out;
  }

  Explanation item(const sigma::Item& item) {
    Explanation out{
        .kind = Explanation::Kind::kItem, .text = header_of(item), .because = {}, .children = {}};
    LoweredItem lowered = lower(item);
    FieldTable fields;
    std::vector<BoundPredicate> bounds;
    for (Predicate& predicate : lowered.all) {
      BoundPredicate bound;
      bound.field = item.field.empty() ? kKeywordField : fields.add(item.field);
      for (const std::string& other : predicate.other_fields) {
        bound.other_fields.push_back(fields.add(other));
      }
      bound.predicate = std::move(predicate);
      bounds.push_back(std::move(bound));
    }
    EventReader event(fields);
    event.start(event_);
    out.holds = std::ranges::all_of(
        bounds, [&](const BoundPredicate& bound) { return match::holds(bound, event); });
    if (lowered.negated) out.holds = !out.holds;
    if (item.values.empty()) {
      out.because = "its placeholder has no values";
      return out;
    }
    if (!out.holds || bounds[0].predicate.null || bounds[0].field != kKeywordField) {
      out.because = what_the_event_has(bounds[0], event);
    }
    for (const sigma::Scalar& scalar : item.values) {
      if (out.children.size() == kValuesShownMax && item.values.size() > kValuesShownMax + 1) {
        out.children.push_back(
            {.kind = Explanation::Kind::kValue,
             .holds = false,
             .text = fmt::format("… and {} more values", item.values.size() - kValuesShownMax),
             .because = {},
             .children = {}});
        break;
      }
      out.children.push_back(value(item, scalar));
    }
    return out;
  }

  Explanation value(const sigma::Item& whole, const sigma::Scalar& scalar) {
    sigma::Item one = whole;
    one.values = {scalar};
    LoweredItem lowered = lower(one);
    FieldTable fields;
    BoundPredicate bound;
    bound.field = one.field.empty() ? kKeywordField : fields.add(one.field);
    for (const std::string& other : lowered.all[0].other_fields) {
      bound.other_fields.push_back(fields.add(other));
    }
    bound.predicate = std::move(lowered.all[0]);
    EventReader event(fields);
    event.start(event_);
    return {.kind = Explanation::Kind::kValue,
            .holds = match::holds(bound, event),
            .text = text_of(scalar),
            .because = {},
            .children = {}};
  }

  const sigma::Rule& rule_;
  codec::JsonView event_;
};

}  // namespace

}  // namespace match

Explanation explain(const RuleSet& rules, uint32_t rule, codec::JsonView event,
                    const EventSource& source) {
  const sigma::Rule& tree = rules.trees[rule];
  Explanation out{
      .kind = Explanation::Kind::kRule, .text = tree.info.title, .because = {}, .children = {}};
  const bool concerned = match::concerns(tree.logsource, source);
  const auto shown = [](std::string_view text) { return text.empty() ? "*" : text; };
  Explanation gate{
      .kind = Explanation::Kind::kLogSource,
      .holds = concerned,
      .text = fmt::format("log source {}/{}/{}", shown(tree.logsource.product),
                          shown(tree.logsource.service), shown(tree.logsource.category)),
      .because = {},
      .children = {}};
  if (!concerned) {
    gate.because =
        fmt::format("the event is from {}/{}", shown(source.product), shown(source.service));
  }
  out.children.push_back(std::move(gate));
  match::Explainer explainer(tree, event);
  bool any = false;
  for (const sigma::Condition& condition : tree.conditions) {
    out.children.push_back(explainer.condition(condition));
    any = any || out.children.back().holds;
  }
  out.holds = concerned && any;
  return out;
}

}  // namespace stanch::detect

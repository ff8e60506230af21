// A condition is taken apart into what must hold together (items, and detections that must not
// hold) and sets of alternatives. Items on one field are held against each other two by two; each
// alternative is looked at with all that must hold beside it. Alternatives of different sets are
// never combined, so that the work is bounded by the rule's size squared.

#include "detect/sigma/contradictions.h"

#include <algorithm>
#include <optional>
#include <set>
#include <span>
#include <utility>

#include "codec/fold.h"
#include "detect/correlate/fixed.h"
#include "detect/fields/names.h"
#include "detect/sigma/modifiers.h"

namespace stanch::detect::sigma {

namespace contradictions {
namespace {

using correlate::Fixed;
using correlate::parse_fixed;

constexpr size_t kItemsMax = 200;  // that must hold together; of more nothing is said

struct Bounds {
  std::optional<Fixed> low, high;
  bool low_open = false, high_open = false;
};

// What an item says of its field, as far as it is understood.
struct Claim {
  const Item* item = nullptr;
  std::string field;
  std::vector<const Scalar*> one_of = {}, none_of = {};  // empty: nothing of that kind
  std::optional<Bounds> bounds = {};
  bool absent = false, present = false;
};

bool is_constant(const Scalar& value) {
  return value.text.find_first_of("*?\\") == std::string::npos;
}

bool is_same(const Scalar& a, const Scalar& b) {
  const bool null = a.type == ScalarType::kNull;
  if (null || b.type == ScalarType::kNull) return null && b.type == ScalarType::kNull;
  if (codec::fold_case(a.text) == codec::fold_case(b.text)) return true;
  const auto x = parse_fixed(a.text), y = parse_fixed(b.text);
  return x && y && *x == *y;
}

bool is_among(const Scalar& value, std::span<const Scalar* const> values) {
  return std::ranges::any_of(values, [&](const Scalar* other) { return is_same(value, *other); });
}

// The loosest of several values, since one of them suffices.
std::optional<Bounds> bounds_of(const Item& item) {
  Bounds bounds;
  const bool below = has(item, Modifier::kLt) || has(item, Modifier::kLte);
  const bool open = has(item, Modifier::kLt) || has(item, Modifier::kGt);
  std::optional<Fixed>& end = below ? bounds.high : bounds.low;
  for (const Scalar& value : item.values) {
    const auto number = parse_fixed(value.text);
    if (!number) return std::nullopt;
    if (!end || (below ? *number > *end : *number < *end)) end = number;
  }
  (below ? bounds.high_open : bounds.low_open) = open;
  return bounds;
}

bool is_plain(Modifier modifier) {
  return modifier == Modifier::kCased || modifier == Modifier::kExpand ||
         modifier == Modifier::kNeq;
}

Claim claim_of(const Item& item) {
  Claim claim{.item = &item, .field = codec::fold_case(fields::plain_name(item.field))};
  const bool negated = has(item, Modifier::kNeq);
  if (item.values.empty() || (has(item, Modifier::kAll) && item.values.size() > 1)) return claim;
  switch (form_of(item.modifiers)) {
    case ItemForm::kText: {
      const auto is_null = [](const Scalar& value) { return value.type == ScalarType::kNull; };
      if (!negated && std::ranges::none_of(item.values, is_null)) claim.present = true;
      if (!std::ranges::all_of(item.modifiers, is_plain) ||
          !std::ranges::all_of(item.values, is_constant)) {
        return claim;
      }
      if (negated && has(item, Modifier::kCased)) return claim;
      for (const Scalar& value : item.values) {
        (negated ? claim.none_of : claim.one_of).push_back(&value);
      }
      claim.absent = !negated && std::ranges::all_of(item.values, is_null);
      return claim;
    }
    case ItemForm::kExists: {
      if (negated || item.values.size() != 1) return claim;
      const char first = item.values.front().text.front();
      (first == 'f' || first == 'F' ? claim.absent : claim.present) = true;
      return claim;
    }
    case ItemForm::kNumber:
      claim.present = !negated;
      if (!negated) claim.bounds = bounds_of(item);
      return claim;
    case ItemForm::kRegex:
    case ItemForm::kNetwork: claim.present = !negated; return claim;
    case ItemForm::kTimePart:
    case ItemForm::kFieldRef: return claim;
  }
  return claim;
}

bool is_within(const Scalar& value, const Bounds& bounds) {
  const auto number = parse_fixed(value.text);
  if (!number) return false;
  const bool above =
      !bounds.low || (bounds.low_open ? *number > *bounds.low : *number >= *bounds.low);
  const bool below =
      !bounds.high || (bounds.high_open ? *number < *bounds.high : *number <= *bounds.high);
  return above && below;
}

std::string words_of(const Item& item) {
  std::string words;
  for (const Modifier modifier : item.modifiers) {
    if (modifier != Modifier::kExpand) words += std::string(name_of(modifier)) + " ";
  }
  constexpr size_t kShown = 3;
  for (size_t i = 0; i < std::min(item.values.size(), kShown); ++i) {
    words += (i == 0 ? "'" : ", '") + item.values[i].text + "'";
  }
  return item.values.size() > kShown ? words + " …" : words;
}

constexpr std::string_view kList =
    "only a list can have both: if it is one, write one item with `|all`";
constexpr std::string_view kNever = "remove one of them, or join them by `or`";

// Why no value is both; `hint` says what to do.
bool is_conflict(const Claim& a, const Claim& b, std::string_view& hint) {
  hint = kNever;
  if ((a.absent && b.present) || (b.absent && a.present)) return true;
  for (const auto& [x, y] : {std::pair(&a, &b), std::pair(&b, &a)}) {
    const bool excluded = !x->one_of.empty() && !y->none_of.empty() &&
                          std::ranges::all_of(x->one_of, [&none = y->none_of](const Scalar* value) {
                            return is_among(*value, none);
                          });
    if (excluded) return true;
  }
  hint = kList;
  if (!a.one_of.empty() && !b.one_of.empty()) {
    return std::ranges::none_of(a.one_of,
                                [&](const Scalar* value) { return is_among(*value, b.one_of); });
  }
  for (const auto& [x, y] : {std::pair(&a, &b), std::pair(&b, &a)}) {
    if (x->one_of.empty() || !y->bounds) continue;
    return std::ranges::none_of(x->one_of, [&bounds = *y->bounds](const Scalar* value) {
      return is_within(*value, bounds);
    });
  }
  if (!a.bounds || !b.bounds) return false;
  for (const auto& [x, y] :
       {std::pair(&*a.bounds, &*b.bounds), std::pair(&*b.bounds, &*a.bounds)}) {
    if (!x->low || !y->high) continue;
    if (*x->low > *y->high || (*x->low == *y->high && (x->low_open || y->high_open))) return true;
  }
  return false;
}

// A condition with the detections that it names, or a detection.
struct Part {
  const Condition* condition = nullptr;
  const std::vector<NamedDetection>* of = nullptr;
  const Detection* detection = nullptr;
  bool holds = true;
};

// What must hold together.
struct Together {
  std::vector<Claim> claims;
  std::vector<const Detection*> not_these;
  std::vector<std::vector<Part>> alternatives;
};

void take_apart(const Part& part, Together& out);

void take_all(const std::vector<Part>& parts, bool all, Together& out) {
  if (all || parts.size() == 1) {
    for (const Part& part : parts) take_apart(part, out);
  } else {
    out.alternatives.push_back(parts);
  }
}

void take_apart(const Condition& condition, const Part& part, Together& out) {
  using enum Condition::Kind;
  std::vector<Part> parts;
  for (const Condition& child : condition.children) {
    parts.push_back({&child, part.of, nullptr, part.holds != (condition.kind == kNot)});
  }
  for (const uint32_t index : condition.detections) {
    parts.push_back({nullptr, nullptr, &(*part.of)[index].detection, part.holds});
  }
  const bool is_and = condition.kind == kAnd || condition.kind == kAllOf;
  take_all(parts, is_and == part.holds, out);
}

void take_apart(const Part& part, Together& out) {
  if (part.condition != nullptr) return take_apart(*part.condition, part, out);
  const Detection& detection = *part.detection;
  if (!part.holds) {
    out.not_these.push_back(&detection);
  } else if (detection.kind == Detection::Kind::kItem) {
    if (!detection.item.field.empty()) out.claims.push_back(claim_of(detection.item));
  } else {
    std::vector<Part> parts;
    for (const Detection& child : detection.children) parts.push_back({nullptr, nullptr, &child});
    take_all(parts, detection.kind == Detection::Kind::kAll, out);
  }
}

// Whether what is claimed makes it true.
const Item* find_implied(const Detection& detection, const std::vector<Claim>& claims) {
  if (detection.kind == Detection::Kind::kItem) {
    if (detection.item.field.empty()) return nullptr;
    const Claim wanted = claim_of(detection.item);
    if (wanted.one_of.empty() || has(detection.item, Modifier::kCased)) return nullptr;
    const bool implied = std::ranges::any_of(claims, [&](const Claim& claim) {
      return claim.field == wanted.field && !claim.one_of.empty() &&
             std::ranges::all_of(claim.one_of, [&](const Scalar* value) {
               return is_among(*value, wanted.one_of);
             });
    });
    return implied ? &detection.item : nullptr;
  }
  const Item* last = nullptr;
  for (const Detection& child : detection.children) {
    const Item* implied = find_implied(child, claims);
    if (implied != nullptr) last = implied;
    if (detection.kind == Detection::Kind::kAll && implied == nullptr) return nullptr;
    if (detection.kind == Detection::Kind::kAny && implied != nullptr) return implied;
  }
  return last;
}

class Finder {
 public:
  // Whether these cannot hold together; what is found is kept.
  bool look(const std::vector<Part>& parts, const Together& beside = {}) {
    Together together;
    together.claims = beside.claims;
    together.not_these = beside.not_these;
    for (const Part& part : parts) take_apart(part, together);
    if (together.claims.size() > kItemsMax || together.not_these.size() > kItemsMax) return false;
    bool impossible = false;
    for (size_t i = 0; i < together.claims.size(); ++i) {
      for (size_t j = 0; j < i; ++j) {
        impossible = look(together.claims[j], together.claims[i]) || impossible;
      }
    }
    for (const Detection* detection : together.not_these) {
      const Item* item = find_implied(*detection, together.claims);
      if (item == nullptr) continue;
      impossible = true;
      keep(item, item, item->at,
           "what is excluded by '" + item->field + ": " + words_of(*item) +
               "' is all that the rule asks for",
           "exclude less");
    }
    for (const std::vector<Part>& alternatives : together.alternatives) {
      size_t dead = 0;
      for (const Part& part : alternatives) {
        // That one of several exclusions is no way out is as it should be.
        dead += part.holds ? look({part}, together) : Finder().look({part}, together);
      }
      impossible = impossible || dead == alternatives.size();
    }
    return impossible;
  }

  std::vector<Contradiction> take() { return std::move(found_); }

 private:
  bool look(const Claim& a, const Claim& b) {
    std::string_view hint;
    if (a.field != b.field || !is_conflict(a, b, hint)) return false;
    keep(a.item, b.item, b.item->at,
         "'" + b.item->field + "' is asked to be " + words_of(*a.item) + " and " +
             words_of(*b.item) + ": no event is both",
         std::string(hint));
    return true;
  }

  void keep(const Item* a, const Item* b, At at, std::string why, std::string hint) {
    if (!known_.emplace(a, b).second) return;
    found_.push_back({at, std::move(why), std::move(hint)});
  }

  std::set<std::pair<const Item*, const Item*>> known_;
  std::vector<Contradiction> found_;
};

}  // namespace
}  // namespace contradictions

std::vector<Contradiction> find_contradictions(const Rule& rule) {
  contradictions::Finder finder;
  for (const Condition& condition : rule.conditions) {
    finder.look({{&condition, &rule.detections, nullptr, true}});
  }
  return finder.take();
}

bool can_hide(const Filter& filter, const Rule& rule) {
  using contradictions::Part;
  const auto parts_of = [](const Rule& of, bool holds) {
    std::vector<Part> parts;
    for (const Condition& condition : of.conditions) {
      parts.push_back({&condition, &of.detections, nullptr, holds});
    }
    return parts;
  };
  // Of several conditions of a rule one suffices; hidden is where none of those holds that keep.
  const std::vector<Part> hidden = parts_of(filter.rule, filter.hides);
  for (const Part& found : parts_of(rule, true)) {
    if (!filter.hides) {
      std::vector<Part> all = hidden;
      all.insert(all.begin(), found);
      if (!contradictions::Finder().look(all)) return true;
      continue;
    }
    for (const Part& one : hidden) {
      if (!contradictions::Finder().look({found, one})) return true;
    }
  }
  return false;
}

}  // namespace stanch::detect::sigma

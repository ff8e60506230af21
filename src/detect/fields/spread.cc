#include "detect/fields/spread.h"

#include <algorithm>
#include <utility>

#include "detect/sigma/modifiers.h"

namespace stanch::detect::fields {

namespace {

using sigma::Detection;
using sigma::Item;
using sigma::Modifier;
using sigma::Scalar;
using sigma::ScalarType;

Detection leaf(Item item) {
  Detection out;
  out.kind = Detection::Kind::kItem;
  out.item = std::move(item);
  return out;
}

Detection list_of(Detection::Kind kind, std::vector<Detection> children) {
  if (children.size() == 1) return std::move(children.front());
  Detection out;
  out.kind = kind;
  out.children = std::move(children);
  return out;
}

Detection::Kind flipped(Detection::Kind kind) {
  return kind == Detection::Kind::kAll ? Detection::Kind::kAny : Detection::Kind::kAll;
}

bool asks_for_absence(const Item& item, const Scalar& value) {
  const sigma::ItemForm form = sigma::form_of(item.modifiers);
  if (form == sigma::ItemForm::kText) return value.type == ScalarType::kNull;
  return form == sigma::ItemForm::kExists &&
         (value.text.front() == 'f' || value.text.front() == 'F');
}

bool is_same(const Item& a, const Item& b) {
  return a.field == b.field && a.modifiers == b.modifiers &&
         std::ranges::equal(a.values, b.values, [](const Scalar& x, const Scalar& y) {
           return x.type == y.type && x.text == y.text;
         });
}

}  // namespace

Detection spread(const Item& item, const std::vector<std::string>& fields, const Choices& choices) {
  // The groups of values of which each is asked for by itself.
  const bool all = sigma::has(item, Modifier::kAll);
  Choices groups;
  std::vector<Scalar> together;  // of which one suffices
  for (const std::vector<Scalar>& choice : choices) {
    for (const Scalar& value : choice) {
      if (!all && asks_for_absence(item, value)) {
        groups.push_back({value});
      } else {
        together.push_back(value);
      }
    }
    if (all) groups.push_back(std::exchange(together, {}));
  }
  if (!together.empty() || groups.empty()) groups.push_back(std::move(together));

  // De Morgan: `neq` stays on the items, so what joins them is turned round.
  const bool negated = sigma::has(item, Modifier::kNeq);
  const auto joined_by = [&](Detection::Kind kind) { return negated ? flipped(kind) : kind; };
  std::vector<Detection> parts;
  for (std::vector<Scalar>& group : groups) {
    const bool absence = group.size() == 1 && asks_for_absence(item, group.front());
    std::vector<Detection> items;
    for (const std::string& field : fields) {
      Item one = item;
      one.field = field;
      one.values = group;
      std::erase(one.modifiers, Modifier::kAll);
      items.push_back(leaf(std::move(one)));
    }
    parts.push_back(list_of(joined_by(absence ? Detection::Kind::kAll : Detection::Kind::kAny),
                            std::move(items)));
  }
  return list_of(joined_by(all ? Detection::Kind::kAll : Detection::Kind::kAny), std::move(parts));
}

void simplify(Detection& detection) {
  if (detection.kind == Detection::Kind::kItem) return;
  std::vector<Detection> flat;
  for (Detection& child : detection.children) {
    simplify(child);
    if (child.kind == detection.kind) {
      std::ranges::move(child.children, std::back_inserter(flat));
    } else {
      flat.push_back(std::move(child));
    }
  }
  std::vector<Detection> once;
  for (Detection& child : flat) {
    const bool is_known = std::ranges::any_of(once, [&](const Detection& known) {
      return child.kind == Detection::Kind::kItem && known.kind == Detection::Kind::kItem &&
             is_same(child.item, known.item);
    });
    if (!is_known) once.push_back(std::move(child));
  }
  if (once.size() == 1) {
    Detection only = std::move(once.front());
    detection = std::move(only);
    return;
  }
  detection.children = std::move(once);
}

}  // namespace stanch::detect::fields

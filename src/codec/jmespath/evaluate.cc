#include "codec/jmespath/evaluate.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/check.h"
#include "codec/jmespath/functions.h"
#include "codec/limits.h"

// Section names are those of the specification.

namespace stanch::codec::jmespath {

using Kind = JmespathProblem::Kind;

Part Evaluator::fail(Kind kind, std::string message, std::string hint) {
  if (!problem_) problem_ = {kind, at_, std::move(message), std::move(hint)};
  return {};
}

bool Evaluator::spend(uint64_t steps) {
  if (problem_) return false;
  if (steps > steps_left_) {
    fail(Kind::kTooLarge, "the evaluation takes too many steps", "filter before you go deeper");
    return false;
  }
  steps_left_ -= steps;
  return true;
}

Part Evaluator::keep_text(std::string text) {
  if (text.size() > kJmespathResultBytesMax) return fail(Kind::kTooLarge, "a text is too long");
  if (!spend(text.size() / 16)) return {};
  return keep(JsonValue(std::move(text)));
}

Part Evaluator::boolean(bool value) const {
  static const JsonValue kTrue(true), kFalse(false);
  return Part(value ? kTrue : kFalse);
}

Part Evaluator::evaluate(uint32_t index_of_node, Part value) {
  if (!spend(1)) return {};
  const Node& node = tree_.nodes[index_of_node];
  at_ = node.at;
  switch (node.kind) {
    case NodeKind::kCurrent: return value;
    case NodeKind::kField: return value.member(node.name);
    case NodeKind::kRoot: return root_.member(node.name);
    case NodeKind::kLiteral: return Part(node.literal);
    case NodeKind::kIndex: return index(node.index, value);
    case NodeKind::kSlice: return slice(node.slice, value);
    case NodeKind::kThen: return evaluate(node.right, evaluate(node.left, value));
    case NodeKind::kProject: return project(node, evaluate(node.left, value));
    case NodeKind::kProjectValues: return project_values(node, evaluate(node.left, value));
    case NodeKind::kFilter: return filter(node, evaluate(node.left, value));
    case NodeKind::kFlatten: return flatten(evaluate(node.left, value));
    case NodeKind::kOr: {
      const Part left = evaluate(node.left, value);
      return left.is_true_like() ? left : evaluate(node.right, value);
    }
    case NodeKind::kAnd: {
      const Part left = evaluate(node.left, value);
      return left.is_true_like() ? evaluate(node.right, value) : left;
    }
    case NodeKind::kNot: return boolean(!evaluate(node.left, value).is_true_like());
    case NodeKind::kCompare: return compare(node, value);
    case NodeKind::kList: return list(node, value);
    case NodeKind::kHash: return hash(node, value);
    case NodeKind::kCall: return call(node, value);
    case NodeKind::kReference: return {};  // its function evaluates what is below
  }
  CHECK(false);
}

// "List Wildcard Expressions": null of anything but an array; what is null is left out.
Part Evaluator::project(const Node& node, Part left) {
  if (left.type() != JsonType::kArray) return {};
  Part::List list;
  for (size_t i = 0; i < left.size() && !failed(); ++i) {
    const Part each = evaluate(node.right, left.element(i));
    if (!each.is_null()) list.push_back(each);
  }
  return keep(std::move(list));
}

// "Hash Wildcard Expressions".
Part Evaluator::project_values(const Node& node, Part left) {
  if (left.type() != JsonType::kObject) return {};
  Part::List list;
  left.each_member([&](std::string_view, Part member) {
    const Part each = evaluate(node.right, member);
    if (!each.is_null()) list.push_back(each);
  });
  return keep(std::move(list));
}

// "Filter Expressions".
Part Evaluator::filter(const Node& node, Part left) {
  if (left.type() != JsonType::kArray) return {};
  Part::List list;
  for (size_t i = 0; i < left.size() && !failed(); ++i) {
    const Part element = left.element(i);
    if (!evaluate(node.condition, element).is_true_like()) continue;
    const Part each = evaluate(node.right, element);
    if (!each.is_null()) list.push_back(each);
  }
  return keep(std::move(list));
}

// "Flatten Operator": one level.
Part Evaluator::flatten(Part left) {
  if (left.type() != JsonType::kArray) return {};
  Part::List list;
  for (size_t i = 0; i < left.size() && spend(1); ++i) {
    const Part element = left.element(i);
    if (element.type() != JsonType::kArray) {
      list.push_back(element);
      continue;
    }
    for (size_t j = 0; j < element.size() && spend(1); ++j) list.push_back(element.element(j));
  }
  return keep(std::move(list));
}

// "Index Expressions": negative ones count from the end.
Part Evaluator::index(int64_t index, Part value) {
  if (value.type() != JsonType::kArray) return {};
  const auto size = static_cast<int64_t>(value.size());
  if (index < -size || index >= size) return {};
  return value.element(static_cast<size_t>(index < 0 ? index + size : index));
}

// "Slices": as in Python.
Part Evaluator::slice(const Slice& slice, Part value) {
  if (value.type() != JsonType::kArray) return {};
  const auto size = static_cast<int64_t>(value.size());
  const bool forward = slice.step > 0;
  const int64_t lowest = forward ? 0 : -1, highest = forward ? size : size - 1;
  const auto place = [&](const std::optional<int64_t>& given, int64_t otherwise) {
    if (!given) return otherwise;
    // A negative one cannot overflow, and what lies before the start ends at `lowest` anyway.
    return std::clamp(*given < 0 ? *given + size : *given, lowest, highest);
  };
  const int64_t start = place(slice.start, forward ? lowest : highest);
  const int64_t stop = place(slice.stop, forward ? highest : lowest);
  Part::List list;
  int64_t at = start;
  while ((forward ? at < stop : at > stop) && spend(1)) {
    list.push_back(value.element(static_cast<size_t>(at)));
    if (__builtin_add_overflow(at, slice.step, &at)) break;
  }
  return keep(std::move(list));
}

// "Filter Expressions": == and != of all types, the others of numbers alone, else null.
Part Evaluator::compare(const Node& node, Part value) {
  const Part left = evaluate(node.left, value), right = evaluate(node.right, value);
  if (node.comparison == Comparison::kEqual) return boolean(are_equal(left, right));
  if (node.comparison == Comparison::kNotEqual) return boolean(!are_equal(left, right));
  if (left.type() != JsonType::kNumber || right.type() != JsonType::kNumber) return {};
  const auto order = compare_numbers(left.scalar(), right.scalar());
  switch (node.comparison) {
    case Comparison::kLess: return boolean(order < 0);
    case Comparison::kLessEqual: return boolean(order <= 0);
    case Comparison::kGreater: return boolean(order > 0);
    case Comparison::kGreaterEqual: return boolean(order >= 0);
    default: CHECK(false);
  }
}

bool Evaluator::are_equal(Part a, Part b) {
  if (!spend(1)) return false;
  if (a.is_same(b)) return true;
  if (a.type() != b.type()) return false;
  switch (a.type()) {
    case JsonType::kNull: return true;
    case JsonType::kBool: return a.scalar().boolean() == b.scalar().boolean();
    case JsonType::kNumber: return compare_numbers(a.scalar(), b.scalar()) == 0;
    case JsonType::kString:
      return a.text().size() == b.text().size() && spend(a.text().size() / 16) &&
             a.text() == b.text();
    case JsonType::kArray:
      if (a.size() != b.size()) return false;
      for (size_t i = 0; i < a.size(); ++i) {
        if (!are_equal(a.element(i), b.element(i))) return false;
      }
      return true;
    case JsonType::kObject: break;
  }
  if (a.size() != b.size()) return false;
  std::vector<std::pair<std::string_view, Part>> members;  // both come by key
  a.each_member([&](std::string_view key, Part part) { members.emplace_back(key, part); });
  bool equal = true;
  size_t next = 0;
  b.each_member([&](std::string_view key, Part part) {
    const auto& [other_key, other] = members[next++];
    equal = equal && spend(key.size() / 16) && key == other_key && are_equal(other, part);
  });
  return equal;
}

// "MultiSelect List": null of null.
Part Evaluator::list(const Node& node, Part value) {
  if (value.is_null()) return {};
  Part::List list;
  list.reserve(node.children.size());
  for (const uint32_t child : node.children) list.push_back(evaluate(child, value));
  return keep(std::move(list));
}

// "MultiSelect Hash".
Part Evaluator::hash(const Node& node, Part value) {
  if (value.is_null()) return {};
  Part::Table table;
  for (size_t i = 0; i < node.children.size(); ++i) {
    table.insert_or_assign(node.keys[i], evaluate(node.children[i], value));
  }
  return keep(std::move(table));
}

Part Evaluator::call(const Node& node, Part value) {
  std::vector<Part> arguments;
  arguments.reserve(node.children.size());
  for (const uint32_t child : node.children) arguments.push_back(evaluate(child, value));
  if (failed()) return {};
  at_ = node.at;
  return run_function(*this, node, arguments);
}

Part Evaluator::json_of(Part part) {
  nodes_ = bytes_ = 0;
  const JsonValue value = copy(part, 0);
  return failed() ? Part() : keep_text(to_json(value));
}

std::optional<Part> Evaluator::read_json(std::string_view text) {
  if (!spend(text.size() / 2)) return std::nullopt;  // every second byte may be a value
  JsonParser parser(JsonParser::Texts::kFew);
  const JsonView view = parser.parse(text);
  if (!view) return std::nullopt;
  return keep(JsonValue::of(view));
}

Result<JsonValue> Evaluator::result_of(Part part) {
  nodes_ = bytes_ = 0;
  Result<JsonValue> result = copy(part, 0);
  if (problem_) return to_error(*problem_);
  return result;
}

JsonValue Evaluator::copy(Part part, uint32_t depth) {
  if (!spend(1)) return {};
  if (part.type() == JsonType::kString) bytes_ += part.text().size();
  if (++nodes_ > kJmespathResultNodesMax || bytes_ > kJmespathResultBytesMax) {
    fail(Kind::kTooLarge, "the result is too large", "take less of it, as [:1000]");
    return {};
  }
  if (depth > kJmespathResultDepthMax) {
    fail(Kind::kTooLarge, "the result is too deep");
    return {};
  }
  if (part.type() == JsonType::kArray) {
    JsonValue::Array array;
    array.reserve(part.size());
    for (size_t i = 0; i < part.size() && !failed(); ++i) {
      array.push_back(copy(part.element(i), depth + 1));
    }
    return JsonValue(std::move(array));
  }
  if (part.type() == JsonType::kObject) {
    JsonValue::Object object;
    part.each_member([&](std::string_view key, Part member) {
      if (failed()) return;
      bytes_ += key.size();
      object.emplace_hint(object.end(), key, copy(member, depth + 1));
    });
    return JsonValue(std::move(object));
  }
  return part.scalar();
}

}  // namespace stanch::codec::jmespath

#include "codec/jmespath/functions.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

#include "base/check.h"
#include "codec/utf8.h"

// "Built-in Functions" of the specification, in its order of names.

namespace stanch::codec::jmespath {
namespace {

using Kind = JmespathProblem::Kind;

Part boolean_part(const Call& call, bool value) { return call.evaluator.keep(JsonValue(value)); }

Part number_part(const Call& call, double value) {
  if (std::isfinite(value)) return call.evaluator.keep(JsonValue(value));
  return call.evaluator.fail(Kind::kInvalidValue,
                             fmt::format("{}() is beyond all doubles", call.node.name));
}

Part integer_part(const Call& call, size_t value) {
  return call.evaluator.keep(JsonValue(static_cast<int64_t>(value)));
}

Part f_abs(const Call& call) {
  const JsonValue& number = call[0].scalar();
  const int64_t* integer = number.integer();
  if (integer == nullptr || *integer == INT64_MIN)
    return number_part(call, std::abs(number.number()));
  return *integer < 0 ? call.evaluator.keep(JsonValue(-*integer)) : call[0];
}

// Exact as long as the numbers and all sums are integers of 64 bits.
JsonValue sum_of(Part numbers, double& inexact) {
  int64_t sum = 0;
  bool exact = true;
  inexact = 0;
  for (size_t i = 0; i < numbers.size(); ++i) {
    const JsonValue& number = numbers.element(i).scalar();
    inexact += number.number();
    const int64_t* integer = number.integer();
    exact = exact && integer != nullptr && !__builtin_add_overflow(sum, *integer, &sum);
  }
  return exact ? JsonValue(sum) : JsonValue();
}

Part f_avg(const Call& call) {
  const auto count = static_cast<int64_t>(call[0].size());
  if (count == 0) return {};
  double inexact = 0;
  const JsonValue sum = sum_of(call[0], inexact);
  if (sum.is_null()) return number_part(call, inexact / static_cast<double>(count));
  if (*sum.integer() % count == 0) return call.evaluator.keep(JsonValue(*sum.integer() / count));
  return number_part(call, sum.number() / static_cast<double>(count));
}

Part f_ceil(const Call& call) {
  if (call[0].scalar().integer() != nullptr) return call[0];
  return number_part(call, std::ceil(call[0].scalar().number()));
}

// memmem is linear; std::string::find is not, and who writes the logs chooses both texts.
bool finds(std::string_view text, std::string_view piece) {
  return memmem(text.data(), text.size(), piece.data(), piece.size()) != nullptr;
}

Part f_contains(const Call& call) {
  if (call[0].type() == JsonType::kString) {
    return boolean_part(
        call, call[1].type() == JsonType::kString && finds(call[0].text(), call[1].text()));
  }
  for (size_t i = 0; i < call[0].size() && !call.evaluator.failed(); ++i) {
    if (call.evaluator.are_equal(call[0].element(i), call[1])) return boolean_part(call, true);
  }
  return boolean_part(call, false);
}

Part f_ends_with(const Call& call) {
  return boolean_part(call, call[0].text().ends_with(call[1].text()));
}

Part f_floor(const Call& call) {
  if (call[0].scalar().integer() != nullptr) return call[0];
  return number_part(call, std::floor(call[0].scalar().number()));
}

Part f_join(const Call& call) {
  std::string text;
  for (size_t i = 0; i < call[1].size(); ++i) {
    if (!call.evaluator.spend((call[0].text().size() + call[1].element(i).text().size()) / 16)) {
      return {};
    }
    if (i > 0) text += call[0].text();
    text += call[1].element(i).text();
  }
  return call.evaluator.keep_text(std::move(text));
}

Part f_keys(const Call& call) {
  Part::List keys;
  call[0].each_member([&](std::string_view key, Part) {
    if (call.evaluator.spend(1 + key.size() / 16)) {
      keys.push_back(call.evaluator.keep(JsonValue(key)));
    }
  });
  return call.evaluator.keep(std::move(keys));
}

// Of a string: its code points.
Part f_length(const Call& call) {
  if (call[0].type() != JsonType::kString) return integer_part(call, call[0].size());
  std::string_view text = call[0].text();
  size_t count = 0;
  for (; !text.empty(); ++count) text.remove_prefix(decode_utf8(text).length);
  return integer_part(call, count);
}

Part f_map(const Call& call) {
  Part::List list;
  for (size_t i = 0; i < call[1].size() && !call.evaluator.failed(); ++i) {
    list.push_back(call.apply(0, call[1].element(i)));
  }
  return call.evaluator.keep(std::move(list));
}

// Of two numbers or two texts; texts by code points, which is the order of the bytes of UTF-8.
bool is_less(const Part& a, const Part& b) {
  if (a.type() == JsonType::kNumber) return compare_numbers(a.scalar(), b.scalar()) < 0;
  return a.text() < b.text();
}

struct Keyed {
  Part key, element;
};

bool is_key_less(const Keyed& a, const Keyed& b) { return is_less(a.key, b.key); }

// Steps for as many comparisons as sorting takes at most, and for looking at the texts.
bool spend_on_sorting(const Call& call, const std::vector<Keyed>& all) {
  uint64_t bytes = 0;
  for (const Keyed& each : all) {
    if (each.key.type() == JsonType::kString) bytes += each.key.text().size();
  }
  return call.evaluator.spend((all.size() + bytes / 16) * std::bit_width(all.size()));
}

std::vector<Keyed> themselves(const Call& call) {
  std::vector<Keyed> all;
  for (size_t i = 0; i < call[0].size(); ++i) {
    all.push_back({call[0].element(i), call[0].element(i)});
  }
  return all;
}

// Each element with what &expression gives: all of them numbers, or all of them strings.
std::vector<Keyed> keyed(const Call& call) {
  std::vector<Keyed> all;
  for (size_t i = 0; i < call[0].size() && !call.evaluator.failed(); ++i) {
    const Part element = call[0].element(i), key = call.apply(1, element);
    const bool fits = key.type() == JsonType::kNumber || key.type() == JsonType::kString;
    if (!fits || (!all.empty() && key.type() != all[0].key.type())) {
      call.evaluator.fail(
          Kind::kInvalidType,
          fmt::format("{}() takes an expression that gives numbers or strings, and for element {} "
                      "it gives {}{}",
                      call.node.name, i, name_of(key.type()), fits ? " unlike before" : ""),
          "leave others out with a filter: [?name]");
      return {};
    }
    all.push_back({key, element});
  }
  return all;
}

// The first of the largest; null of none.
Part largest(const Call& call, const std::vector<Keyed>& all) {
  if (!spend_on_sorting(call, all) || all.empty()) return {};
  return std::ranges::max_element(all, is_key_less)->element;
}

Part smallest(const Call& call, const std::vector<Keyed>& all) {
  if (!spend_on_sorting(call, all) || all.empty()) return {};
  return std::ranges::min_element(all, is_key_less)->element;
}

Part sorted(const Call& call, std::vector<Keyed> all) {
  if (!spend_on_sorting(call, all)) return {};
  std::ranges::stable_sort(all, is_key_less);
  Part::List list;
  for (const Keyed& each : all) list.push_back(each.element);
  return call.evaluator.keep(std::move(list));
}

Part f_max(const Call& call) { return largest(call, themselves(call)); }
Part f_max_by(const Call& call) { return largest(call, keyed(call)); }
Part f_min(const Call& call) { return smallest(call, themselves(call)); }
Part f_min_by(const Call& call) { return smallest(call, keyed(call)); }
Part f_sort(const Call& call) { return sorted(call, themselves(call)); }
Part f_sort_by(const Call& call) { return sorted(call, keyed(call)); }

Part f_merge(const Call& call) {
  Part::Table table;
  for (const Part object : call.arguments) {
    object.each_member([&](std::string_view key, Part part) {
      if (call.evaluator.spend(1 + key.size() / 16)) table.insert_or_assign(key, part);
    });
  }
  return call.evaluator.keep(std::move(table));
}

Part f_not_null(const Call& call) {
  const auto found = std::ranges::find_if_not(call.arguments, &Part::is_null);
  return found != call.arguments.end() ? *found : Part();
}

Part f_reverse(const Call& call) {
  if (call[0].type() == JsonType::kArray) {
    Part::List list;
    for (size_t i = call[0].size(); i > 0 && call.evaluator.spend(1); --i) {
      list.push_back(call[0].element(i - 1));
    }
    return call.evaluator.keep(std::move(list));
  }
  const std::string_view text = call[0].text();
  std::string reversed(text.size(), '\0');
  for (size_t at = 0; at < text.size();) {
    const size_t length = decode_utf8(text.substr(at)).length;
    text.copy(reversed.data() + text.size() - at - length, length, at);
    at += length;
  }
  return call.evaluator.keep_text(std::move(reversed));
}

Part f_starts_with(const Call& call) {
  return boolean_part(call, call[0].text().starts_with(call[1].text()));
}

Part f_sum(const Call& call) {
  double inexact = 0;
  JsonValue sum = sum_of(call[0], inexact);
  return sum.is_null() ? number_part(call, inexact) : call.evaluator.keep(std::move(sum));
}

Part f_to_array(const Call& call) {
  if (call[0].type() == JsonType::kArray) return call[0];
  return call.evaluator.keep(Part::List{call[0]});
}

// A string as json-number; null of anything else.
Part f_to_number(const Call& call) {
  if (call[0].type() == JsonType::kNumber) return call[0];
  if (call[0].type() != JsonType::kString) return {};
  const std::string_view text = call[0].text();
  if (text.empty() || is_json_space(text.front()) || is_json_space(text.back())) return {};
  const auto value = call.evaluator.read_json(text);
  return value && value->type() == JsonType::kNumber ? *value : Part();
}

Part f_to_string(const Call& call) {
  return call[0].type() == JsonType::kString ? call[0] : call.evaluator.json_of(call[0]);
}

Part f_type(const Call& call) { return call.evaluator.keep(JsonValue(name_of(call[0].type()))); }

Part f_values(const Call& call) {
  Part::List values;
  call[0].each_member([&](std::string_view, Part part) {
    if (call.evaluator.spend(1)) values.push_back(part);
  });
  return call.evaluator.keep(std::move(values));
}

constexpr Function kFunctions[] = {
    {"abs", f_abs, {kNumber}, 1, 1},
    {"avg", f_avg, {kNumbers}, 1, 1},
    {"ceil", f_ceil, {kNumber}, 1, 1},
    {"contains", f_contains, {kArray | kString, kAny}, 2, 2},
    {"ends_with", f_ends_with, {kString, kString}, 2, 2},
    {"floor", f_floor, {kNumber}, 1, 1},
    {"join", f_join, {kString, kStrings}, 2, 2},
    {"keys", f_keys, {kObject}, 1, 1},
    {"length", f_length, {kString | kArray | kObject}, 1, 1},
    {"map", f_map, {kExpression, kArray}, 2, 2},
    {"max", f_max, {kNumbers | kStrings}, 1, 1},
    {"max_by", f_max_by, {kArray, kExpression}, 2, 2},
    {"merge", f_merge, {kObject, kObject}, 1, kAnyNumber},
    {"min", f_min, {kNumbers | kStrings}, 1, 1},
    {"min_by", f_min_by, {kArray, kExpression}, 2, 2},
    {"not_null", f_not_null, {kAny, kAny}, 1, kAnyNumber},
    {"reverse", f_reverse, {kArray | kString}, 1, 1},
    {"sort", f_sort, {kNumbers | kStrings}, 1, 1},
    {"sort_by", f_sort_by, {kArray, kExpression}, 2, 2},
    {"starts_with", f_starts_with, {kString, kString}, 2, 2},
    {"sum", f_sum, {kNumbers}, 1, 1},
    {"to_array", f_to_array, {kAny}, 1, 1},
    {"to_number", f_to_number, {kAny}, 1, 1},
    {"to_string", f_to_string, {kAny}, 1, 1},
    {"type", f_type, {kAny}, 1, 1},
    {"values", f_values, {kObject}, 1, 1},
    {"x_base64", x_base64, {kString, kString}, 1, 2, true},
    {"x_json", x_json, {kString}, 1, 1, true},
    {"x_sha256", x_sha256, {kString}, 1, 1, true},
    {"x_time_add", x_time_add, {kString, kNumber}, 2, 2, true},
    {"x_url_decode", x_url_decode, {kString}, 1, 1, true},
};

std::string text_of_types(uint16_t types) {
  if (types == kAny) return "any";
  constexpr std::pair<uint16_t, std::string_view> kNames[] = {
      {kBoolean, "boolean"},
      {kNumber, "number"},
      {kString, "string"},
      {kArray, "array"},
      {kObject, "object"},
      {kNumbers, "array of numbers"},
      {kStrings, "array of strings"},
      {kExpression, "&expression"},
  };
  std::string text;
  for (const auto& [type, name] : kNames) {
    if ((types & type) == 0) continue;
    if (!text.empty()) text += " or ";
    text += name;
  }
  return text;
}

bool is_array_of(Evaluator& evaluator, Part part, JsonType type) {
  if (part.type() != JsonType::kArray || !evaluator.spend(part.size())) return false;
  for (size_t i = 0; i < part.size(); ++i) {
    if (part.element(i).type() != type) return false;
  }
  return true;
}

bool fits(Evaluator& evaluator, Part part, uint16_t types) {
  constexpr uint16_t kOfType[] = {kNullType, kBoolean, kNumber, kString, kArray, kObject};
  return (types & kOfType[static_cast<size_t>(part.type())]) != 0 || (types & kExpression) != 0 ||
         ((types & kNumbers) != 0 && is_array_of(evaluator, part, JsonType::kNumber)) ||
         ((types & kStrings) != 0 && is_array_of(evaluator, part, JsonType::kString));
}

}  // namespace

std::span<const Function> all_functions() { return kFunctions; }

const Function* find_function(std::string_view name) {
  const auto found = std::ranges::find(kFunctions, name, &Function::name);
  return found != std::end(kFunctions) ? found : nullptr;
}

std::string usage_of(const Function& function) {
  const bool open = function.arguments_max == kAnyNumber;
  std::string text = std::string(function.name) + "(";
  for (size_t i = 0; i < (open ? 1 : function.arguments_max); ++i) {
    if (i > 0) text += i < function.arguments_min ? ", " : " [, ";
    text += text_of_types(function.type_of(i));
    if (i >= function.arguments_min) text += "]";
  }
  return text + (open ? ", …)" : ")");
}

Part run_function(Evaluator& evaluator, const Node& node, std::span<const Part> arguments) {
  const Function& function = *node.function;
  for (size_t i = 0; i < arguments.size(); ++i) {
    if (fits(evaluator, arguments[i], function.type_of(i))) continue;
    const bool array = arguments[i].type() == JsonType::kArray;
    return evaluator.fail(Kind::kInvalidType,
                          fmt::format("argument {} of {}() is {}{}", i + 1, function.name,
                                      name_of(arguments[i].type()),
                                      array ? ", or its elements are of other types" : ""),
                          "it is " + usage_of(function));
  }
  for (const Part argument : arguments) {
    if (argument.type() == JsonType::kString) evaluator.spend(argument.text().size() / 16);
  }
  return evaluator.failed() ? Part() : function.run({evaluator, node, arguments});
}

}  // namespace stanch::codec::jmespath

#pragma once

#include <compare>
#include <cstdint>
#include <forward_list>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "codec/json_value.h"

// What an evaluation handles: a value that stands elsewhere (in the input, in the expression, in
// Parts), or an array or object that was made of such. Nothing is copied until the result is given
// out, so a filter over events costs no event.

namespace stanch::codec::jmespath {

class Part {
 public:
  using List = std::vector<Part>;
  using Table = std::map<std::string_view, Part>;  // by key, as in JsonValue::Object

  Part();  // null
  explicit Part(const JsonValue& value) : of_(&value) {}
  explicit Part(const List& list) : of_(&list) {}
  explicit Part(const Table& table) : of_(&table) {}
  explicit Part(JsonValue&&) = delete;

  JsonType type() const;
  bool is_null() const { return type() == JsonType::kNull; }
  bool is_true_like() const;  // not null, false, "", [] or {}

  const JsonValue& scalar() const { return *std::get<const JsonValue*>(of_); }  // requires one
  std::string_view text() const { return scalar().string(); }                   // requires a string

  size_t size() const;                      // of an array or object
  Part element(size_t index) const;         // requires an array
  Part member(std::string_view key) const;  // null if there is none
  template <typename F>
  void each_member(const F& visit) const {  // visit(key, part); requires an object
    if (const auto* table = std::get_if<const Table*>(&of_)) {
      for (const auto& [key, part] : **table) visit(key, part);
    } else {
      for (const auto& [key, value] : scalar().object()) visit(std::string_view(key), Part(value));
    }
  }

  bool is_same(const Part& other) const { return of_ == other.of_; }  // the same thing in memory

 private:
  std::variant<const JsonValue*, const List*, const Table*> of_;
};

// Keeps what is made on the way, until the evaluation ends.
class Parts {
 public:
  Part keep(JsonValue value) { return Part(values_.emplace_front(std::move(value))); }
  Part keep(Part::List list) { return Part(lists_.emplace_front(std::move(list))); }
  Part keep(Part::Table table) { return Part(tables_.emplace_front(std::move(table))); }

 private:
  std::forward_list<JsonValue> values_;
  std::forward_list<Part::List> lists_;
  std::forward_list<Part::Table> tables_;
};

// Exact, also between an integer and a double.
std::partial_ordering compare_numbers(const JsonValue& a, const JsonValue& b);

std::string_view name_of(JsonType type);  // as the function type() says it

}  // namespace stanch::codec::jmespath

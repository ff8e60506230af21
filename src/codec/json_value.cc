#include "codec/json_value.h"

#include <cmath>

namespace stanch::codec {

namespace {

// Doubles in this range without a fraction are the same number as an int64.
constexpr double kIntegerEnd = 9223372036854775808.0;  // 2^63

}  // namespace

JsonValue::JsonValue() = default;
JsonValue::JsonValue(const JsonValue&) = default;
JsonValue::JsonValue(JsonValue&&) noexcept = default;
JsonValue& JsonValue::operator=(const JsonValue&) = default;
JsonValue& JsonValue::operator=(JsonValue&&) noexcept = default;
JsonValue::~JsonValue() = default;

JsonValue::JsonValue(double value) {
  if (value >= -kIntegerEnd && value < kIntegerEnd && value == std::trunc(value)) {
    value_ = static_cast<int64_t>(value);
  } else {
    value_ = value;
  }
}

JsonValue JsonValue::of(JsonView view) {
  if (!view) return {};
  switch (view.type()) {
    case JsonType::kNull: return {};
    case JsonType::kBool: return JsonValue(view.as_bool());
    case JsonType::kNumber: {
      if (const auto integer = view.as_int64()) return JsonValue(*integer);
      const auto number = view.as_double();
      return number && std::isfinite(*number) ? JsonValue(*number) : JsonValue();
    }
    case JsonType::kString: return JsonValue(view.string_or_empty());
    case JsonType::kArray: {
      Array array;
      for (const JsonView element : view.elements()) array.push_back(of(element));
      return JsonValue(std::move(array));
    }
    case JsonType::kObject: {
      Object object;
      for (const JsonMember member : view.members()) {
        object.insert_or_assign(member.key.string_or_empty(), of(member.value));
      }
      return JsonValue(std::move(object));
    }
  }
  return {};
}

JsonType JsonValue::type() const {
  constexpr JsonType kTypes[] = {JsonType::kNull,   JsonType::kBool,   JsonType::kNumber,
                                 JsonType::kNumber, JsonType::kString, JsonType::kArray,
                                 JsonType::kObject};
  return kTypes[value_.index()];
}

bool JsonValue::is_true_like() const {
  switch (type()) {
    case JsonType::kNull: return false;
    case JsonType::kBool: return boolean();
    case JsonType::kNumber: return true;
    case JsonType::kString: return !string().empty();
    case JsonType::kArray: return !array().empty();
    case JsonType::kObject: return !object().empty();
  }
  return false;
}

double JsonValue::number() const {
  if (const int64_t* integer = this->integer()) return static_cast<double>(*integer);
  return std::get<double>(value_);
}

const std::string& JsonValue::text_or_empty() const {
  static const std::string kEmpty;
  const auto* text = std::get_if<std::string>(&value_);
  return text != nullptr ? *text : kEmpty;
}

const JsonValue& JsonValue::operator[](std::string_view key) const {
  static const JsonValue kNull;
  const auto* object = std::get_if<Object>(&value_);
  if (object == nullptr) return kNull;
  const auto found = object->find(key);
  return found == object->end() ? kNull : found->second;
}

void append_json(const JsonValue& value, JsonWriter& json) {
  switch (value.type()) {
    case JsonType::kNull: json.null(); return;
    case JsonType::kBool: json.boolean(value.boolean()); return;
    case JsonType::kNumber:
      if (const int64_t* integer = value.integer()) {
        json.number(*integer);
      } else {
        json.number(value.number());
      }
      return;
    case JsonType::kString: json.string(value.string()); return;
    case JsonType::kArray:
      json.begin_array();
      for (const JsonValue& element : value.array()) append_json(element, json);
      json.end_array();
      return;
    case JsonType::kObject:
      json.begin_object();
      for (const auto& [key, member] : value.object()) append_json(member, json.key(key));
      json.end_object();
      return;
  }
}

std::string to_json(const JsonValue& value) {
  std::string text;
  JsonWriter json(text);
  append_json(value, json);
  return text;
}

}  // namespace stanch::codec

#pragma once

#include <cstdint>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "codec/json.h"
#include "codec/json_writer.h"

// A JSON value that owns what it holds: for values that are computed, kept, compared. For reading
// alone JsonView is far cheaper. Objects have their members in the order of the bytes of their
// keys, so the same value is always the same text. Not bounded: the reader of the text is
// (JsonParser).

namespace stanch::codec {

class JsonValue {
 public:
  using Array = std::vector<JsonValue>;
  using Object = std::map<std::string, JsonValue, std::less<>>;

  JsonValue();  // null
  // Not inline, since GCC 12 warns of every inlined copy of a variant.
  JsonValue(const JsonValue&);
  JsonValue(JsonValue&&) noexcept;
  JsonValue& operator=(const JsonValue&);
  JsonValue& operator=(JsonValue&&) noexcept;
  ~JsonValue();
  // Exactly these types; anything else would turn into a bool in silence.
  template <typename T>
    requires std::same_as<T, bool>
  explicit JsonValue(T value) : value_(value) {}
  explicit JsonValue(int64_t value) : value_(value) {}
  explicit JsonValue(double value);  // one without a fraction becomes an integer; finite
  explicit JsonValue(std::string value) : value_(std::move(value)) {}
  explicit JsonValue(std::string_view value) : value_(std::string(value)) {}
  explicit JsonValue(const char* value) : value_(std::string(value)) {}
  explicit JsonValue(Array value) : value_(std::move(value)) {}
  explicit JsonValue(Object value) : value_(std::move(value)) {}

  // Of an absent view: null. A number beyond int64 becomes a double, one beyond that null; of keys
  // that stand twice the last counts.
  static JsonValue of(JsonView view);

  JsonType type() const;
  bool is_null() const { return type() == JsonType::kNull; }
  bool is_bool() const { return type() == JsonType::kBool; }
  bool is_number() const { return type() == JsonType::kNumber; }
  bool is_string() const { return type() == JsonType::kString; }
  bool is_array() const { return type() == JsonType::kArray; }
  bool is_object() const { return type() == JsonType::kObject; }

  // Each requires its type.
  bool boolean() const { return std::get<bool>(value_); }
  double number() const;
  const std::string& string() const { return std::get<std::string>(value_); }
  const Array& array() const { return std::get<Array>(value_); }
  Array& array() { return std::get<Array>(value_); }
  const Object& object() const { return std::get<Object>(value_); }
  Object& object() { return std::get<Object>(value_); }

  // Not null, false, "", [] or {}: what JMESPath takes for true.
  bool is_true_like() const;

  // A number without a fraction that int64 holds.
  const int64_t* integer() const { return std::get_if<int64_t>(&value_); }
  // The string; "" of anything else.
  const std::string& text_or_empty() const;

  // The member; null if there is none, or this is no object.
  const JsonValue& operator[](std::string_view key) const;

  // 1 and 1.0 are equal; the order of members says nothing.
  friend bool operator==(const JsonValue&, const JsonValue&) = default;

 private:
  std::variant<std::monostate, bool, int64_t, double, std::string, Array, Object> value_;
};

void append_json(const JsonValue& value, JsonWriter& json);
std::string to_json(const JsonValue& value);  // compact

}  // namespace stanch::codec

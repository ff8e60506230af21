#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

// Writes JSON text, compact, members in the order of the calls. Bytes that are
// no UTF-8 become U+FFFD; everything below 0x20, '"', '\\' and 0x7f is escaped, and so
// are U+2028 and U+2029.

namespace stanch::codec {

void append_json_string(std::string_view text, std::string& out);  // with quotes

class JsonWriter {
 public:
  explicit JsonWriter(std::string& out) : out_(out) {}

  JsonWriter& begin_object();
  JsonWriter& end_object();
  JsonWriter& begin_array();
  JsonWriter& end_array();
  JsonWriter& key(std::string_view key);

  JsonWriter& string(std::string_view text);
  JsonWriter& number(int64_t value);
  JsonWriter& number(uint64_t value);
  JsonWriter& number(double value);  // shortest form that reads back equal; finite
  JsonWriter& boolean(bool value);
  JsonWriter& null();
  JsonWriter& raw(std::string_view json);  // already JSON

  // key and value at once
  JsonWriter& field(std::string_view name, std::string_view text) { return key(name).string(text); }
  JsonWriter& field(std::string_view name, const char* text) { return key(name).string(text); }
  JsonWriter& field(std::string_view name, bool value) { return key(name).boolean(value); }
  JsonWriter& field(std::string_view name, int value) { return key(name).number(int64_t{value}); }
  JsonWriter& field(std::string_view name, int64_t value) { return key(name).number(value); }
  JsonWriter& field(std::string_view name, uint64_t value) { return key(name).number(value); }
  JsonWriter& field(std::string_view name, double value) { return key(name).number(value); }

 private:
  void before_value();

  std::string& out_;
  std::vector<bool> has_members_;  // one an open container
  bool after_key_ = false;
};

// A member that is an array of texts.
void append_texts(std::string_view name, const std::vector<std::string>& texts, JsonWriter& json);

// One object: `body` writes its members.
template <typename Body>
std::string json_object(const Body& body) {
  std::string text;
  JsonWriter json(text);
  json.begin_object();
  body(json);
  json.end_object();
  return text;
}

}  // namespace stanch::codec

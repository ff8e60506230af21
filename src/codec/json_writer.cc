#include "codec/json_writer.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <iterator>

#include "base/check.h"
#include "codec/json.h"
#include "codec/utf8.h"

namespace stanch::codec {

namespace {

// Characters that stand for themselves in a JSON string and are ASCII.
constexpr bool is_plain(char c) {
  return c >= 0x20 && c != '"' && c != '\\' && c != 0x7F;  // bytes from 0x80 on are negative
}
static_assert(static_cast<char>(0x80) < 0, "char is signed on the machines that we build for");

template <typename Number>
void append_number(Number value, std::string& out) {
  char buffer[32];
  const auto [end, error] = std::to_chars(buffer, buffer + sizeof buffer, value);
  CHECK(error == std::errc());
  out.append(buffer, end);
}

}  // namespace

void append_json_string(std::string_view text, std::string& out) {
  out += '"';
  while (!text.empty()) {
    size_t plain = 0;
    while (plain < text.size() && is_plain(text[plain])) ++plain;
    out.append(text.substr(0, plain));
    text.remove_prefix(plain);
    if (text.empty()) break;
    const Utf8Step step = decode_utf8(text);
    if (step.code_point < 0x80) {
      append_json_escape(text.front(), out);
    } else if (step.code_point == 0x2028 || step.code_point == 0x2029) {
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", uint32_t{step.code_point});
    } else {
      append_utf8(step.code_point, out);
    }
    text.remove_prefix(step.length);
  }
  out += '"';
}

void JsonWriter::before_value() {
  if (after_key_) {
    after_key_ = false;
    return;
  }
  if (has_members_.empty()) return;
  if (has_members_.back()) out_ += ',';
  has_members_.back() = true;
}

JsonWriter& JsonWriter::begin_object() {
  before_value();
  has_members_.push_back(false);
  out_ += '{';
  return *this;
}

JsonWriter& JsonWriter::end_object() {
  CHECK(!has_members_.empty() && !after_key_);
  has_members_.pop_back();
  out_ += '}';
  return *this;
}

JsonWriter& JsonWriter::begin_array() {
  before_value();
  has_members_.push_back(false);
  out_ += '[';
  return *this;
}

JsonWriter& JsonWriter::end_array() {
  CHECK(!has_members_.empty() && !after_key_);
  has_members_.pop_back();
  out_ += ']';
  return *this;
}

JsonWriter& JsonWriter::key(std::string_view key) {
  CHECK(!after_key_);
  before_value();
  append_json_string(key, out_);
  out_ += ':';
  after_key_ = true;
  return *this;
}

JsonWriter& JsonWriter::string(std::string_view text) {
  before_value();
  append_json_string(text, out_);
  return *this;
}

JsonWriter& JsonWriter::number(int64_t value) {
  before_value();
  append_number(value, out_);
  return *this;
}

JsonWriter& JsonWriter::number(uint64_t value) {
  before_value();
  append_number(value, out_);
  return *this;
}

JsonWriter& JsonWriter::number(double value) {
  CHECK(std::isfinite(value));
  before_value();
  append_number(value, out_);
  return *this;
}

JsonWriter& JsonWriter::boolean(bool value) {
  before_value();
  out_ += value ? "true" : "false";
  return *this;
}

JsonWriter& JsonWriter::null() {
  before_value();
  out_ += "null";
  return *this;
}

JsonWriter& JsonWriter::raw(std::string_view json) {
  before_value();
  out_ += json;
  return *this;
}

void append_texts(std::string_view name, const std::vector<std::string>& texts, JsonWriter& json) {
  json.key(name).begin_array();
  for (const std::string& text : texts) json.string(text);
  json.end_array();
}

}  // namespace stanch::codec

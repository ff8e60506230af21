#include "naive/fields.h"

#include <optional>

namespace naive {
namespace {

// F4
Text drop_brackets(const Text& name) {
  Text out, segment;
  auto finish = [&] {
    for (bool again = true; again;) {
      again = false;
      for (const Text& brackets : {Text(U"{}"), Text(U"[]"), Text(U"[*]")}) {
        if (!segment.ends_with(brackets)) continue;
        segment.erase(segment.size() - brackets.size());
        again = true;
      }
    }
    out += segment;
    segment.clear();
  };
  for (char32_t c : name) {
    if (c == U'.') {
      finish();
      out += c;
    } else {
      segment += c;
    }
  }
  finish();
  return out;
}

// F2
const Json* member(const Object& object, const Text& key) {
  for (const auto& [name, value] : object.members) {
    if (name == key) return &value;
  }
  for (const auto& [name, value] : object.members) {
    if (equal_ignoring_ascii_case(name, key)) return &value;
  }
  return nullptr;
}

int hex_value(char32_t c) {
  if (c >= U'0' && c <= U'9') return static_cast<int>(c - U'0');
  if (c >= U'a' && c <= U'f') return static_cast<int>(c - U'a') + 10;
  if (c >= U'A' && c <= U'F') return static_cast<int>(c - U'A') + 10;
  return -1;
}

// F5: %7B… and %5B… only; a percent sign without two digits stays.
std::string percent_decoded(const Text& text) {
  std::string bytes;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == U'%' && i + 2 < text.size() && hex_value(text[i + 1]) >= 0 &&
        hex_value(text[i + 2]) >= 0) {
      bytes += static_cast<char>(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2]));
      i += 2;
    } else {
      bytes += to_utf8(text.substr(i, 1));
    }
  }
  return bytes;
}

// F5
std::optional<Json> json_inside(const Text& text) {
  Text start = fold(text.substr(0, 3));
  bool encoded = start == U"%7b" || start == U"%5b";
  auto json = parse_json(encoded ? percent_decoded(text) : to_utf8(text));
  if (!json || (!json->as<Object>() && !json->as<Array>())) return std::nullopt;
  return json;
}

// F1, F3, F5: the values of the last key, wherever it exists; arrays among them are whole.
void find(const Json& at, const Text& name, std::vector<Json>& found) {
  if (auto* array = at.as<Array>()) {
    for (const Json& element : array->elements) find(element, name, found);
  }
  if (auto* text = at.as<Text>()) {
    if (auto inside = json_inside(*text)) find(*inside, name, found);
  }
  if (auto* object = at.as<Object>()) {
    if (const Json* whole = member(*object, name)) {
      found.push_back(*whole);
      return;
    }
    size_t dot = name.find(U'.');
    if (dot == Text::npos) return;
    if (const Json* head = member(*object, name.substr(0, dot))) {
      find(*head, name.substr(dot + 1), found);
    }
  }
}

// F3, at the end: elements instead of arrays.
void fan_out(const Json& json, std::vector<Json>& out) {
  if (auto* array = json.as<Array>()) {
    for (const Json& element : array->elements) fan_out(element, out);
  } else {
    out.push_back(json);
  }
}

// F8: `head[member=text]`, and the name that stands behind the dot after it, if any.
struct Selecting {
  Text head, member, text, rest;
};

std::optional<Selecting> selecting(const Text& name) {
  for (size_t i = 1; i < name.size(); ++i) {
    if (name[i] != U'[') continue;
    size_t end = name.find(U']', i);
    if (end == Text::npos) return std::nullopt;
    Text inside = name.substr(i + 1, end - i - 1);
    size_t sign = inside.find(U'=');
    Text behind = name.substr(end + 1);
    if (sign == 0 || sign == Text::npos || !(behind.empty() || behind[0] == U'.')) continue;
    return Selecting{name.substr(0, i), inside.substr(0, sign), inside.substr(sign + 1),
                     behind.substr(behind.empty() ? 0 : 1)};
  }
  return std::nullopt;
}

// F8, with F3 and F5: the objects at `json` whose member is that text.
void choose(const Json& json, const Selecting& by, std::vector<Json>& out) {
  if (auto* array = json.as<Array>()) {
    for (const Json& element : array->elements) choose(element, by, out);
  }
  if (auto* text = json.as<Text>()) {
    if (auto inside = json_inside(*text)) choose(*inside, by, out);
  }
  if (auto* object = json.as<Object>()) {
    const Json* value = member(*object, by.member);
    if (value == nullptr || value->as<Null>() || value->as<Array>() || value->as<Object>()) return;
    auto* text = value->as<Text>();
    if (equal_ignoring_ascii_case(text ? *text : compact(*value), by.text)) out.push_back(json);
  }
}

Field look_up_below(const Json& at, const Text& name) {
  Field field;
  std::vector<Json> found;
  auto by = selecting(name);
  find(at, drop_brackets(by ? by->head : name), found);
  if (!by) {
    field.present = !found.empty();
    for (const Json& json : found) fan_out(json, field.values);
    return field;
  }
  std::vector<Json> chosen;
  for (const Json& json : found) choose(json, *by, chosen);
  for (const Json& object : chosen) {
    if (by->rest.empty()) {
      field.present = true;
      field.values.push_back(object);
      continue;
    }
    Field below = look_up_below(object, by->rest);
    field.present = field.present || below.present;
    field.values.insert(field.values.end(), below.values.begin(), below.values.end());
  }
  return field;
}

}  // namespace

Field look_up(const Json& event, std::string_view name) {
  return look_up_below(event, from_utf8(name));
}

}  // namespace naive

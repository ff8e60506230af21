#include "respond/action/call_value.h"

#include <fmt/format.h>

#include <algorithm>
#include <ranges>

namespace stanch::respond {

namespace {

using codec::JsonValue;
using codec::JsonWriter;

bool is_known(const CallValue& value) { return value.known() != nullptr; }

Error no_call_value() { return {ErrorCode::kInvalid, "these are no parameters of a planned call"}; }

}  // namespace

std::string text_of(const CallValue::Hole& hole) {
  using enum CallValue::Hole::Kind;
  switch (hole.kind) {
    case kNow: return "now";
    case kToken: return "token";
    case kSecret: return "secret";
    case kResult: return "result." + hole.call + "." + hole.path;
  }
  return {};
}

std::optional<CallValue::Hole> find_hole(std::string_view text) {
  using enum CallValue::Hole::Kind;
  if (text == "now") return CallValue::Hole{.kind = kNow};
  if (text == "token") return CallValue::Hole{.kind = kToken};
  if (text == "secret") return CallValue::Hole{.kind = kSecret};
  constexpr std::string_view kPrefix = "result.";
  if (!text.starts_with(kPrefix)) return std::nullopt;
  text.remove_prefix(kPrefix.size());
  const size_t dot = text.find('.');
  const auto is_word = [](std::string_view word) {
    return !word.empty() && std::ranges::all_of(word, [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    });
  };
  if (dot == text.npos || !is_word(text.substr(0, dot))) return std::nullopt;
  for (std::string_view path = text.substr(dot + 1);; path.remove_prefix(path.find('.') + 1)) {
    if (!is_word(path.substr(0, path.find('.')))) return std::nullopt;
    if (path.find('.') == path.npos) break;
  }
  return CallValue::Hole{.kind = kResult,
                         .call = std::string(text.substr(0, dot)),
                         .path = std::string(text.substr(dot + 1))};
}

CallValue CallValue::value(JsonValue value) {
  CallValue out;
  out.value_ = std::move(value);
  return out;
}

CallValue CallValue::hole(Hole hole) {
  CallValue out;
  out.value_ = std::move(hole);
  return out;
}

CallValue CallValue::text(List parts) {
  CallValue out;
  if (!std::ranges::all_of(parts, is_known)) {
    out.value_ = Text{std::move(parts)};
    return out;
  }
  std::string text;
  for (const CallValue& part : parts) {
    const JsonValue& value = *part.known();
    text += value.is_string() ? value.string() : value.is_null() ? "" : to_json(value);
  }
  return value(JsonValue(std::move(text)));
}

CallValue CallValue::json(CallValue of) {
  if (const JsonValue* known = of.known()) return value(JsonValue(to_json(*known)));
  CallValue out;
  out.value_ = Json{{std::move(of)}};
  return out;
}

CallValue CallValue::list(List list) {
  CallValue out;
  if (!std::ranges::all_of(list, is_known)) {
    out.value_ = std::move(list);
    return out;
  }
  JsonValue::Array array;
  for (const CallValue& each : list) array.push_back(*each.known());
  return value(JsonValue(std::move(array)));
}

CallValue CallValue::object(Object object) {
  std::erase_if(object, [](const auto& member) { return member.second.is_null(); });
  CallValue out;
  if (!std::ranges::all_of(std::views::values(object), is_known)) {
    out.value_ = std::move(object);
    return out;
  }
  JsonValue::Object members;
  for (const auto& [name, each] : object) members.emplace(name, *each.known());
  return value(JsonValue(std::move(members)));
}

bool CallValue::is_null() const { return known() != nullptr && known()->is_null(); }

bool CallValue::is_result() const {
  const auto* hole = std::get_if<Hole>(&value_);
  return hole != nullptr && hole->kind == Hole::Kind::kResult;
}

std::optional<CallValue::Parts> CallValue::parts() const {
  Parts parts;
  const auto add_members = [&](const auto& members, const auto& value_of) {
    for (const auto& [name, each] : members) {
      parts.names.push_back(name);
      parts.values.push_back(value_of(each));
    }
  };
  const auto same = [](const CallValue& each) { return each; };
  const auto known_one = [](const JsonValue& each) { return value(each); };
  if (const auto* list = std::get_if<List>(&value_)) {
    parts.values = *list;
  } else if (const auto* object = std::get_if<Object>(&value_)) {
    add_members(*object, same);
  } else if (known() != nullptr && known()->is_array()) {
    for (const JsonValue& each : known()->array()) parts.values.push_back(value(each));
  } else if (known() != nullptr && known()->is_object()) {
    add_members(known()->object(), known_one);
  } else {
    return std::nullopt;
  }
  return parts;
}

std::vector<CallValue::Hole> CallValue::holes() const {
  std::vector<Hole> found;
  const auto add = [&](const CallValue& from) {
    const std::vector<Hole> more = from.holes();
    found.insert(found.end(), more.begin(), more.end());
  };
  if (const auto* hole = std::get_if<Hole>(&value_)) found.push_back(*hole);
  if (const auto* text = std::get_if<Text>(&value_)) std::ranges::for_each(text->parts, add);
  if (const auto* json = std::get_if<Json>(&value_)) std::ranges::for_each(json->of, add);
  if (const auto* list = std::get_if<List>(&value_)) std::ranges::for_each(*list, add);
  if (const auto* object = std::get_if<Object>(&value_)) {
    std::ranges::for_each(std::views::values(*object), add);
  }
  return found;
}

Result<JsonValue> CallValue::filled(const Fill& fill) const {
  if (const auto* value = std::get_if<JsonValue>(&value_)) return *value;
  if (const auto* hole = std::get_if<Hole>(&value_)) return fill(*hole);
  if (const auto* text = std::get_if<Text>(&value_)) {
    List parts;
    for (const CallValue& part : text->parts) {
      TRY(JsonValue each, part.filled(fill));
      parts.push_back(value(std::move(each)));
    }
    return *CallValue::text(std::move(parts)).known();
  }
  if (const auto* json = std::get_if<Json>(&value_)) {
    TRY(const JsonValue of, json->of[0].filled(fill));
    return JsonValue(to_json(of));
  }
  if (const auto* list = std::get_if<List>(&value_)) {
    JsonValue::Array array;
    for (const CallValue& each : *list) {
      TRY(JsonValue value, each.filled(fill));
      array.push_back(std::move(value));
    }
    return JsonValue(std::move(array));
  }
  JsonValue::Object members;
  for (const auto& [name, each] : std::get<Object>(value_)) {
    TRY(JsonValue value, each.filled(fill));
    if (!value.is_null()) members.emplace(name, std::move(value));
  }
  return JsonValue(std::move(members));
}

void CallValue::append_to(JsonWriter& json) const {
  json.begin_object();
  const auto list = [&](std::string_view name, const List& of) {
    json.key(name).begin_array();
    for (const CallValue& each : of) each.append_to(json);
    json.end_array();
  };
  if (const auto* value = std::get_if<JsonValue>(&value_)) {
    append_json(*value, json.key("value"));
  } else if (const auto* hole = std::get_if<Hole>(&value_)) {
    json.field("hole", text_of(*hole));
  } else if (const auto* text = std::get_if<Text>(&value_)) {
    list("text", text->parts);
  } else if (const auto* of = std::get_if<Json>(&value_)) {
    of->of[0].append_to(json.key("json"));
  } else if (const auto* items = std::get_if<List>(&value_)) {
    list("list", *items);
  } else {
    json.key("object").begin_object();
    for (const auto& [name, each] : std::get<Object>(value_)) each.append_to(json.key(name));
    json.end_object();
  }
  json.end_object();
}

Result<CallValue> CallValue::read(const JsonValue& json) {
  if (!json.is_object() || json.object().size() != 1) return no_call_value();
  const auto& [kind, of] = *json.object().begin();
  const auto read_list = [](const JsonValue& array) -> Result<List> {
    if (!array.is_array()) return no_call_value();
    List list;
    for (const JsonValue& each : array.array()) {
      TRY(CallValue read, CallValue::read(each));
      list.push_back(std::move(read));
    }
    return list;
  };
  if (kind == "value") return value(of);
  if (kind == "hole") {
    const auto found = find_hole(of.text_or_empty());
    return found ? hole(*found) : Result<CallValue>(no_call_value());
  }
  if (kind == "text") {
    TRY(List parts, read_list(of));
    return text(std::move(parts));
  }
  if (kind == "json") {
    TRY(CallValue inside, read(of));
    return CallValue::json(std::move(inside));
  }
  if (kind == "list") {
    TRY(List items, read_list(of));
    return CallValue::list(std::move(items));
  }
  if (kind != "object" || !of.is_object()) return no_call_value();
  Object object;
  for (const auto& [name, each] : of.object()) {
    TRY(CallValue member, read(each));
    object.emplace(name, std::move(member));
  }
  return CallValue::object(std::move(object));
}

}  // namespace stanch::respond

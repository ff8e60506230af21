#include "cloud/rest_call.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/ascii.h"
#include "base/check.h"
#include "cloud/encode_uri.h"
#include "cloud/invalid.h"
#include "cloud/parameters.h"
#include "codec/hash.h"

namespace stanch::cloud {

namespace {

using codec::JsonValue;

// A UUID as RFC 9562, section 5.8 lets one make them: of a text, so the same for the same.
std::string uuid_of(const std::string& text) {
  codec::Sha256 hash = codec::sha256(text);
  hash[6] = static_cast<uint8_t>((hash[6] & 0x0f) | 0x80);
  hash[8] = static_cast<uint8_t>((hash[8] & 0x3f) | 0x80);
  std::string hex = codec::to_hex(std::span(hash).first(16));
  for (const size_t at : {20, 16, 12, 8}) hex.insert(at, 1, '-');
  return hex;
}

std::string text_of(const JsonValue& value) {
  return value.is_string() ? value.string() : codec::to_json(value);
}

class RestWriter {
 public:
  RestWriter(const Operation& operation, const JsonValue& parameters)
      : operation_(operation), parameters_(parameters) {}

  Result<RestCall> write() {
    call_.method = operation_.method;
    TRY(path());
    if (operation_.input != nullptr) {
      for (const Member& member : operation_.input->members) {
        const JsonValue& value = parameters_[member.name];
        if (!value.is_null()) TRY(beside(member, value));
      }
    }
    body();
    return std::move(call_);
  }

 private:
  Error wrong(std::string_view name, std::string_view what) const {
    return invalid(
        fmt::format("{}.{}: {}: {}", operation_.service->name, operation_.name, name, what));
  }

  // "/projects/{project}/keys": a name in braces stands for a parameter.
  Result<> path() {
    std::string_view rest = operation_.uri;
    for (size_t open = rest.find('{'); open != rest.npos; open = rest.find('{')) {
      const size_t close = rest.find('}', open);
      CHECK(close != rest.npos && operation_.input != nullptr);
      call_.target += rest.substr(0, open);
      const Member* member = operation_.input->find(rest.substr(open + 1, close - open - 1));
      CHECK(member != nullptr);
      std::string text = text_of(parameters_[member->name]);
      const bool is_id = operation_.service->protocol == Protocol::kArm;
      if (is_id && !member->segments.empty() && text.starts_with('/')) text.erase(0, 1);
      const bool fits =
          member->segments.empty() ? is_segment(text) : are_segments(text, member->segments, is_id);
      if (!fits) return wrong(member->name, "it cannot be a part of a path");
      call_.target += member->is_flat ? encode_uri(text) : encode_uri_but(text, "/");
      rest.remove_prefix(close + 1);
    }
    call_.target += rest;
    return {};
  }

  void query(std::string_view name, std::string_view value) {
    call_.target += call_.target.contains('?') ? '&' : '?';
    call_.target += encode_uri(name) + "=" + encode_uri(value);
  }

  Result<> beside(const Member& member, const JsonValue& value) {
    if (member.location == Location::kQuery) {
      if (value.is_array()) {
        for (const JsonValue& each : value.array()) query(member.wire_or_name(), text_of(each));
      } else {
        query(member.wire_or_name(), text_of(value));
      }
    } else if (member.location == Location::kHeader) {
      std::string text = text_of(value);
      const bool fits = std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
      if (!fits) return wrong(member.name, "it cannot be a header");
      call_.headers.push_back({member.wire_or_name(), std::move(text)});
    }
    return {};
  }

  void body() {
    call_.headers.push_back({"Accept", "application/json"});
    const Member* payload = operation_.input == nullptr ? nullptr : operation_.input->payload;
    if (payload == nullptr) return;
    const JsonValue& value = parameters_[payload->name];
    if (value.is_null()) return;
    call_.body = codec::to_json(value);
    call_.headers.push_back({"Content-Type", "application/json"});
  }

  const Operation& operation_;
  const JsonValue& parameters_;
  RestCall call_;
};

void add_secrets(const Shape& shape, const JsonValue& value, std::vector<std::string>& secrets);

void add_secrets(const Member& member, const JsonValue& value, std::vector<std::string>& secrets) {
  if (member.is_sensitive && value.is_string()) secrets.push_back(value.string());
  if (member.shape != nullptr) add_secrets(*member.shape, value, secrets);
}

void add_secrets(const Shape& shape, const JsonValue& value, std::vector<std::string>& secrets) {
  if (shape.kind == Kind::kList && value.is_array()) {
    for (const JsonValue& each : value.array()) add_secrets(shape.element, each, secrets);
  }
  if (shape.kind != Kind::kStructure) return;
  for (const Member& member : shape.members) {
    const JsonValue& inside = value[member.name];
    if (!inside.is_null()) add_secrets(member, inside, secrets);
  }
}

}  // namespace

bool is_segment(std::string_view text) {
  constexpr size_t kBytesMax = 1024;
  return !text.empty() && text.size() <= kBytesMax && text != "." && text != ".." &&
         std::ranges::none_of(text, [](char c) {
           return (c >= 0 && c < ' ') || c == '/' || c == '\\' || c == '%' || c == '\x7f';
         });
}

bool are_segments(std::string_view text, std::string_view segments, bool any_case) {
  const auto parts_of = [](std::string_view whole) {
    std::vector<std::string_view> parts;
    for (;;) {
      const size_t end = whole.find('/');
      parts.push_back(whole.substr(0, end));
      if (end == whole.npos) return parts;
      whole.remove_prefix(end + 1);
    }
  };
  const auto given = parts_of(text), wanted = parts_of(segments);
  if (!std::ranges::all_of(given, is_segment)) return false;
  const auto fits = [&](std::string_view part, std::string_view word) {
    return word == "*" || part == word || (any_case && equal_ignoring_ascii_case(part, word));
  };
  const auto many = std::ranges::find(wanted, "**");
  if (many == wanted.end()) return std::ranges::equal(given, wanted, fits);
  const auto before = static_cast<size_t>(many - wanted.begin());
  const size_t after = wanted.size() - before - 1;
  if (given.size() < before + after) return false;
  return std::equal(wanted.begin(), many, given.begin(),
                    [&](auto word, auto part) { return fits(part, word); }) &&
         std::equal(wanted.rbegin(), wanted.rbegin() + static_cast<ptrdiff_t>(after),
                    given.rbegin(), [&](auto word, auto part) { return fits(part, word); });
}

Result<RestCall> write_rest_call(const Operation& operation, const JsonValue& given,
                                 const std::string& token) {
  TRY(check_parameters(operation, given));
  JsonValue parameters = given;
  if (operation.input != nullptr && !token.empty()) {
    for (const Member& member : operation.input->members) {
      if (!member.is_token || !parameters[member.name].is_null()) continue;
      parameters.object().insert_or_assign(member.name, JsonValue(uuid_of(token)));
    }
  }
  return RestWriter(operation, parameters).write();
}

Result<JsonValue> read_rest_answer(const Operation& operation, const env::HttpResponse& response) {
  JsonValue answer{JsonValue::Object()};
  if (!response.body.empty()) {
    codec::JsonParser parser;
    const codec::JsonView body = parser.parse(response.body);
    if (!body) {
      return Error(ErrorCode::kCorrupt, fmt::format("the answer to {}.{} is no JSON",
                                                    operation.service->name, operation.name));
    }
    answer = JsonValue::of(body);
  }
  return answer;
}

std::vector<std::string> secrets_of(const Operation& operation, const JsonValue& parameters) {
  std::vector<std::string> secrets;
  if (operation.input != nullptr) add_secrets(*operation.input, parameters, secrets);
  return secrets;
}

}  // namespace stanch::cloud

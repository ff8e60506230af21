#include "cloud/parameters.h"

#include <fmt/format.h>

#include <algorithm>

#include "codec/base64.h"
#include "codec/timestamp.h"

namespace stanch::cloud {

namespace {

using codec::JsonValue;

class Checking {
 public:
  explicit Checking(const Operation& operation)
      : where_(operation.service->name + "." + operation.name + ": ") {}

  Result<> structure(const Shape& shape, const JsonValue& value, const std::string& at) {
    if (!value.is_object()) return wrong(at, "an object is wanted");
    for (const auto& [name, member] : value.object()) {
      const std::string inside = at.empty() ? name : at + "." + name;
      const Member* known = shape.find(name);
      if (known == nullptr && shape.is_open) continue;
      if (known == nullptr) return wrong(inside, "there is no such parameter");
      TRY(this->value(*known, member, inside));
    }
    for (const std::string& name : shape.required) {
      const Member* member = shape.find(name);
      // Whoever sends a token that nobody gave makes one.
      if (value[name].is_null() && (member == nullptr || !member->is_token)) {
        return wrong(at.empty() ? name : at + "." + name, "it is required");
      }
    }
    return {};
  }

 private:
  Error wrong(const std::string& at, std::string_view what) const {
    return Error(ErrorCode::kInvalid, fmt::format("{}{}: {}", where_, at, what));
  }

  Result<> value(const Member& member, const JsonValue& value, const std::string& at) {
    if (at.size() > kAtMax) return wrong(at, "it nests too deep");
    switch (member.kind()) {
      case Kind::kText:
        if (!value.is_string()) return wrong(at, "a text is wanted");
        break;
      case Kind::kBoolean:
        if (!value.is_bool()) return wrong(at, "true or false is wanted");
        break;
      case Kind::kInteger:
        if (value.integer() == nullptr) return wrong(at, "a whole number is wanted");
        break;
      case Kind::kNumber:
        if (!value.is_number()) return wrong(at, "a number is wanted");
        break;
      case Kind::kBytes:
        if (!value.is_string() || !codec::decode_base64(value.string())) {
          return wrong(at, "bytes in base64 are wanted");
        }
        break;
      case Kind::kTimeIso:
      case Kind::kTimeRfc822:
      case Kind::kTimeUnix:
        if (!value.is_string() || !codec::parse_timestamp(value.string())) {
          return wrong(at, "a time is wanted, 2026-03-01T02:03:04Z");
        }
        break;
      case Kind::kAnything: break;
      case Kind::kStructure: return structure(*member.shape, value, at);
      case Kind::kList:
        if (!value.is_array()) return wrong(at, "a list is wanted");
        for (size_t i = 0; i < value.array().size(); ++i) {
          TRY(this->value(member.shape->element, value.array()[i], fmt::format("{}[{}]", at, i)));
        }
        break;
      case Kind::kMap:
        if (!value.is_object()) return wrong(at, "an object is wanted");
        for (const auto& [key, each] : value.object()) {
          TRY(this->value(member.shape->value, each, at + "." + key));
        }
        break;
    }
    return {};
  }

  static constexpr size_t kAtMax = 4096;  // shapes may hold themselves; their place bounds them

  std::string where_;
};

}  // namespace

Result<> check_parameters(const Operation& operation, const JsonValue& parameters) {
  static const Shape kNothing;
  const Shape& shape = operation.input == nullptr ? kNothing : *operation.input;
  return Checking(operation).structure(shape, parameters, "");
}

}  // namespace stanch::cloud

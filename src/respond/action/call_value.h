#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.h"
#include "codec/json_value.h"

// The parameters of a planned call. What is known is a value; what only the executor can know is a
// hole with a name, which its hash covers and which nothing else may become: foreign text that
// looks like a hole is a value, and values are never read again.

namespace stanch::respond {

class CallValue {
 public:
  using Object = std::map<std::string, CallValue, std::less<>>;
  using List = std::vector<CallValue>;

  // What the executor fills in when the call goes out.
  struct Hole {
    enum class Kind : uint8_t {
      kNow,     // the time of the call, RFC 3339 in UTC to the second
      kToken,   // of idempotency: the same whenever this call is repeated
      kSecret,  // a new random one, which is kept nowhere
      kResult,  // what an earlier call of the same step answered
    };
    Kind kind = Kind::kNow;
    std::string call = {},
                path = {};  // of kResult: the call's id, and members with dots between them

    bool operator==(const Hole&) const = default;
  };

  CallValue() = default;  // null
  static CallValue value(codec::JsonValue value);
  static CallValue hole(Hole hole);
  // These become values at once if there is no hole in them.
  static CallValue text(List parts);    // one after the other; each a text, a number or true, false
  static CallValue json(CallValue of);  // the text of it as JSON
  static CallValue list(List list);
  static CallValue object(Object object);  // members that are null are left out

  bool is_null() const;
  // Null if there is a hole in it.
  const codec::JsonValue* known() const { return std::get_if<codec::JsonValue>(&value_); }

  // Nothing but what an earlier call of the same step answered.
  bool is_result() const;
  // The values that a list or object holds, whether or not there are holes in it; nothing of else.
  struct Parts {
    std::vector<std::string> names;  // of an object's members
    List values;
  };
  std::optional<Parts> parts() const;

  // All holes, those of results only as often as they stand there.
  std::vector<Hole> holes() const;
  // The value, each hole filled with what `fill` says; an error of `fill` is that of this.
  using Fill = std::function<Result<codec::JsonValue>(const Hole&)>;
  Result<codec::JsonValue> filled(const Fill& fill) const;

  // As plans keep it (docs/formats/plan.md): {"value": …} | {"hole": …} | {"text": […]} |
  // {"json": …} | {"list": […]} | {"object": {…}}. read() gives back what append() wrote.
  void append_to(codec::JsonWriter& json) const;
  static Result<CallValue> read(const codec::JsonValue& json);

  bool operator==(const CallValue&) const = default;

 private:
  struct Text {
    List parts;
    bool operator==(const Text&) const = default;
  };
  struct Json {
    std::vector<CallValue> of;  // exactly one
    bool operator==(const Json&) const = default;
  };
  std::variant<codec::JsonValue, Hole, Text, Json, List, Object> value_;
};

// "now", "token", "secret", "result.create.GroupId"
std::string text_of(const CallValue::Hole& hole);
std::optional<CallValue::Hole> find_hole(std::string_view text);

}  // namespace stanch::respond

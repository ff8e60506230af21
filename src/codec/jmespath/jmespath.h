#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "codec/jmespath/problem.h"
#include "codec/json_value.h"
#include "codec/limits.h"

// JMESPath (jmespath.org, specification), the language in which playbooks pick from JSON.
//
//   evidence.users[?mfa == `false`].name | sort(@) | [0]
//
// Where the specification leaves room: `!` binds less tightly than `.` and brackets, so that
// !user.mfa asks for mfa; members come in the order of their keys; of a key that stands twice in
// {…} the last counts; contains() of a text and something else is false. Numbers are those of
// JsonValue, and are compared exactly.
//
// Additions, off unless asked for, all of which refuse what they cannot read (invalid-value):
//   x_json(text)                the value that the text is
//   x_url_decode(text)          %41 is A; '+' and a lone '%' stay; bytes that are no UTF-8 are
//   U+FFFD x_time_add(time, seconds)   RFC 3339; the result ends in Z x_sha256(text) hex
//   x_base64(text)              x_base64(text, 'decode') goes back, to UTF-8
//   $name                       the member `name` of what the whole expression is evaluated on,
//   also
//                               where something else is the current value: keys[?id ==
//                               $target.name]
//
// Names at hand: evaluate_with() makes an object of named roots without copying them, and with
// JmespathOptions::names a misspelled root is a problem of compile(), not a null.

namespace stanch::codec {

namespace jmespath {
struct Tree;
}

struct JmespathOptions {
  bool additions = false;
  std::vector<std::string> names = {};  // all roots that there will be; empty: anything
  uint64_t steps_max = kJmespathStepsMax;
};

// A compiled expression. Never changes: any number of threads may evaluate it at once, and a copy
// is cheap. Everything ends: what takes too long or becomes too large is an error (limits.h).
class Jmespath {
 public:
  // Functions, their number of arguments and steps of 0 are checked here, not on evaluation. The
  // error is kInvalid with the text of the problem.
  static Result<Jmespath> compile(std::string_view text, const JmespathOptions& options = {});
  // What compile() would say, for those who point into a file.
  static std::optional<JmespathProblem> find_problem(std::string_view text,
                                                     const JmespathOptions& options = {});

  const std::string& text() const;  // as it was written

  // The value, null where there is nothing; or kInvalid with the text of a problem.
  Result<JsonValue> evaluate(const JsonValue& value) const;

  struct Root {
    std::string_view name;
    const JsonValue* value;  // not null
  };
  Result<JsonValue> evaluate_with(std::span<const Root> roots) const;

 private:
  Jmespath(std::shared_ptr<const jmespath::Tree> tree, uint64_t steps_max)
      : tree_(std::move(tree)), steps_max_(steps_max) {}

  std::shared_ptr<const jmespath::Tree> tree_;
  uint64_t steps_max_;
};

}  // namespace stanch::codec

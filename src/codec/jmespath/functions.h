#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "codec/jmespath/evaluate.h"

namespace stanch::codec::jmespath {

// What an argument may be; several together mean any of them.
enum ArgumentType : uint16_t {
  kBoolean = 1,
  kNumber = 2,
  kString = 4,
  kArray = 8,
  kObject = 16,
  kNullType = 32,
  kAny = 63,
  kNumbers = 64,      // an array of them; also one without elements
  kStrings = 128,     // likewise
  kExpression = 256,  // &expression
};

// A call whose number and types of arguments are right.
struct Call {
  Evaluator& evaluator;
  const Node& node;
  std::span<const Part> arguments;

  Part operator[](size_t index) const { return arguments[index]; }
  // The argument that is &expression, of `value`.
  Part apply(size_t index, Part value) const {
    return evaluator.evaluate(evaluator.node(node.children[index]).left, value);
  }
};

inline constexpr uint8_t kAnyNumber = 255;

// One row of the table of functions.
struct Function {
  std::string_view name;
  Part (*run)(const Call& call);
  std::array<uint16_t, 2> types;  // of ArgumentType; the last counts for all further ones
  uint8_t arguments_min, arguments_max;
  bool addition = false;

  uint16_t type_of(size_t position) const { return types[position == 0 ? 0 : 1]; }
};

std::span<const Function> all_functions();
const Function* find_function(std::string_view name);
std::string usage_of(const Function& function);  // "join(string, array of strings)"

// Checks the types and spends steps for texts, then calls.
Part run_function(Evaluator& evaluator, const Node& node, std::span<const Part> arguments);

// The additions (jmespath.h), which additions.cc has.
Part x_json(const Call& call);
Part x_url_decode(const Call& call);
Part x_time_add(const Call& call);
Part x_sha256(const Call& call);
Part x_base64(const Call& call);

}  // namespace stanch::codec::jmespath

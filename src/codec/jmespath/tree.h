#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "codec/json_value.h"

namespace stanch::codec::jmespath {

struct Function;

enum class NodeKind : uint8_t {
  kCurrent,
  kField,          // name
  kRoot,           // name, of the value that the whole expression is evaluated on
  kLiteral,        // literal
  kIndex,          // index
  kSlice,          // slice
  kThen,           // right, of what left gives: a.b, a | b
  kProject,        // right, of each element of left: a[*].b
  kProjectValues,  // right, of each value of the object left: a.*.b
  kFilter,         // right, of each element of left for which condition is true-like
  kFlatten,        // left
  kOr,
  kAnd,
  kNot,        // left
  kCompare,    // comparison
  kList,       // children
  kHash,       // keys, children
  kCall,       // function, children
  kReference,  // &left; stands only in a call
};

enum class Comparison : uint8_t { kEqual, kNotEqual, kLess, kLessEqual, kGreater, kGreaterEqual };

struct Slice {
  std::optional<int64_t> start, stop;
  int64_t step = 1;  // never 0
};

struct Node {
  NodeKind kind = NodeKind::kCurrent;
  uint32_t at = 0;     // in the text
  uint32_t depth = 1;  // of the tree below
  uint32_t left = 0, right = 0, condition = 0;
  Comparison comparison = Comparison::kEqual;
  int64_t index = 0;
  Slice slice = {};
  std::string name = {};
  JsonValue literal = {};
  const Function* function = nullptr;
  std::vector<uint32_t> children = {};
  std::vector<std::string> keys = {};
};

struct Tree {
  std::vector<Node> nodes;  // children before their parents
  uint32_t root = 0;
  std::string text = {};  // what it was made of
};

}  // namespace stanch::codec::jmespath

#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "codec/json.h"
#include "codec/json_tokens.h"

// What the sequence of a text's tokens says without their bytes. Private to codec/json*.cc.

namespace stanch::codec {

struct JsonShape {
  std::vector<JsonNode> nodes;
  std::vector<uint32_t> scalars;  // tokens that are numbers, booleans or null
};

// The shape of these tokens, or false if they are no JSON value: the whole grammar but for
// what scalars and escapes look like inside. Overwrites `out`.
bool find_shape(const TokenKind* kinds, uint32_t count, JsonShape& out);

// Shapes by their token kinds, so that the next text of the same shape needs no walk. Log
// records are written by programs: thousands of them have one shape.
//
// Bounded: shapes of up to kTokensMax tokens, kBytesMax in all; beyond that it starts anew.
// A shape is kept when it is met for the second time; in each set of places one takes the
// newcomers, so that a flood of texts that never come again displaces nothing else. The hash
// needs no secret, as no chain can grow: who makes shapes collide makes them be walked.
class ShapeMemory {
 public:
  static constexpr uint32_t kTokensMax = 2048;
  static constexpr size_t kBytesMax = size_t{16} << 20;

  struct Known {
    JsonShape shape;
    uint64_t number = 0;  // no other shape of this process has it
    std::string kinds;
  };

  // Null if it is not kept. Then, if `wanted`, this shape should be handed to keep() before
  // the next find().
  const Known* find(std::string_view kinds, bool& wanted);
  const Known* keep(std::string_view kinds, JsonShape shape);

  size_t bytes() const { return bytes_; }  // of what is kept

 private:
  static constexpr size_t kSets = 1024;
  static constexpr size_t kPlaces = 4;  // in a set; the last one is the newcomers' and has no shape

  struct Place {
    uint64_t hash = 0;
    std::unique_ptr<Known> known;  // null: met once, or nothing
  };
  using Set = std::array<Place, kPlaces>;

  std::vector<Set> sets_;  // empty until it is used
  uint64_t hash_ = 0;      // of the last find()
  size_t victim_ = 0;
  size_t bytes_ = 0;
};

}  // namespace stanch::codec

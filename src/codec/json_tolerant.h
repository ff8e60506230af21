#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "codec/json.h"

namespace stanch::codec {

// What the tolerant road finds: as JsonDocument wants it. Private to codec/json*.cc.
struct TolerantTokens {
  std::vector<uint32_t> positions;
  std::vector<JsonNode> nodes;
};

// kNone if `bytes` are a JSON value to a tolerant reader. Overwrites `out`.
JsonProblem find_tolerantly(std::string_view bytes, TolerantTokens& out);

}  // namespace stanch::codec

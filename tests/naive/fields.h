#pragma once

#include <string_view>
#include <vector>

#include "naive/json.h"

// What a field name finds in an event (F1 … F8).

namespace naive {

struct Field {
  bool present = false;      // F6
  std::vector<Json> values;  // no arrays: their elements
};

Field look_up(const Json& event, std::string_view name);

}  // namespace naive

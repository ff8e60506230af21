#pragma once

#include <string_view>

#include "detect/sigma/rule.h"

// The second opinion: does one checked rule match one event? Written from the
// Sigma specification 2.1.0 and docs/formats/sigma.md in the most obvious way, with no
// thought of speed. Shared with the engine are only the checked tree (rule.h) and RE2.

namespace naive {

struct Source {
  std::string_view product, service, category;  // empty: unknown
};

// Throws std::invalid_argument if the event is no JSON, or if the rule is one that the
// loader had to refuse.
bool matches(const stanch::detect::sigma::Rule& rule, std::string_view event_json,
             const Source& source);

// L1, for one key of the log source: set on both sides, and different.
bool conflicts(std::string_view of_rule, std::string_view of_event);

}  // namespace naive

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "detect/sigma/correlation.h"

// The second opinion on correlations: all matches at once, put in order, and then every question
// asked anew from all of them. Shared with the engine is only the checked tree (correlation.h).

namespace naive {

struct Event {
  int64_t time = 0;  // nanoseconds
  std::string id;
  std::vector<uint32_t> rules;                              // that it matches
  std::vector<std::pair<std::string, std::string>> fields;  // name, text
};

struct Fired {
  int64_t time = 0;
  uint32_t correlation = 0;
  std::vector<std::string> group;
  std::vector<std::string> events;  // ids of all that led to it, in order, without repeats
  uint64_t counted = 0;
  auto operator<=>(const Fired&) const = default;
};

// What a field map makes of the names that correlations use of a rule's events: the first of these
// that an event has. Other names stay.
using Renamed = std::map<std::string, std::vector<std::string>>;

// By (time, correlation, group). Times lie within a century of 1970. `renamed`: by rule, for trees
// that no map was applied to.
std::vector<Fired> correlate(const std::vector<stanch::detect::sigma::Correlation>& correlations,
                             std::vector<Event> events, std::vector<Renamed> renamed = {});

}  // namespace naive

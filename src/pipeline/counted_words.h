#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "base/text_arena.h"
#include "detect/sigma/correlation.h"
#include "model/finding.h"

// What a correlation counted, in words.

namespace stanch::pipeline {

// "gte 5 and lt 20"
std::string bounds_words(const detect::sigma::Correlation& tree);
// What is held against the bounds: "events", "different values of f".
std::string measure_words(const detect::sigma::Correlation& tree);

// What a correlation fired at.
struct FiredAt {
  uint64_t events = 0;
  std::string value;                   // against the bounds
  std::span<const std::string> group;  // parallel to group_by
};
// The texts are in `arena`.
model::Counted counted_of(const detect::sigma::Correlation& tree, const FiredAt& fired,
                          TextArena& arena);

}  // namespace stanch::pipeline

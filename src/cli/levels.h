#pragma once

#include <optional>
#include <string_view>

#include "model/rule.h"

namespace stanch::cli {

// "high" -> Level::kHigh
inline std::optional<model::Level> find_level(std::string_view name) {
  for (const auto level : {model::Level::kInformational, model::Level::kLow, model::Level::kMedium,
                           model::Level::kHigh, model::Level::kCritical}) {
    if (name_of(level) == name) return level;
  }
  return std::nullopt;
}

}  // namespace stanch::cli

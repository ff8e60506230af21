#pragma once

#include <chrono>
#include <cstdint>

#include "base/time.h"

namespace stanch::host {

// What the engine planned in vain it plans anew: after that long, then twice that, …
inline constexpr Duration kPlanAnew = std::chrono::minutes(1);
inline constexpr uint64_t kPlanAnewMax = 8;

// Against others who append to the same stream, or write the same row.
inline constexpr unsigned kAppendTriesMax = 100;

}  // namespace stanch::host

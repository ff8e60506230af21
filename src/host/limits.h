#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "base/time.h"

namespace stanch::host {

// What the engine planned in vain it plans anew: after that long, then twice that, …
inline constexpr Duration kPlanAnew = std::chrono::seconds(15);
inline constexpr uint64_t kPlanAnewMax = 12;
inline constexpr size_t kWishesMax = 100;  // of one of its plans; the rest is the next one's
inline constexpr Duration kAskAgain = std::chrono::minutes(5);  // guards that nothing helps against

// Against others who append to the same stream, or write the same row.
inline constexpr unsigned kAppendTriesMax = 100;

}  // namespace stanch::host

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

// Matches of rules, in the events that a correlation is explained with.
inline constexpr size_t kLookMatchesMax = 1'000'000;

// Calls of one look at what is covered that are under way at once.
inline constexpr size_t kCoverageThreads = 8;

// What one validation of a trail's files works through. A year of one account and region has about
// 8,800 digests and 110,000 log files.
inline constexpr size_t kTrailFilesMax = 1'000'000;
inline constexpr size_t kTrailLogsMax = 1'000'000;                // that the digests name together
inline constexpr size_t kTrailDigestBytesMax = size_t{64} << 20;  // compressed, and its text
inline constexpr uint64_t kTrailLogBytesMax = uint64_t{4} << 30;  // the text of one log file
inline constexpr size_t kTrailSignatureBytesMax = size_t{64} << 10;
inline constexpr size_t kTrailRegionsMax = 64;  // that are asked for keys: AWS has about 40
inline constexpr size_t kTrailKeysBytesMax = size_t{64} << 20;

}  // namespace stanch::host

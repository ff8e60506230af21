#pragma once

#include <cstddef>

#include "base/time.h"

// Every bound of the graph and of a trace. What goes beyond is counted and told.

namespace stanch::triage::scope {

// Of a graph. An edge takes about 200 bytes with its share of texts.
inline constexpr size_t kEdgesMax = 2'000'000;
inline constexpr size_t kTextBytesMax = 512;  // of a user agent and the like; entity ids are whole
inline constexpr size_t kEntityBytesMax = 8192;

// Of a trace.
inline constexpr size_t kNodesMax = 2000;        // holders in the scope
inline constexpr size_t kStartsMax = 200;        // holders that touched what is traced
inline constexpr size_t kTargetsListedMax = 50;  // of one action of one holder
inline constexpr size_t kActionsListedMax = 200;
inline constexpr size_t kSourcesListedMax = 50;
inline constexpr size_t kHopsMax = 64;

// Of inference.
inline constexpr Duration kClockTick = std::chrono::seconds(2);  // between two records of one issue
inline constexpr Duration kNeighbourTime = std::chrono::hours(1);
inline constexpr size_t kSameNameMax = 1000;    // who has a name that more have tells nothing
inline constexpr size_t kNeighboursMax = 1000;  // an address that more have used tells nothing

}  // namespace stanch::triage::scope

#pragma once

#include <chrono>
#include <cstddef>

#include "base/time.h"

// How much triage remembers, and where it draws lines.

namespace stanch::triage {

// What joins by a shared entity joins within this time.
inline constexpr Duration kJoinWithin = std::chrono::hours(72);
// An address, a shared role or a resource that as many principals were seen with is common.
inline constexpr Duration kRarityWithin = std::chrono::hours(24 * 30);
inline constexpr size_t kCommonFrom = 5;
// Findings of one rule in one incident, below level high, that are told one by one.
inline constexpr size_t kToldOfOneRule = 20;
// After that time one is told again.
inline constexpr Duration kToldAgainAfter = std::chrono::hours(12);
// Incidents that findings of one rule, below medium, may open in kFloodWithin.
inline constexpr size_t kOpenedByLowRule = 10;
inline constexpr Duration kFloodWithin = std::chrono::hours(24);
// An incident with more principals than that asks.
inline constexpr size_t kPrincipalsUnasked = 50;

inline constexpr size_t kEntitiesRemembered = 100'000;
inline constexpr size_t kSpansPerEntity = 8;  // incidents that one entity is remembered with
inline constexpr size_t kIncidentsRemembered = 50'000;
inline constexpr size_t kLeavingRemembered = 100'000;  // findings split off, not yet met elsewhere

// Things that are followed along `reaches`, from one; beyond, nobody knows.
inline constexpr size_t kReachedMax = 1'000;

// What a screen or a brief shows of a kind; more is counted.
inline constexpr size_t kNamesShown = 5;
inline constexpr size_t kBriefItems = 24;
inline constexpr size_t kBriefItemBytes = 400;

}  // namespace stanch::triage

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
// Findings of one rule in one incident that are told one by one, and how many more if each touches
// something new; further ones are counted. High ones are told for longer.
inline constexpr size_t kToldOfOneRule = 20, kToldWithNews = 200;
inline constexpr size_t kToldOfOneHighRule = 200, kToldHighWithNews = 1'000;
// After that time one is told again.
inline constexpr Duration kToldAgainAfter = std::chrono::hours(12);
// Incidents that findings of one rule, below medium, may open in one day of their events.
inline constexpr size_t kOpenedByLowRule = 10;
// An incident with more principals than that asks.
inline constexpr size_t kPrincipalsUnasked = 50;

// What grouping remembers; what was not met for longest is forgotten first.
inline constexpr size_t kEntitiesRemembered = 100'000;
inline constexpr size_t kSpansPerEntity = 8;  // that one entity is remembered with
inline constexpr size_t kIncidentsRemembered = 50'000;
inline constexpr size_t kFindingsRemembered = 200'000;  // by id: which incident has them
inline constexpr size_t kAsideMax = 50'000;  // informational findings without an incident
inline constexpr size_t kAsideBytesMax = size_t{128} << 20;
inline constexpr size_t kRulesPerIncident = 500;
inline constexpr size_t kPrincipalsPerIncident = 200;
inline constexpr size_t kApartPerIncident = 64;         // incidents that people keep apart from it
inline constexpr size_t kFloodDaysRemembered = 50'000;  // days of rules
inline constexpr size_t kOpenedPerFloodDay = 64;
inline constexpr size_t kKeysPerFinding = 128;
inline constexpr size_t kGroupKeyBytesMax = 512;  // a longer one ends in its hash

// Things that are followed along `reaches`, from one; beyond, nobody knows.
inline constexpr size_t kReachedMax = 1'000;

// What a screen or a brief shows of a kind; more is counted.
inline constexpr size_t kNamesShown = 5;
inline constexpr size_t kNameShownMax = 80;  // characters of a name in a sentence
inline constexpr size_t kBriefItems = 24;
inline constexpr size_t kBriefItemBytes = 400;

}  // namespace stanch::triage

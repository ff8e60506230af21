#pragma once

#include <string>
#include <string_view>

#include "base/time.h"

// How triage writes times and things for people.

namespace stanch::triage {

// The two largest units: "45 s", "12 min", "3 h 20 min", "2 d 4 h". Never negative.
std::string duration_words(Duration duration);

// "2026-11-09 02:17 UTC"
std::string minute_words(Time time);

// An entity id as a person says it: "user reports-export", "bucket customer-data", "203.0.113.7".
// The name stays escaped as it is in the id.
std::string entity_words(std::string_view entity);

// As much of a foreign name as fits into a sentence: kNameShownMax characters, then "…".
std::string short_words(std::string_view name);

// "1 finding", "3 findings"
std::string counted_words(uint64_t count, std::string_view one);

}  // namespace stanch::triage

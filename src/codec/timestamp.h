#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"

namespace stanch::codec {

// RFC 3339 / ISO 8601 date and time with zone ("2026-03-01T02:03:04Z",
// "…04.123456789+01:00", a space instead of 'T', lower-case 't' and 'z'),
// years 1678 to 2261. Digits beyond nanoseconds are cut. A leap second reads
// as the second after it. Nothing for anything else, or for a time without a zone.
std::optional<Time> parse_timestamp(std::string_view text);

// RFC 3339 with 'Z', fraction only if there is one, in groups of 3 digits.
std::string format_timestamp(Time time);

// As people write how long: "60s", "15m", "4h", "7d", of 1 to 1000, in one of `units`. Nothing for
// anything else.
std::optional<Duration> parse_duration(std::string_view text, std::string_view units = "smhd");

}  // namespace stanch::codec

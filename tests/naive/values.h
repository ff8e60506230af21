#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "detect/sigma/rule.h"

// What a text means as a number, a time, an address.

namespace naive {

// (-1)^negative × 0.digits × 10^magnitude, without leading or trailing zeros: two
// equal numbers have equal members however they are written. Zero has no digits.
struct Decimal {
  bool negative = false;
  std::string digits;
  __int128 magnitude = 0;
};
std::optional<Decimal> json_number(std::string_view text);  // RFC 8259 section 6
int compare(const Decimal& a, const Decimal& b);            // negative, 0, positive

// M7. `part` is one of kMinute … kYear; in UTC; nothing if it is no time with a zone.
std::optional<int64_t> part_of_time(std::string_view text, stanch::detect::sigma::Modifier part);

// M3.
bool address_inside(std::string_view address, std::string_view network);

}  // namespace naive

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace stanch::detect::correlate {

// A decimal number with nine places behind the point, so that sums are exact and never depend
// on order. 128 bits hold the sum of 10^11 of the largest.
__extension__ using Fixed = __int128;

inline constexpr Fixed kFixedOne = 1'000'000'000;

// A number as JSON writes it, of less than 10^20; further places behind the point are cut off.
// Nothing for any other text.
std::optional<Fixed> parse_fixed(std::string_view text);
// The number as text, of at most three places.
std::string to_text(Fixed number);

}  // namespace stanch::detect::correlate

#include "detect/correlate/fixed.h"

#include <string>

#include "detect/match/decimal.h"

namespace stanch::detect::correlate {

std::optional<Fixed> parse_fixed(std::string_view text) {
  constexpr int64_t kPlaces = 9, kWholeDigitsMax = 20;
  const auto decimal = match::Decimal::parse(text);
  if (!decimal || decimal->exponent() > kWholeDigitsMax) return std::nullopt;
  const std::string& digits = decimal->digits();
  Fixed value = 0;
  for (int64_t i = 0; i < decimal->exponent() + kPlaces && !digits.empty(); ++i) {
    const bool has = static_cast<size_t>(i) < digits.size();
    value = value * 10 + (has ? digits[static_cast<size_t>(i)] - '0' : 0);
  }
  return decimal->is_negative() ? -value : value;
}

}  // namespace stanch::detect::correlate

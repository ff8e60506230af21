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

std::string to_text(Fixed number) {
  if (number < 0) return "-" + to_text(-number);
  std::string digits;
  for (Fixed whole = number / kFixedOne; whole > 0; whole /= 10) {
    digits.insert(digits.begin(), static_cast<char>('0' + static_cast<int>(whole % 10)));
  }
  if (digits.empty()) digits = "0";
  const auto places = static_cast<int>(number % kFixedOne / 1'000'000);
  if (places == 0) return digits;
  digits += '.';
  for (const int unit : {100, 10, 1}) digits += static_cast<char>('0' + places / unit % 10);
  digits.erase(digits.find_last_not_of('0') + 1);
  return digits;
}

}  // namespace stanch::detect::correlate

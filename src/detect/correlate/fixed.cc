#include "detect/correlate/fixed.h"

#include <algorithm>
#include <charconv>
#include <string>

namespace stanch::detect::correlate {

namespace {

constexpr int kPlaces = 9;
constexpr int kWholeDigitsMax = 20;

std::string_view take_digits(std::string_view& text) {
  const size_t end = std::min(text.find_first_not_of("0123456789"), text.size());
  const std::string_view digits = text.substr(0, end);
  text.remove_prefix(end);
  return digits;
}

}  // namespace

std::optional<Fixed> parse_fixed(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  const std::string_view whole = take_digits(text);
  if (whole.empty() || (whole.size() > 1 && whole.front() == '0')) return std::nullopt;
  std::string_view places;
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    places = take_digits(text);
    if (places.empty()) return std::nullopt;
  }
  int64_t exponent = 0;
  if (text.starts_with('e') || text.starts_with('E')) {
    text.remove_prefix(1);
    const bool down = text.starts_with('-');
    if (down || text.starts_with('+')) text.remove_prefix(1);
    const std::string_view digits = take_digits(text);
    if (digits.empty()) return std::nullopt;
    // One too large for the number is as good as a million.
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), exponent);
    if (read.ec != std::errc() || exponent > 1'000'000) exponent = 1'000'000;
    if (down) exponent = -exponent;
  }
  if (!text.empty()) return std::nullopt;

  std::string digits = std::string(whole).append(places);
  int64_t point = static_cast<int64_t>(whole.size()) + exponent;  // digits in front of it
  const size_t zeros = std::min(digits.find_first_not_of('0'), digits.size());
  digits.erase(0, zeros);
  point -= static_cast<int64_t>(zeros);
  if (digits.empty()) return Fixed{0};
  if (point > kWholeDigitsMax) return std::nullopt;
  Fixed value = 0;
  for (int64_t i = 0; i < point + kPlaces; ++i) {
    const bool has = static_cast<size_t>(i) < digits.size();
    value = value * 10 + (has ? digits[static_cast<size_t>(i)] - '0' : 0);
  }
  return negative ? -value : value;
}

}  // namespace stanch::detect::correlate

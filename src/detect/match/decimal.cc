#include "detect/match/decimal.h"

#include <algorithm>

namespace stanch::detect::match {

namespace {

// Exponents beyond this are all alike: no log holds two that differ only there.
constexpr int64_t kExponentMax = int64_t{1} << 40;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Takes digits off the front of `text`.
std::string_view take_digits(std::string_view& text) {
  size_t count = 0;
  while (count < text.size() && is_digit(text[count])) ++count;
  const std::string_view digits = text.substr(0, count);
  text.remove_prefix(count);
  return digits;
}

}  // namespace

std::optional<Decimal> Decimal::parse(std::string_view text) {
  Decimal decimal;
  if (text.starts_with('-')) {
    decimal.negative_ = true;
    text.remove_prefix(1);
  }
  const std::string_view whole = take_digits(text);
  if (whole.empty() || (whole.size() > 1 && whole[0] == '0')) return std::nullopt;
  std::string_view fraction;
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    fraction = take_digits(text);
    if (fraction.empty()) return std::nullopt;
  }
  int64_t exponent = 0;
  if (text.starts_with('e') || text.starts_with('E')) {
    text.remove_prefix(1);
    const bool down = text.starts_with('-');
    if (down || text.starts_with('+')) text.remove_prefix(1);
    const std::string_view digits = take_digits(text);
    if (digits.empty()) return std::nullopt;
    for (const char c : digits) exponent = std::min(exponent * 10 + (c - '0'), kExponentMax);
    if (down) exponent = -exponent;
  }
  if (!text.empty()) return std::nullopt;

  decimal.digits_.reserve(whole.size() + fraction.size());
  decimal.digits_.append(whole).append(fraction);
  const size_t leading = std::min(decimal.digits_.find_first_not_of('0'), decimal.digits_.size());
  decimal.exponent_ = exponent + static_cast<int64_t>(whole.size()) - static_cast<int64_t>(leading);
  decimal.digits_.erase(0, leading);
  decimal.digits_.erase(decimal.digits_.find_last_not_of('0') + 1);
  if (decimal.digits_.empty()) decimal = Decimal();  // one zero, without a sign
  return decimal;
}

std::optional<Decimal> Decimal::parse_yaml(std::string_view text) {
  bool negative = false;
  if (text.starts_with('+') || text.starts_with('-')) {
    negative = text[0] == '-';
    text.remove_prefix(1);
  }
  std::string plain;
  const bool hex = text.starts_with("0x");
  if (hex || text.starts_with("0o")) {
    uint64_t value = 0;
    if (text.size() < 3 || text.size() > 18) return std::nullopt;
    for (const char c : text.substr(2)) {
      const char lower = static_cast<char>(c | 0x20);
      const int digit = is_digit(c)                    ? c - '0'
                        : lower >= 'a' && lower <= 'f' ? lower - 'a' + 10
                                                       : 16;
      const int base = hex ? 16 : 8;
      if (digit >= base) return std::nullopt;
      value = value * static_cast<uint64_t>(base) + static_cast<uint64_t>(digit);
    }
    plain = std::to_string(value);
  } else {
    plain = text;
    plain.erase(0, std::min(plain.find_first_not_of('0'), plain.size()));
    if (plain.empty() || !is_digit(plain[0])) plain.insert(0, "0");
    if (const size_t dot = plain.find('.'); dot != std::string::npos) {
      if (dot + 1 == plain.size() || !is_digit(plain[dot + 1])) plain.insert(dot + 1, "0");
    }
  }
  return parse(negative ? "-" + plain : plain);
}

std::strong_ordering Decimal::operator<=>(const Decimal& other) const {
  if (negative_ != other.negative_) {
    return negative_ ? std::strong_ordering::less : std::strong_ordering::greater;
  }
  std::strong_ordering magnitude = std::strong_ordering::equal;
  if (digits_.empty() || other.digits_.empty()) {
    magnitude = digits_.size() <=> other.digits_.size();
  } else if (exponent_ != other.exponent_) {
    magnitude = exponent_ <=> other.exponent_;
  } else {
    magnitude = digits_.compare(other.digits_) <=> 0;
  }
  return negative_ ? 0 <=> magnitude : magnitude;
}

}  // namespace stanch::detect::match

#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace stanch::detect::match {

// A decimal number of any size, compared exactly: 1, 1.0 and 10e-1 are equal,
// 9007199254740993 and 9007199254740992 are not.
class Decimal {
 public:
  // A number as JSON writes it (RFC 8259 section 6); nothing for any other text.
  static std::optional<Decimal> parse(std::string_view text);

  // A number as YAML's core schema writes it: also "+1", ".5", "1.", "0x1f", "0o17", "007".
  static std::optional<Decimal> parse_yaml(std::string_view text);

  std::strong_ordering operator<=>(const Decimal& other) const;
  bool operator==(const Decimal& other) const = default;

  // Its parts, as below.
  bool is_negative() const { return negative_; }
  const std::string& digits() const { return digits_; }
  int64_t exponent() const { return exponent_; }

 private:
  // value = ±0.d1d2d3… × 10^exponent with d1 ≠ 0 and no trailing zeros; zero has no digits.
  bool negative_ = false;
  std::string digits_;
  int64_t exponent_ = 0;
};

}  // namespace stanch::detect::match

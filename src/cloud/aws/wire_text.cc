#include "cloud/aws/wire_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>

#include "codec/http_date.h"
#include "codec/timestamp.h"

namespace stanch::cloud::aws {

namespace {

using codec::JsonValue;
using namespace std::chrono;

template <typename Number>
std::optional<Number> number_of(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<Time> time_of_seconds(double value) {
  constexpr double kSecondsMax = 9e9;  // what a Time holds
  if (!std::isfinite(value) || std::abs(value) > kSecondsMax) return std::nullopt;
  const double whole = std::floor(value);
  return Time(seconds(static_cast<int64_t>(whole)) +
              milliseconds(static_cast<int64_t>(std::round((value - whole) * 1000))));
}

JsonValue time_value(std::optional<Time> time) {
  return time ? JsonValue(codec::format_timestamp(*time)) : JsonValue();
}

}  // namespace

std::string wire_text(Kind kind, const JsonValue& value) {
  switch (kind) {
    case Kind::kBoolean: return value.boolean() ? "true" : "false";
    case Kind::kInteger: return fmt::format("{}", *value.integer());
    case Kind::kNumber: return codec::to_json(value);
    case Kind::kTimeIso: return value.string();
    case Kind::kTimeRfc822: return codec::format_http_date(*codec::parse_timestamp(value.string()));
    case Kind::kTimeUnix:
      return fmt::format(
          "{}", floor<seconds>(*codec::parse_timestamp(value.string())).time_since_epoch().count());
    default: return value.text_or_empty();
  }
}

JsonValue value_of_text(Kind kind, std::string_view text) {
  switch (kind) {
    case Kind::kBoolean:
      return text == "true" ? JsonValue(true) : text == "false" ? JsonValue(false) : JsonValue();
    case Kind::kInteger: {
      const auto number = number_of<int64_t>(text);
      return number ? JsonValue(*number) : JsonValue();
    }
    case Kind::kNumber: {
      const auto number = number_of<double>(text);
      return number && std::isfinite(*number) ? JsonValue(*number) : JsonValue();
    }
    case Kind::kTimeIso:
    case Kind::kTimeRfc822:
    case Kind::kTimeUnix: {
      // Services are not strict about which of them they write.
      if (const auto iso = codec::parse_timestamp(text)) return time_value(iso);
      if (const auto date = codec::parse_http_date(text)) return time_value(date);
      const auto number = number_of<double>(text);
      return time_value(number ? time_of_seconds(*number) : std::nullopt);
    }
    default: return JsonValue(text);
  }
}

}  // namespace stanch::cloud::aws

#include "cloud/aws/wire_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cmath>

#include "codec/timestamp.h"

namespace stanch::cloud::aws {

namespace {

using codec::JsonValue;
using namespace std::chrono;

constexpr std::array<std::string_view, 7> kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

// RFC 9110, section 5.6.7: "Sun, 06 Nov 1994 08:49:37 GMT".
std::string http_date(Time time) {
  const auto day = floor<days>(time);
  const year_month_day date(day);
  const hh_mm_ss clock(floor<seconds>(time) - day);
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", kDays[weekday(day).c_encoding()],
                     static_cast<unsigned>(date.day()),
                     kMonths[static_cast<unsigned>(date.month()) - 1],
                     static_cast<int>(date.year()), clock.hours().count(), clock.minutes().count(),
                     clock.seconds().count());
}

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

std::optional<Time> time_of_http_date(std::string_view text) {
  if (text.size() != 29 || !text.ends_with(" GMT")) return std::nullopt;
  const auto month = std::ranges::find(kMonths, text.substr(8, 3));
  if (month == kMonths.end()) return std::nullopt;
  const std::string iso =
      fmt::format("{}-{:02}-{}T{}Z", text.substr(12, 4), month - kMonths.begin() + 1,
                  text.substr(5, 2), text.substr(17, 8));
  return codec::parse_timestamp(iso);
}

std::string wire_text(Kind kind, const JsonValue& value) {
  switch (kind) {
    case Kind::kBoolean: return value.boolean() ? "true" : "false";
    case Kind::kInteger: return fmt::format("{}", *value.integer());
    case Kind::kNumber: return codec::to_json(value);
    case Kind::kTimeIso: return value.string();
    case Kind::kTimeRfc822: return http_date(*codec::parse_timestamp(value.string()));
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
      if (const auto date = time_of_http_date(text)) return time_value(date);
      const auto number = number_of<double>(text);
      return time_value(number ? time_of_seconds(*number) : std::nullopt);
    }
    default: return JsonValue(text);
  }
}

}  // namespace stanch::cloud::aws

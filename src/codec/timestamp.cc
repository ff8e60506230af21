#include "codec/timestamp.h"

#include <fmt/format.h>

#include <charconv>
#include <cstdint>

namespace stanch::codec {

namespace {

using std::chrono::days;
using std::chrono::floor;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::nanoseconds;
using std::chrono::seconds;
using std::chrono::sys_days;
using std::chrono::year_month_day;

// Whole years that fit into int64 nanoseconds around 1970.
constexpr sys_days kBegin = std::chrono::year(1678) / 1 / 1;
constexpr sys_days kEnd = std::chrono::year(2262) / 1 / 1;

// Reads from the front of a text; after the first misfit nothing succeeds.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  template <size_t kCount>
  int digits() {
    if (rest_.size() < kCount) return fail();
    int value = 0;
    for (size_t i = 0; i < kCount; ++i) {
      if (!is_digit(rest_[i])) return fail();
      value = value * 10 + (rest_[i] - '0');
    }
    rest_.remove_prefix(kCount);
    return value;
  }

  // Takes one character out of those given.
  template <char... kWanted>
  char one_of() {
    const char c = peek();
    if (!((c == kWanted) || ...)) {
      fail();
      return '\0';
    }
    rest_.remove_prefix(1);
    return c;
  }

  // Digits of a fraction as nanoseconds; at least one.
  int64_t fraction() {
    if (!is_digit(peek())) return fail();
    int64_t value = 0;
    for (int64_t unit = 100'000'000; is_digit(peek()); unit /= 10) {
      value += unit * (peek() - '0');
      rest_.remove_prefix(1);
    }
    return value;
  }

  char peek() const { return rest_.empty() ? '\0' : rest_.front(); }
  bool at_end() const { return ok_ && rest_.empty(); }

 private:
  static bool is_digit(char c) { return c >= '0' && c <= '9'; }

  int fail() {
    ok_ = false;
    rest_ = {};
    return 0;
  }

  std::string_view rest_;
  bool ok_ = true;
};

// "Z", "+hh:mm", "+hhmm" or "+hh" (the last two are ISO 8601 only).
std::optional<minutes> read_zone(Reader& in) {
  const char sign = in.one_of<'Z', 'z', '+', '-'>();
  if (sign == 'Z' || sign == 'z') return minutes(0);
  const int hour = in.digits<2>();
  int minute = 0;
  if (in.peek() == ':') {
    in.one_of<':'>();
    minute = in.digits<2>();
  } else if (in.peek() != '\0') {
    minute = in.digits<2>();
  }
  if (hour > 23 || minute > 59) return std::nullopt;
  const minutes offset = hours(hour) + minutes(minute);
  return sign == '-' ? -offset : offset;
}

}  // namespace

std::optional<Time> parse_timestamp(std::string_view text) {
  Reader in(text);
  const int year = in.digits<4>();
  in.one_of<'-'>();
  const int month = in.digits<2>();
  in.one_of<'-'>();
  const int day = in.digits<2>();
  in.one_of<'T', 't', ' '>();
  const int hour = in.digits<2>();
  in.one_of<':'>();
  const int minute = in.digits<2>();
  in.one_of<':'>();
  const int second = in.digits<2>();
  int64_t fraction = 0;
  if (in.peek() == '.' || in.peek() == ',') {
    in.one_of<'.', ','>();
    fraction = in.fraction();
  }
  const std::optional<minutes> zone = read_zone(in);
  if (!zone || !in.at_end()) return std::nullopt;

  const year_month_day date{std::chrono::year(year), std::chrono::month(unsigned(month)),
                            std::chrono::day(unsigned(day))};
  if (!date.ok() || hour > 23 || minute > 59 || second > 60) return std::nullopt;
  const auto start_of_minute = sys_days(date) + hours(hour) + minutes(minute) - *zone;
  if (second == 60) {  // RFC 3339 section 5.7: only at the end of a UTC day
    const auto of_day = start_of_minute - floor<days>(start_of_minute);
    if (of_day != hours(23) + minutes(59)) return std::nullopt;
  }
  const auto whole = start_of_minute + seconds(second);
  if (whole < kBegin || whole >= kEnd) return std::nullopt;
  // A leap second is the second after it, its fraction cannot be kept apart.
  return Time(whole.time_since_epoch()) + nanoseconds(fraction);
}

std::string format_timestamp(Time time) {
  // Whole days before the first Time do not fit into nanoseconds, so seconds come first.
  const auto second = floor<seconds>(time.time_since_epoch());
  const auto day = floor<days>(second);
  const year_month_day date{sys_days(day)};
  const int64_t of_day = (second - day).count();
  // The remainder, without multiplying the seconds out again.
  const int64_t rest = time.time_since_epoch().count() % 1'000'000'000;
  const int64_t fraction = rest < 0 ? rest + 1'000'000'000 : rest;
  std::string out =
      fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", int(date.year()), unsigned(date.month()),
                  unsigned(date.day()), of_day / 3600, of_day / 60 % 60, of_day % 60);
  if (fraction % 1'000'000 == 0 && fraction != 0) {
    out += fmt::format(".{:03}", fraction / 1'000'000);
  } else if (fraction % 1'000 == 0 && fraction != 0) {
    out += fmt::format(".{:06}", fraction / 1'000);
  } else if (fraction != 0) {
    out += fmt::format(".{:09}", fraction);
  }
  out += 'Z';
  return out;
}

std::optional<Duration> parse_duration(std::string_view text, std::string_view units) {
  constexpr int64_t kMax = 1000;
  int64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || at + 1 != end || number <= 0 || number > kMax ||
      !units.contains(*at)) {
    return std::nullopt;
  }
  switch (*at) {
    case 's': return seconds(number);
    case 'm': return minutes(number);
    case 'h': return hours(number);
    case 'd': return hours(24 * number);
    default: return std::nullopt;
  }
}

}  // namespace stanch::codec

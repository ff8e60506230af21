#include "naive/values.h"

#include <arpa/inet.h>

#include <chrono>
#include <vector>

namespace naive {
namespace {

using stanch::detect::sigma::Modifier;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

size_t count_digits(std::string_view text, size_t at) {
  size_t count = 0;
  while (at + count < text.size() && is_digit(text[at + count])) ++count;
  return count;
}

// Decimal text in pieces; `fraction` without its dot, `exponent` without its letter.
Decimal decimal_of(bool negative, std::string whole, std::string_view fraction,
                   std::string_view exponent) {
  __int128 power = 0;
  bool negative_power = exponent.starts_with("-");
  for (char c : exponent) {
    constexpr __int128 kLarge = static_cast<__int128>(1'000'000'000'000'000'000) * 1'000'000'000;
    if (is_digit(c) && power < kLarge) power = power * 10 + (c - '0');
  }
  Decimal decimal{negative, whole + std::string(fraction), 0};
  decimal.magnitude = static_cast<__int128>(whole.size()) + (negative_power ? -power : power);
  while (decimal.digits.starts_with("0")) {
    decimal.digits.erase(0, 1);
    --decimal.magnitude;
  }
  while (decimal.digits.ends_with("0")) decimal.digits.pop_back();
  if (decimal.digits.empty()) return {};
  return decimal;
}

struct Pieces {
  std::string_view whole, fraction, exponent;
  bool has_dot = false;
};

// [digits] [. [digits]] [e [+-] digits] up to the end of `text`.
std::optional<Pieces> pieces_of(std::string_view text) {
  Pieces pieces;
  size_t at = count_digits(text, 0);
  pieces.whole = text.substr(0, at);
  if (at < text.size() && text[at] == '.') {
    pieces.has_dot = true;
    size_t count = count_digits(text, at + 1);
    pieces.fraction = text.substr(at + 1, count);
    at += 1 + count;
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    size_t sign = at + 1 < text.size() && (text[at + 1] == '+' || text[at + 1] == '-') ? 1 : 0;
    size_t count = count_digits(text, at + 1 + sign);
    if (count == 0) return std::nullopt;
    pieces.exponent = text.substr(at + 1, sign + count);
    at += 1 + sign + count;
  }
  if (at != text.size()) return std::nullopt;
  return pieces;
}

// The two digits at `at` as a number from `low` to `high`.
std::optional<int> two_digits(std::string_view text, size_t at, int low, int high) {
  if (text.size() < at + 2 || count_digits(text.substr(0, at + 2), at) != 2) return std::nullopt;
  int value = (text[at] - '0') * 10 + (text[at + 1] - '0');
  if (value < low || value > high) return std::nullopt;
  return value;
}

// "Z", "z", "+01:00", and as ISO 8601 allows too "+0100", "+01": minutes east of UTC.
std::optional<int> zone_minutes(std::string_view zone) {
  if (zone == "Z" || zone == "z") return 0;
  if (zone.empty() || (zone[0] != '+' && zone[0] != '-')) return std::nullopt;
  std::optional<int> hours = two_digits(zone, 1, 0, 23), minutes = 0;
  if (zone.size() == 6 && zone[3] == ':') {
    minutes = two_digits(zone, 4, 0, 59);
  } else if (zone.size() == 5) {
    minutes = two_digits(zone, 3, 0, 59);
  } else if (zone.size() != 3) {
    return std::nullopt;
  }
  if (!hours || !minutes) return std::nullopt;
  return (zone[0] == '-' ? -1 : 1) * (*hours * 60 + *minutes);
}

using Seconds = std::chrono::sys_seconds;

// RFC 3339 section 5.6 or ISO 8601 with a zone, from 1678 to 2261, cut to seconds.
std::optional<Seconds> time_of(std::string_view text) {
  using namespace std::chrono;
  if (text.size() < 20 || count_digits(text, 0) != 4 || text[4] != '-' || text[7] != '-' ||
      !std::string_view("Tt ").contains(text[10]) || text[13] != ':' || text[16] != ':') {
    return std::nullopt;
  }
  int written_year = std::stoi(std::string(text.substr(0, 4)));
  auto written_month = two_digits(text, 5, 1, 12);
  auto written_day = two_digits(text, 8, 1, 31);
  auto written_hour = two_digits(text, 11, 0, 23);
  auto written_minute = two_digits(text, 14, 0, 59);
  auto written_second = two_digits(text, 17, 0, 60);
  if (!written_month || !written_day || !written_hour || !written_minute || !written_second) {
    return std::nullopt;
  }
  size_t zone_at = 19;
  if (text[zone_at] == '.' || text[zone_at] == ',') {
    size_t count = count_digits(text, zone_at + 1);
    if (count == 0) return std::nullopt;
    zone_at += 1 + count;
  }
  auto zone = zone_minutes(text.substr(zone_at));
  year_month_day date{year(written_year), month(*written_month), day(*written_day)};
  if (!zone || !date.ok()) return std::nullopt;
  sys_seconds minute_begin =
      sys_days(date) + hours(*written_hour) + minutes(*written_minute - *zone);
  // A second 60 exists at the end of a UTC day only (RFC 3339 section 5.7).
  bool last_minute = floor<days>(minute_begin + minutes(1)) != floor<days>(minute_begin);
  if (*written_second == 60 && !last_minute) return std::nullopt;
  sys_seconds time = minute_begin + seconds(*written_second);
  if (time < sys_days(year(1678) / 1 / 1) || time >= sys_days(year(2262) / 1 / 1)) {
    return std::nullopt;
  }
  return time;
}

// ISO 8601: week 1 is the week, from Monday, with the year's first Thursday.
int64_t iso_week(std::chrono::sys_days day) {
  using namespace std::chrono;
  sys_days thursday = day - (weekday(day) - Monday) + days(3);
  sys_days new_year = sys_days(year_month_day(thursday).year() / January / 1);
  return (thursday - new_year).count() / 7 + 1;
}

// The bits of an address, most significant first: 32 or 128 of them.
using Bits = std::vector<bool>;

std::optional<Bits> bits_of(std::string_view text) {
  unsigned char bytes[16];
  size_t count = 0;
  std::string terminated(text);
  if (terminated.size() != std::string_view(terminated.c_str()).size()) return std::nullopt;
  if (inet_pton(AF_INET, terminated.c_str(), bytes) == 1)
    count = 4;
  else if (inet_pton(AF_INET6, terminated.c_str(), bytes) == 1)
    count = 16;
  else
    return std::nullopt;
  Bits bits;
  for (size_t i = 0; i < count * 8; ++i) bits.push_back(bytes[i / 8] >> (7 - i % 8) & 1);
  return bits;
}

// ::ffff:0:0/96
bool is_mapped(const Bits& bits) {
  if (bits.size() != 128) return false;
  for (size_t i = 0; i < 96; ++i) {
    if (bits[i] != (i >= 80)) return false;
  }
  return true;
}

}  // namespace

std::optional<Decimal> json_number(std::string_view text) {
  bool negative = text.starts_with("-");
  if (negative) text.remove_prefix(1);
  auto pieces = pieces_of(text);
  if (!pieces || pieces->whole.empty() || (pieces->has_dot && pieces->fraction.empty()) ||
      (pieces->whole.size() > 1 && pieces->whole[0] == '0')) {
    return std::nullopt;
  }
  return decimal_of(negative, std::string(pieces->whole), pieces->fraction, pieces->exponent);
}

int compare(const Decimal& a, const Decimal& b) {
  auto sign = [](const Decimal& d) { return d.digits.empty() ? 0 : d.negative ? -1 : 1; };
  if (sign(a) != sign(b) || sign(a) == 0) return sign(a) - sign(b);
  int larger = 0;  // is |a| larger?
  if (a.magnitude != b.magnitude) {
    larger = a.magnitude > b.magnitude ? 1 : -1;
  } else {
    larger = a.digits.compare(b.digits);  // a prefix is the smaller one
  }
  return sign(a) * larger;
}

std::optional<int64_t> part_of_time(std::string_view text, Modifier part) {
  using namespace std::chrono;
  auto time = time_of(text);
  if (!time) return std::nullopt;
  sys_days midnight = floor<days>(*time);
  year_month_day date(midnight);
  switch (part) {
    case Modifier::kMinute: return duration_cast<minutes>(*time - midnight).count() % 60;
    case Modifier::kHour: return duration_cast<hours>(*time - midnight).count();
    case Modifier::kDay: return static_cast<unsigned>(date.day());
    case Modifier::kWeek: return iso_week(midnight);
    case Modifier::kMonth: return static_cast<unsigned>(date.month());
    case Modifier::kYear: return static_cast<int>(date.year());
    default: return std::nullopt;
  }
}

bool address_inside(std::string_view address, std::string_view network) {
  size_t slash = network.find('/');
  auto inside = bits_of(address);
  auto prefix = bits_of(network.substr(0, slash));
  if (!inside || !prefix) return false;
  size_t length = prefix->size();
  if (slash != std::string_view::npos) length = std::stoul(std::string(network.substr(slash + 1)));
  prefix->resize(length);
  // An IPv4-mapped address counts as IPv4, in the rule too.
  if (is_mapped(*inside)) inside->erase(inside->begin(), inside->begin() + 96);
  bool network_is_v4 = network.substr(0, slash).find(':') == std::string_view::npos;
  if (length >= 96 && !network_is_v4) {
    Bits padded = *prefix;
    padded.resize(128);
    if (is_mapped(padded)) {
      prefix->erase(prefix->begin(), prefix->begin() + 96);
      network_is_v4 = true;
    }
  }
  if (network_is_v4 != (inside->size() == 32)) return false;
  for (size_t i = 0; i < prefix->size(); ++i) {
    if ((*inside)[i] != (*prefix)[i]) return false;
  }
  return true;
}

}  // namespace naive

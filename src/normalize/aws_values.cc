#include <array>
#include <chrono>
#include <string>

#include "codec/timestamp.h"
#include "normalize/aws_cloudtrail.h"

// Texts as CloudTrail writes them: withheld names, versions behind API names,
// three forms of time.

namespace stanch::normalize::aws {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Takes digits from the end of `text`: exactly `count`, valued from `low` to `high`.
bool take_number_back(std::string_view& text, size_t count, int low, int high) {
  if (text.size() < count) return false;
  int value = 0;
  for (char c : text.substr(text.size() - count)) {
    if (!is_digit(c)) return false;
    value = value * 10 + (c - '0');
  }
  text.remove_suffix(count);
  return value >= low && value <= high;
}

void drop_suffix(std::string_view& text, char c) {
  if (text.ends_with(c)) text.remove_suffix(1);
}

// Reads a text from the front; each step says whether it fitted.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  bool number(int& value, size_t digits_min, size_t digits_max) {
    value = 0;
    size_t digits = 0;
    while (digits < digits_max && digits < text_.size() && is_digit(text_[digits])) {
      value = value * 10 + (text_[digits++] - '0');
    }
    text_.remove_prefix(digits);
    return digits >= digits_min;
  }

  bool literal(std::string_view wanted) {
    if (!text_.starts_with(wanted)) return false;
    text_.remove_prefix(wanted.size());
    return true;
  }

  // A space; newer Java writes U+202F before AM and PM.
  bool space() { return literal(" ") || literal("\u202f"); }
  bool at_end() const { return text_.empty(); }

  bool month(int& value) {
    static constexpr std::array<std::string_view, 12> kMonths = {
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    for (value = 1; value <= 12; ++value) {
      if (literal(kMonths[static_cast<size_t>(value) - 1])) return true;
    }
    return false;
  }

 private:
  std::string_view text_;
};

struct Civil {
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
};

std::optional<Time> to_time(const Civil& c) {
  using namespace std::chrono;
  year_month_day date{year(c.year), month(static_cast<unsigned>(c.month)),
                      day(static_cast<unsigned>(c.day))};
  bool in_range =
      c.year >= 1970 && c.year <= 2261 && c.hour <= 23 && c.minute <= 59 && c.second <= 60;
  if (!date.ok() || !in_range) return std::nullopt;
  return Time(sys_days(date)) + hours(c.hour) + minutes(c.minute) + seconds(c.second);
}

// 20131102T010628Z
std::optional<Time> parse_compact(std::string_view text) {
  Scanner in(text);
  Civil c;
  bool fits = in.number(c.year, 4, 4) && in.number(c.month, 2, 2) && in.number(c.day, 2, 2) &&
              in.literal("T") && in.number(c.hour, 2, 2) && in.number(c.minute, 2, 2) &&
              in.number(c.second, 2, 2) && in.literal("Z") && in.at_end();
  return fits ? to_time(c) : std::nullopt;
}

// Aug 1, 2024, 11:45:22 AM
std::optional<Time> parse_words(std::string_view text) {
  Scanner in(text);
  Civil c;
  if (!(in.month(c.month) && in.space() && in.number(c.day, 1, 2) && in.literal(",") &&
        in.space() && in.number(c.year, 4, 4))) {
    return std::nullopt;
  }
  in.literal(",");
  if (!(in.space() && in.number(c.hour, 1, 2) && in.literal(":") && in.number(c.minute, 2, 2) &&
        in.literal(":") && in.number(c.second, 2, 2) && in.space())) {
    return std::nullopt;
  }
  if (c.hour < 1 || c.hour > 12) return std::nullopt;
  c.hour %= 12;
  if (in.literal("PM")) {
    c.hour += 12;
  } else if (!in.literal("AM")) {
    return std::nullopt;
  }
  return in.at_end() ? to_time(c) : std::nullopt;
}

// Thu, 1 Nov 2018 22:00:00 GMT
std::optional<Time> parse_http_date(std::string_view text) {
  Scanner in(text.substr(std::min(text.find(',') + 1, text.size())));
  Civil c;
  const bool fits = in.space() && in.number(c.day, 1, 2) && in.space() && in.month(c.month) &&
                    in.space() && in.number(c.year, 4, 4) && in.space() &&
                    in.number(c.hour, 2, 2) && in.literal(":") && in.number(c.minute, 2, 2) &&
                    in.literal(":") && in.number(c.second, 2, 2) && in.space() &&
                    in.literal("GMT") && in.at_end();
  return fits ? to_time(c) : std::nullopt;
}

}  // namespace

bool is_hidden(std::string_view name) {
  return name == "HIDDEN_DUE_TO_SECURITY_REASONS" || name.starts_with("***");
}

bool is_denial(std::string_view error_code) {
  static constexpr std::string_view kWords[] = {
      "AccessDenied", "Unauthorized", "NotAuthorized", "AuthorizationError",
      "AuthFailure",  "Forbidden",    "AccessDenial",  "InsufficientPrivileges"};
  for (std::string_view word : kWords) {
    if (error_code.find(word) != std::string_view::npos) return true;
  }
  return false;
}

std::string_view fold_api_version(std::string_view name) {
  std::string_view rest = name;
  size_t digits = 0;
  while (digits < rest.size() && is_digit(rest[rest.size() - 1 - digits])) ++digits;
  bool has_revision =
      digits > 0 && digits <= 2 && rest.size() > digits && rest[rest.size() - 1 - digits] == 'v';
  if (has_revision) rest.remove_suffix(digits + 1);
  if (!take_number_back(rest, 2, 1, 31)) return name;
  drop_suffix(rest, '_');
  if (!take_number_back(rest, 2, 1, 12)) return name;
  drop_suffix(rest, '_');
  if (!take_number_back(rest, 4, 2006, 2099)) return name;  // no AWS API is older
  drop_suffix(rest, '_');
  return rest.empty() || is_digit(rest.back()) ? name : rest;
}

std::optional<Time> parse_aws_time(std::string_view text) {
  if (text.size() < 16) return std::nullopt;
  if (text[3] == ',') return parse_http_date(text);
  if (!is_digit(text[0])) return parse_words(text);
  if (text[4] != '-') return parse_compact(text);
  return codec::parse_timestamp(text);
}

}  // namespace stanch::normalize::aws

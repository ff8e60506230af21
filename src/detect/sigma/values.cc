#include "detect/sigma/values.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "base/ascii.h"
#include "codec/network.h"
#include "codec/pattern.h"
#include "detect/sigma/modifiers.h"

namespace stanch::detect::sigma {

namespace {

constexpr std::array kEncodings = {Modifier::kBase64, Modifier::kBase64Offset, Modifier::kUtf16Le,
                                   Modifier::kUtf16Be, Modifier::kUtf16};
constexpr std::array kSubstrings = {Modifier::kContains, Modifier::kStartsWith,
                                    Modifier::kEndsWith};

bool is_number(const Scalar& value) {
  return value.type == ScalarType::kInteger || value.type == ScalarType::kFloat;
}

std::string shown(const Scalar& value) { return "'" + value.text + "'"; }

struct TimeRange {
  Modifier modifier;
  int low, high;
};
constexpr std::array kTimeRanges = {
    TimeRange{Modifier::kMinute, 0, 59}, TimeRange{Modifier::kHour, 0, 23},
    TimeRange{Modifier::kDay, 1, 31},    TimeRange{Modifier::kWeek, 1, 53},
    TimeRange{Modifier::kMonth, 1, 12},  TimeRange{Modifier::kYear, 1678, 2261},
};

class ValueCheck {
 public:
  ValueCheck(const Item& item, const Scalar& value, Reporter& reporter)
      : item_(item), value_(value), reporter_(reporter) {}

  void check(ItemForm form) {
    switch (form) {
      case ItemForm::kText: return check_text();
      case ItemForm::kRegex: return check_regex();
      case ItemForm::kNetwork: return check_network();
      case ItemForm::kNumber: return check_number();
      case ItemForm::kTimePart: return check_time_part();
      case ItemForm::kFieldRef: return check_field_ref();
      case ItemForm::kExists: return check_exists();
    }
  }

 private:
  void report(Code code, std::string message, std::string hint) {
    reporter_.report(code, value_.at, std::move(message), std::move(hint));
  }

  bool has_any(std::span<const Modifier> wanted) const {
    return std::ranges::any_of(wanted, [&](Modifier modifier) { return has(item_, modifier); });
  }

  void check_text() {
    if (value_.type == ScalarType::kNull) {
      if (item_.field.empty()) {
        report(Code::kModifierValue, "null as a keyword", "write the text to look for");
      } else if (has_any(kEncodings) || has_any(kSubstrings) || has(item_, Modifier::kWindash) ||
                 has(item_, Modifier::kCased)) {
        report(Code::kModifierValue, "null is no text",
               "write null without modifiers: the field is absent or null");
      }
      return;
    }
    if (has_any(kEncodings) && has_wildcard(value_.text)) {
      report(
          Code::kModifierValue, "a wildcard in a value that is encoded: " + shown(value_),
          "write \\* or \\? for the character itself; `contains` after the encoding finds parts");
      return;
    }
    if (has(item_, Modifier::kBase64Offset) && bytes_before_offsets() < 2) {
      report(Code::kModifierValue,
             shown(value_) +
                 " is too short for `base64offset`: at one offset nothing of it remains, and "
                 "every text contains that",
             "write two bytes at least, or use `base64`");
      return;
    }
    if (value_.text.empty() && (item_.field.empty() || has_any(kSubstrings))) {
      report(Code::kMatchesEverything, "every text contains the empty text",
             item_.field.empty() ? "write the text to look for"
                                 : "to ask whether the field is there, write `exists: true`");
    }
  }

  // How many bytes `base64offset` has to work on; from two on the number does not matter.
  size_t bytes_before_offsets() const {
    // Without wildcards, which were refused before, the only escapes are of two bytes for one.
    const std::string_view text = value_.text;
    size_t bytes = 0;
    for (size_t i = 0; i < text.size(); ++i, ++bytes) {
      const bool escapes = text[i] == '\\' && i + 1 < text.size() &&
                           (text[i + 1] == '*' || text[i + 1] == '?' || text[i + 1] == '\\');
      if (escapes) ++i;
    }
    for (const Modifier modifier : item_.modifiers) {
      if (modifier == Modifier::kBase64Offset) break;
      // A character has two bytes at least, and four as Base64; the mark alone has two.
      if (modifier == Modifier::kUtf16) bytes += 2;
      if (modifier == Modifier::kUtf16Le || modifier == Modifier::kUtf16Be ||
          modifier == Modifier::kBase64) {
        bytes *= 2;
      }
    }
    return bytes;
  }

  void check_regex() {
    if (value_.type == ScalarType::kNull) {
      report(Code::kModifierValue, "null is no regular expression", "write null without modifiers");
      return;
    }
    codec::Pattern::Options options;
    options.ignore_case = has(item_, Modifier::kRegexIgnoreCase);
    options.multi_line = has(item_, Modifier::kRegexMultiLine);
    options.dot_all = has(item_, Modifier::kRegexDotAll);
    const auto pattern = codec::Pattern::compile(value_.text, options);
    if (!pattern) {
      const std::string& why = pattern.error().message();  // "what is wrong; what to write"
      const size_t semicolon = why.rfind("; ");
      report(Code::kBadRegex, why.substr(0, semicolon),
             semicolon == std::string::npos ? "" : why.substr(semicolon + 2));
    } else if (value_.text.empty()) {
      report(Code::kMatchesEverything, "an empty expression is found in every text",
             "to ask whether the field is there, write `exists: true`");
    }
  }

  void check_network() {
    if (value_.type != ScalarType::kString) {
      report(Code::kBadNetwork, shown(value_) + " is not a network", "write e.g. 10.0.0.0/8");
      return;
    }
    if (value_.text.find('*') != std::string::npos) {
      report(Code::kBadNetwork, "a wildcard in a network: " + shown(value_),
             "write the prefix length, e.g. 192.168.0.0/16");
      return;
    }
    if (const auto network = codec::parse_network(value_.text); !network) {
      report(Code::kBadNetwork, network.error().message(),
             "write the network's own address, e.g. 10.0.0.0/8 or 2001:db8::/32");
    }
  }

  void check_number() {
    if (is_number(value_)) return;
    const bool quoted = codec::yaml_type_of_plain(value_.text) == codec::YamlType::kInteger ||
                        codec::yaml_type_of_plain(value_.text) == codec::YamlType::kFloat;
    report(Code::kModifierValue, shown(value_) + " is not a number",
           quoted ? "remove the quotes" : "lt, lte, gt and gte compare numbers only");
  }

  void check_time_part() {
    const bool compares = has(item_, Modifier::kLt) || has(item_, Modifier::kLte) ||
                          has(item_, Modifier::kGt) || has(item_, Modifier::kGte);
    if (value_.type != ScalarType::kInteger) {
      report(Code::kModifierValue, shown(value_) + " is not a whole number",
             "minute, hour, day, week, month and year are compared with whole numbers");
      return;
    }
    if (compares) return;
    for (const TimeRange& range : kTimeRanges) {
      if (!has(item_, range.modifier)) continue;
      int64_t number = -1;
      const char* end = value_.text.data() + value_.text.size();
      const auto parsed = std::from_chars(value_.text.data(), end, number);
      if (parsed.ec == std::errc() && number >= range.low && number <= range.high) continue;
      report(Code::kModifierValue,
             "no time has the " + std::string(name_of(range.modifier)) + " " + value_.text,
             "write " + std::to_string(range.low) + " to " + std::to_string(range.high));
    }
  }

  void check_field_ref() {
    if (value_.type == ScalarType::kString && !value_.text.empty()) return;
    report(Code::kModifierValue, "`fieldref` needs the name of a field", "write it as text");
  }

  void check_exists() {
    if (value_.type == ScalarType::kBool) return;
    report(Code::kModifierValue, shown(value_) + " is not a boolean",
           "write `exists: true` or `exists: false`, without quotes");
  }

  const Item& item_;
  const Scalar& value_;
  Reporter& reporter_;
};

}  // namespace

void check_values(const Item& item, Reporter& reporter) {
  const ItemForm form = form_of(item.modifiers);
  if (form == ItemForm::kExists && item.values.size() > 1) {
    reporter.report(Code::kModifierValue, item.at, "`exists` takes one value",
                    "write `exists: true` or `exists: false`");
    return;
  }
  for (const Scalar& value : item.values) ValueCheck(item, value, reporter).check(form);
}

bool has_wildcard(std::string_view pattern) {
  for (size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == '*' || pattern[i] == '?') return true;
    if (pattern[i] != '\\' || i + 1 == pattern.size()) continue;
    const char next = pattern[i + 1];
    if (next == '\\' || next == '*' || next == '?') ++i;
  }
  return false;
}

bool is_ambiguous(const codec::YamlNode& scalar) {
  if (!scalar.plain || scalar.type != codec::YamlType::kString) return false;
  const std::string text = ascii_lower(scalar.text);
  for (const std::string_view word : {"yes", "no", "on", "off", ".inf", "-.inf", "+.inf", ".nan"}) {
    if (text == word) return true;
  }
  // Forms of numbers in YAML 1.1 or 1.2 that JSON does not have.
  std::string_view rest = text;
  if (rest.starts_with('+') || rest.starts_with('-')) rest.remove_prefix(1);
  const auto is_made_of = [](std::string_view digits, std::string_view allowed) {
    return !digits.empty() && digits.find_first_not_of(allowed) == std::string_view::npos;
  };
  if (rest.starts_with("0x")) return is_made_of(rest.substr(2), "0123456789abcdef_");
  if (rest.starts_with("0o")) return is_made_of(rest.substr(2), "01234567_");
  if (rest.starts_with("0b")) return is_made_of(rest.substr(2), "01_");
  return is_made_of(rest, "0123456789._") && std::ranges::count(rest, '.') <= 1 &&
         rest.find_first_of("0123456789") != std::string_view::npos;
}

}  // namespace stanch::detect::sigma

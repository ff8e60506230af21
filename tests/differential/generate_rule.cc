#include "alphabet.h"
#include "generate.h"

namespace stanch::differential {
namespace {

using Texts = std::vector<std::string>;

// `|modifiers: [values]` of an item on a field or on keywords.
struct ItemText {
  std::string modifiers;
  Texts values;
};

void add_values(Chooser& choose, ItemText& item, auto one) {
  for (size_t count = 1 + choose.below(3); count > 0; --count) item.values.push_back(one());
}

std::string typed_value(Chooser& choose, bool with_null) {
  switch (choose.below(with_null ? 8 : 7)) {
    case 0: return in_quotes(pieces(choose, 3));
    case 1: return in_quotes(choose.of(kPieces));
    case 2: return in_quotes(choose.of(kNumbers));
    case 3: return std::string(choose.of(kNumbers));
    case 4: return in_quotes(choose.of(kMeaningful));
    case 5: return choose.below(2) == 0 ? "true" : "False";
    case 6: return in_quotes(choose.below(2) == 0 ? "*" : "");
    default: return "null";
  }
}

std::string substring_modifiers(Chooser& choose) {
  static constexpr std::array<std::string_view, 6> kSubstring = {
      "", "|contains", "|startswith", "|endswith", "|contains|endswith", "|endswith|startswith"};
  return std::string(choose.of(kSubstring));
}

// Expressions and field references take one of them at most.
std::string anchoring_modifier(Chooser& choose) {
  static constexpr std::array<std::string_view, 6> kAnchoring = {
      "", "", "", "|contains", "|startswith", "|endswith"};
  return std::string(choose.of(kAnchoring));
}

// Without wildcards: `*` and `?` are escaped.
// A single byte has no encoding at all offsets.
std::string encodable(Chooser& choose, bool at_offsets) {
  static constexpr std::array<std::string_view, 6> kLonger = {"ab",    "-a",  "a b",
                                                              "a\\*b", "abc", "\\?a"};
  static constexpr std::array<std::string_view, 2> kOneByte = {"a", "b"};
  const bool one_byte = !at_offsets && choose.one_in(4);
  return in_quotes(one_byte ? choose.of(kOneByte) : choose.of(kLonger));
}

ItemText plain_item(Chooser& choose, bool is_keyword) {
  ItemText item;
  add_values(choose, item, [&] { return typed_value(choose, !is_keyword); });
  return item;
}

ItemText text_item(Chooser& choose, bool is_keyword) {
  ItemText item;
  item.modifiers = substring_modifiers(choose);
  if (is_keyword && choose.one_in(2)) item.modifiers.clear();
  if (choose.one_in(3)) item.modifiers += "|cased";
  add_values(choose, item, [&] {
    return choose.one_in(8) ? std::string(choose.of(kNumbers)) : in_quotes(pieces(choose, 3));
  });
  return item;
}

ItemText encoded_item(Chooser& choose) {
  static constexpr std::array<std::string_view, 9> kEncodings = {
      "|base64",       "|base64offset", "|wide|base64", "|utf16le|base64offset", "|utf16be|base64",
      "|utf16|base64", "|utf16le",      "|utf16be",     "|base64offset|base64"};
  ItemText item;
  const std::string_view encoding = choose.of(kEncodings);
  const bool at_offsets = encoding.starts_with("|base64offset");
  item.modifiers = std::string(encoding) + substring_modifiers(choose);
  if (choose.one_in(3)) item.modifiers += "|cased";
  add_values(choose, item, [&] { return encodable(choose, at_offsets); });
  return item;
}

ItemText dashed_item(Chooser& choose) {
  static constexpr std::array<std::string_view, 8> kDashed = {"-a", "/a",   "b -a", "--a",
                                                              "-*", "?-a*", "a-a",  "/a -b /k"};
  ItemText item;
  item.modifiers =
      choose.one_in(4) ? "|contains|windash" : "|windash" + substring_modifiers(choose);
  add_values(choose, item, [&] { return in_quotes(choose.of(kDashed)); });
  return item;
}

ItemText regex_item(Chooser& choose) {
  static constexpr std::array<std::string_view, 32> kExpressions = {
      "a",     "^a",     "b$",       "a.b",    "^$",       "[ab]+",    "a|b",      "^a$",
      "\\\\",  "\\*",    "k",        "\u00df", "^.$",      "(a|K)b?",  "\\d",      "^1",
      "[^a]",  "\n",     "\"a\":",   "a*",     "abc",      "ABC",      "xabc|kbc", "abc.*kbc",
      "a[b]c", "[Kk]bc", "\u017fab", "sAb",    "\u212abc", "(abc){2}", "(?i)KBC",  "abc?"};
  static constexpr std::array<std::string_view, 7> kFlags = {"",     "|i",     "|m",  "|s",
                                                             "|i|s", "|i|m|s", "|m|s"};
  ItemText item;
  item.modifiers = "|re" + std::string(choose.of(kFlags)) + anchoring_modifier(choose);
  add_values(choose, item, [&] { return in_quotes(choose.of(kExpressions)); });
  return item;
}

ItemText network_item(Chooser& choose) {
  ItemText item{"|cidr", {}};
  add_values(choose, item, [&] { return in_quotes(choose.of(kNetworks)); });
  return item;
}

ItemText numeric_item(Chooser& choose) {
  static constexpr std::array<std::string_view, 4> kComparisons = {"|lt", "|lte", "|gt", "|gte"};
  ItemText item{std::string(choose.of(kComparisons)), {}};
  add_values(choose, item, [&] { return std::string(choose.of(kNumbers)); });
  return item;
}

ItemText time_item(Chooser& choose) {
  static constexpr std::array<std::string_view, 6> kParts = {"|hour",  "|minute", "|day",
                                                             "|month", "|week",   "|year"};
  static constexpr std::array<std::string_view, 5> kComparisons = {"", "|lt", "|lte", "|gt",
                                                                   "|gte"};
  std::string_view part = choose.of(kParts);
  ItemText item{std::string(part) + std::string(choose.of(kComparisons)), {}};
  add_values(choose, item, [&] {
    static constexpr std::array<std::string_view, 5> kYears = {"2026", "2025", "2024", "2017",
                                                               "2021"};
    static constexpr std::array<std::string_view, 6> kSmall = {"1", "2", "3", "9", "12", "23"};
    std::string_view small = choose.of(kSmall);
    if (part == "|year") return std::string(choose.of(kYears));
    return std::string(part == "|month" && small == "23" ? "12" : small);
  });
  return item;
}

ItemText exists_item(Chooser& choose) {
  return {"|exists", {choose.below(2) == 0 ? "true" : "false"}};
}

ItemText reference_item(Chooser& choose) {
  ItemText item;
  item.modifiers = "|fieldref" + anchoring_modifier(choose);
  if (choose.one_in(3)) item.modifiers += "|cased";
  add_values(choose, item, [&] { return in_quotes(choose.of(kFields)); });
  return item;
}

ItemText expanded_item(Chooser& choose) {
  static constexpr std::array<std::string_view, 8> kValues = {
      "%one%", "%two%", "%none%", "a%two%", "%two%%one%", "\\%one%one%", "100% %one%", "%star%"};
  static constexpr std::array<std::string_view, 6> kExpressions = {
      "^%two%$", "%one%.%two%", "%none%", "(%two%%one%)+$", "^(%one%|K)", "[%]%one%"};
  ItemText item;
  bool is_regex = choose.one_in(4);
  item.modifiers = is_regex ? "|re|expand" : "|expand" + substring_modifiers(choose);
  add_values(choose, item,
             [&] { return in_quotes(is_regex ? choose.of(kExpressions) : choose.of(kValues)); });
  return item;
}

std::string item_line(const std::string& field, const ItemText& item) {
  std::string out = in_quotes(field + item.modifiers) + ": ";
  if (item.values.size() == 1) return out + item.values[0];
  out += "[";
  for (size_t i = 0; i < item.values.size(); ++i) out += (i > 0 ? ", " : "") + item.values[i];
  return out + "]";
}

ItemText field_item_text(Chooser& choose) {
  switch (choose.below(20)) {
    case 0:
    case 1:
    case 2:
    case 3:
    case 4: return plain_item(choose, false);
    case 5:
    case 6:
    case 7:
    case 8: return text_item(choose, false);
    case 9:
    case 10: return encoded_item(choose);
    case 11: return dashed_item(choose);
    case 12:
    case 13: return regex_item(choose);
    case 14: return network_item(choose);
    case 15: return numeric_item(choose);
    case 16: return time_item(choose);
    case 17: return exists_item(choose);
    case 18: return reference_item(choose);
    default: return expanded_item(choose);
  }
}

std::string field_item(Chooser& choose) {
  std::string field(choose.of(kFields));
  ItemText item = field_item_text(choose);
  bool is_exists = item.modifiers == "|exists";
  if (!is_exists && item.values.size() > 1 && choose.one_in(4)) item.modifiers += "|all";
  if (choose.one_in(6)) item.modifiers += "|neq";
  return item_line(field, item);
}

std::string keyword_item(Chooser& choose) {
  ItemText item = choose.one_in(4)   ? regex_item(choose)
                  : choose.one_in(4) ? encoded_item(choose)
                  : choose.one_in(2) ? text_item(choose, true)
                                     : plain_item(choose, true);
  if (item.values.size() > 1 && choose.one_in(4)) item.modifiers += "|all";
  if (choose.one_in(8)) item.modifiers += "|neq";
  return item_line("", item);
}

// `{item, item}`; a YAML key must not stand twice.
std::string item_map(Chooser& choose) {
  Texts items;
  for (size_t count = 1 + choose.below(3); count > 0; --count) {
    std::string item = choose.one_in(12) ? keyword_item(choose) : field_item(choose);
    std::string key = item.substr(0, item.find("\": ") + 2);
    bool known = false;
    for (const std::string& other : items) known |= other.starts_with(key);
    if (!known && !key.starts_with("\"\"")) items.push_back(item);
  }
  if (items.empty()) items.push_back("\"a\": \"a\"");
  std::string out = "{";
  for (size_t i = 0; i < items.size(); ++i) out += (i > 0 ? ", " : "") + items[i];
  return out + "}";
}

std::string detection(Chooser& choose) {
  switch (choose.below(8)) {
    case 5: return "[" + item_map(choose) + ", " + item_map(choose) + "]";
    case 6: {
      std::string out;
      ItemText keywords = plain_item(choose, true);
      for (const std::string& value : keywords.values) out += (out.empty() ? "" : ", ") + value;
      return "[" + out + "]";
    }
    case 7: return "[[" + item_map(choose) + "], " + item_map(choose) + "]";
    default: return item_map(choose);
  }
}

constexpr std::array<std::string_view, 4> kNames = {"sel_a", "sel_b", "fil_c", "_sel_d"};

std::string condition(Chooser& choose, size_t names, size_t depth) {
  static constexpr std::array<std::string_view, 8> kQuantifiers = {
      "1 of them", "all of them", "1 of sel_*", "all of sel_*",
      "any of s*", "1 of *",      "all of *a",  "any of them"};
  switch (choose.below(depth > 0 ? 9 : 4)) {
    case 3: return std::string(choose.of(kQuantifiers));
    case 4:
    case 5: return "not " + condition(choose, names, depth - 1);
    case 6:
      return condition(choose, names, depth - 1) + " or " + condition(choose, names, depth - 1);
    case 7:
      return condition(choose, names, depth - 1) + " and " + condition(choose, names, depth - 1);
    case 8: return "(" + condition(choose, names, depth - 1) + ")";
    default: return std::string(kNames[choose.below(names)]);
  }
}

}  // namespace

std::string rule_text(const Choices& choices, size_t number) {
  static constexpr std::array<std::string_view, 5> kLogSources = {
      "{product: aws}", "{category: audit}", "{product: aws, service: trail}", "{product: gcp}",
      "{product: AWS, category: other}"};
  Chooser choose(choices);
  std::string out = "title: r" + std::to_string(number) + "\nlogsource: ";
  out += std::string(choose.of(kLogSources)) + "\ndetection:\n";
  size_t names = 1 + choose.below(kNames.size());
  std::string conditions = in_quotes(condition(choose, names, 3));
  if (choose.one_in(10)) {
    conditions = "[" + conditions + ", " + in_quotes(condition(choose, names, 2)) + "]";
  }
  out += "  condition: " + conditions + "\n";
  for (size_t i = 0; i < names; ++i) {
    out += "  " + std::string(kNames[i]) + ": " + detection(choose) + "\n";
  }
  return out;
}

detect::Placeholders placeholders() {
  return {{"one", {"a"}}, {"two", {"b", "K"}}, {"none", {}}, {"star", {"a*", "\\*b"}}};
}

}  // namespace stanch::differential

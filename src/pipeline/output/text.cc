#include "pipeline/output/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "codec/utf8.h"

namespace stanch::pipeline::output {

namespace {

struct Range {
  char32_t first, last;
};

// Combining marks of the scripts that names are written in; a mark that is missing here
// costs a column too many, which only shifts the rest of the line.
constexpr Range kZeroWidth[] = {
    {0x0300, 0x036F},  {0x0483, 0x0489}, {0x0591, 0x05BD}, {0x05BF, 0x05BF}, {0x05C1, 0x05C2},
    {0x05C4, 0x05C5},  {0x0610, 0x061A}, {0x064B, 0x065F}, {0x0670, 0x0670}, {0x06D6, 0x06DC},
    {0x06DF, 0x06E4},  {0x0900, 0x0902}, {0x093C, 0x093C}, {0x0941, 0x0948}, {0x094D, 0x094D},
    {0x0E31, 0x0E31},  {0x0E34, 0x0E3A}, {0x0E47, 0x0E4E}, {0x1AB0, 0x1AFF}, {0x1DC0, 0x1DFF},
    {0x20D0, 0x20FF},  {0x302A, 0x302D}, {0x3099, 0x309A}, {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F},
    {0xE0100, 0xE01EF}};

// East_Asian_Width W and F, and emoji that terminals show in two columns.
constexpr Range kWide[] = {
    {0x1100, 0x115F},   {0x231A, 0x231B},   {0x2329, 0x232A},   {0x23E9, 0x23EC},  {0x2614, 0x2615},
    {0x2648, 0x2653},   {0x26A1, 0x26A1},   {0x2705, 0x2705},   {0x274C, 0x274C},  {0x2753, 0x2755},
    {0x2E80, 0x303E},   {0x3041, 0x33FF},   {0x3400, 0x4DBF},   {0x4E00, 0xA4CF},  {0xA960, 0xA97C},
    {0xAC00, 0xD7A3},   {0xF900, 0xFAFF},   {0xFE30, 0xFE6F},   {0xFF00, 0xFF60},  {0xFFE0, 0xFFE6},
    {0x1F300, 0x1F64F}, {0x1F680, 0x1F6FF}, {0x1F900, 0x1F9FF}, {0x20000, 0x3FFFD}};

template <size_t N>
bool within(char32_t c, const Range (&ranges)[N]) {
  const auto after = std::ranges::upper_bound(ranges, c, {}, &Range::first);
  return after != std::begin(ranges) && c <= std::prev(after)->last;
}

size_t columns_of_character(char32_t c) {
  if (c < 0x300) return 1;
  return within(c, kZeroWidth) ? 0 : within(c, kWide) ? 2 : 1;
}

}  // namespace

size_t columns_of(std::string_view text) {
  size_t columns = 0;
  while (!text.empty()) {
    const codec::Utf8Step step = codec::decode_utf8(text);
    columns += columns_of_character(step.code_point);
    text.remove_prefix(step.length);
  }
  return columns;
}

std::string fit(std::string_view text, size_t columns, const Style& style) {
  // An attacker's megabyte is not made safe only to be cut.
  const size_t bytes_that_matter = columns * 8 + 8;
  std::string safe = codec::for_terminal(text.substr(0, bytes_that_matter));
  if (text.size() <= bytes_that_matter && columns_of(std::string_view(safe)) <= columns) {
    return safe;
  }
  const std::string_view mark = style.unicode ? "…" : "~";
  std::string_view rest = safe;
  size_t used = 0;
  while (!rest.empty()) {
    const codec::Utf8Step step = codec::decode_utf8(rest);
    const size_t width = columns_of_character(step.code_point);
    if (used + width + 1 > columns) break;
    used += width;
    rest.remove_prefix(step.length);
  }
  safe.resize(safe.size() - rest.size());
  return columns == 0 ? "" : safe.append(mark);
}

std::string fit_padded(std::string_view text, size_t columns, const Style& style) {
  std::string out = fit(text, columns, style);
  const size_t used = columns_of(std::string_view(out));
  if (used < columns) out.append(columns - used, ' ');
  return out;
}

std::string colored(std::string text, Color color, const Style& style) {
  if (!style.color || color == Color::kNone) return text;
  const auto code = [color]() -> std::string_view {
    switch (color) {
      case Color::kNone: return "0";
      case Color::kBold: return "1";
      case Color::kDim: return "2";
      case Color::kRed: return "31";
      case Color::kBoldRed: return "1;31";
      case Color::kYellow: return "33";
      case Color::kBlue: return "34";
      case Color::kGreen: return "32";
    }
    return "0";
  }();
  return fmt::format("\x1b[{}m{}\x1b[0m", code, text);
}

std::string wrapped(std::string_view line, size_t indent, size_t columns) {
  std::string out;
  size_t used = 0;
  bool line_is_empty = true;
  while (!line.empty()) {
    // The spaces before a word belong to it, so that aligned columns stay aligned.
    const size_t begin = std::min(line.find_first_not_of(' '), line.size());
    const size_t end = std::min(line.find(' ', begin), line.size());
    const std::string_view word = line.substr(begin, end - begin);
    const size_t width = columns_of(word);
    if (!line_is_empty && used + begin + width > columns) {
      out += '\n';
      out.append(indent, ' ').append(word);
      used = indent + width;
    } else {
      out.append(line.substr(0, end));
      used += begin + width;
    }
    line_is_empty = false;
    line.remove_prefix(end);
  }
  return out;
}

std::string csv_cell(std::string_view text) {
  std::string safe = codec::for_terminal(text);
  // A tab or CR at the start reads \t or \r by now, but what was written was meant for a
  // spreadsheet that skips them.
  const bool formula =
      !text.empty() && std::string_view("=+-@\t\r").find(text.front()) != std::string_view::npos;
  if (formula) safe.insert(0, 1, '\'');
  if (safe.find_first_of(",\"") == std::string::npos) return safe;
  std::string quoted = "\"";
  for (const char c : safe) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

std::string grouped(unsigned long long number) {
  const std::string digits = fmt::format("{}", number);
  std::string out;
  for (size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) out += ',';
    out += digits[i];
  }
  return out;
}

std::string counted(unsigned long long number, std::string_view one, std::string_view many) {
  if (number == 1) return fmt::format("1 {}", one);
  if (many.empty()) return fmt::format("{} {}s", grouped(number), one);
  return fmt::format("{} {}", grouped(number), many);
}

std::string bytes_text(unsigned long long bytes) {
  if (bytes < 1000) return fmt::format("{} B", bytes);
  double value = static_cast<double>(bytes);
  size_t unit = 0;
  constexpr std::string_view kUnits[] = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};
  while (value >= 999.95 && unit + 1 < std::size(kUnits)) {
    value /= 1000;
    ++unit;
  }
  return fmt::format("{:.1f} {}", value, kUnits[unit]);
}

void escape_hidden(std::string& json, size_t begin) {
  const auto ascii = [](char c) { return static_cast<unsigned char>(c) < 0x80; };
  if (std::all_of(json.begin() + static_cast<ptrdiff_t>(begin), json.end(), ascii)) return;
  const std::string before = json.substr(begin);
  json.resize(begin);
  std::string_view text = before;
  while (!text.empty()) {
    const codec::Utf8Step step = codec::decode_utf8(text);
    const char32_t c = step.code_point;
    const auto at = std::back_inserter(json);
    if (c < 0x80 || !codec::is_hidden(c)) {
      json.append(text.substr(0, step.length));
    } else if (c < 0x10000) {
      fmt::format_to(at, "\\u{:04x}", uint32_t{c});
    } else {
      const uint32_t rest = uint32_t{c} - 0x10000;
      fmt::format_to(at, "\\u{:04x}\\u{:04x}", 0xD800 + (rest >> 10), 0xDC00 + (rest & 0x3FF));
    }
    text.remove_prefix(step.length);
  }
}

}  // namespace stanch::pipeline::output

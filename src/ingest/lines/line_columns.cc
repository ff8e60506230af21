#include <algorithm>

#include "codec/timestamp.h"
#include "ingest/lines/line_forms.h"

namespace stanch::ingest {

bool is_number(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == text.npos;
}

bool is_time(std::string_view text) {
  return text.size() >= 20 && text[4] == '-' && codec::parse_timestamp(text).has_value();
}

std::optional<std::vector<std::string_view>> columns_of(std::string_view line, bool brackets) {
  std::vector<std::string_view> columns;
  for (size_t at = 0; at < line.size();) {
    if (line[at] == ' ' || line[at] == '\t') {
      ++at;
      continue;
    }
    if (columns.size() == kLineColumnsMax) return {};
    const bool is_quoted = line[at] == '"', is_bracketed = brackets && line[at] == '[';
    if (!is_quoted && !is_bracketed) {
      const size_t end = std::min(line.find_first_of(" \t", at), line.size());
      columns.push_back(line.substr(at, end - at));
      at = end;
      continue;
    }
    const char closing = is_quoted ? '"' : ']';
    size_t end = at + 1;
    while (end < line.size() && line[end] != closing) end += line[end] == '\\' ? 2 : 1;
    if (end >= line.size()) return {};
    columns.push_back(line.substr(at + 1, end - at - 1));
    at = end + 1;
  }
  return columns;
}

void append_columns(std::string_view form, std::string_view line,
                    const std::vector<std::string_view>& names,
                    const std::vector<std::string_view>& values, std::string& json) {
  codec::JsonWriter out(json);
  out.begin_object().field("text_form", form);
  for (size_t i = 0; i < std::min(names.size(), values.size()); ++i) {
    if (values[i] != "-" && !values[i].empty()) out.field(names[i], values[i]);
  }
  out.field("line", line).end_object();
}

}  // namespace stanch::ingest

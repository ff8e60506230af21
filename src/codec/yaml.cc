#include "codec/yaml.h"

#include <algorithm>
#include <map>
#include <utility>

#include "codec/utf8.h"
#include "codec/yaml_roads.h"

// The text is cut at its document markers, and each piece takes the first road that can read
// it: the quick one, then the full one (yaml_roads.h).

namespace stanch::codec {

namespace {

bool is_marker(std::string_view line, std::string_view marker) {
  return line.starts_with(marker) &&
         (line.size() == 3 || line[3] == ' ' || line[3] == '\t' || line[3] == '\r');
}

// A line that holds no value: blank, a comment, a directive, a bare marker.
bool is_silent(std::string_view line) {
  if (is_marker(line, "---") || is_marker(line, "...")) line.remove_prefix(3);
  const size_t first = line.find_first_not_of(" \t\r");
  return first == std::string_view::npos || line[first] == '#' || line.starts_with('%');
}

struct Piece {
  std::string_view bytes;
  uint32_t first_line;
};

// A piece begins at `---` or after `...`; silent text before the first `---` belongs
// to that document (YAML 1.2.2, 9.1 and 9.2). Nothing inside a scalar can look like a marker (rule
// c-forbidden), so cutting needs no parsing.
std::vector<Piece> split_documents(std::string_view text) {
  std::vector<Piece> pieces;
  size_t piece_begin = 0;
  uint32_t piece_line = 1, line_number = 1;
  bool silent = true;  // the piece so far
  bool has_marker = false;
  const auto cut = [&](size_t at, uint32_t line) {
    if (!silent) pieces.push_back({text.substr(piece_begin, at - piece_begin), piece_line});
    piece_begin = at;
    piece_line = line;
    silent = true;
    has_marker = false;
  };
  for (size_t begin = 0; begin < text.size(); ++line_number) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    const size_t next = std::min(end + 1, text.size());
    const std::string_view line = text.substr(begin, end - begin);
    if (is_marker(line, "---")) {
      if (!silent || has_marker) cut(begin, line_number);
      has_marker = true;
    }
    silent = silent && is_silent(line);
    if (is_marker(line, "...")) cut(next, line_number + 1);
    begin = next;
  }
  cut(text.size(), line_number);
  return pieces;
}

std::optional<YamlProblem> check_text(std::string_view text, const YamlLimits& limits) {
  using Kind = YamlProblem::Kind;
  if (text.size() > limits.bytes_max) {
    return YamlProblem{Kind::kTooLarge,
                       {},
                       "the file is larger than " + std::to_string(limits.bytes_max) + " bytes",
                       "split it"};
  }
  if (!is_utf8(text)) {
    return YamlProblem{Kind::kNotUtf8, {}, "the file is not UTF-8", "save it as UTF-8"};
  }
  // Rule c-printable, as far as single bytes go. (yaml-cpp would take NUL for UTF-16.)
  const auto bad = std::ranges::find_if(text, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\t' && c != '\n' && c != '\r') || byte == 0x7f;
  });
  if (bad != text.end()) {
    return YamlProblem{Kind::kSyntax, yaml_mark_of(text, static_cast<size_t>(bad - text.begin())),
                       "a control character",
                       "write it as an escape inside double quotes, e.g. \"\\x1b\""};
  }
  return std::nullopt;
}

size_t count_digits(std::string_view text) {
  return std::min(text.find_first_not_of("0123456789"), text.size());
}

}  // namespace

YamlMark yaml_mark_of(std::string_view text, size_t offset) {
  const std::string_view before = text.substr(0, offset);
  const auto line = static_cast<uint32_t>(std::ranges::count(before, '\n') + 1);
  const size_t newline = before.rfind('\n');
  const size_t column = newline == std::string_view::npos ? offset : offset - newline - 1;
  return {line, static_cast<uint32_t>(column + 1)};
}

void list_duplicate_keys(const YamlNode& map, std::vector<YamlDuplicateKey>& duplicates) {
  if (map.members.size() < 2) return;
  std::map<std::string_view, YamlMark> seen;
  for (const YamlMember& member : map.members) {
    const auto [at, is_new] = seen.emplace(member.key.text, member.key.mark);
    if (!is_new) duplicates.push_back({member.key.text, at->second, member.key.mark});
  }
}

const YamlNode* YamlNode::find(std::string_view key) const {
  const auto found = std::ranges::find(
      members, key, [](const YamlMember& member) { return std::string_view(member.key.text); });
  return found == members.end() ? nullptr : &found->value;
}

YamlType yaml_type_of_plain(std::string_view text) {
  if (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL") {
    return YamlType::kNull;
  }
  for (std::string_view word : {"true", "True", "TRUE", "false", "False", "FALSE"}) {
    if (text == word) return YamlType::kBool;
  }
  // RFC 8259, section 6: -? (0 | [1-9][0-9]*) (. [0-9]+)? ([eE] [+-]? [0-9]+)?
  if (text.front() == '-') text.remove_prefix(1);
  const size_t whole = count_digits(text);
  if (whole == 0 || (whole > 1 && text.front() == '0')) return YamlType::kString;
  text.remove_prefix(whole);
  if (text.empty()) return YamlType::kInteger;
  if (text.front() == '.') {
    text.remove_prefix(1);
    const size_t fraction = count_digits(text);
    if (fraction == 0) return YamlType::kString;
    text.remove_prefix(fraction);
  }
  if (text.empty()) return YamlType::kFloat;
  if (text.front() != 'e' && text.front() != 'E') return YamlType::kString;
  text.remove_prefix(1);
  if (!text.empty() && (text.front() == '+' || text.front() == '-')) text.remove_prefix(1);
  return !text.empty() && count_digits(text) == text.size() ? YamlType::kFloat : YamlType::kString;
}

std::vector<YamlDocument> parse_yaml(std::string_view text, const YamlLimits& limits) {
  std::vector<YamlDocument> documents;
  const auto refuse_whole = [&](YamlProblem problem) {
    documents.clear();
    documents.emplace_back().bytes = text;
    documents.back().problem = std::move(problem);
    return std::move(documents);
  };
  if (auto problem = check_text(text, limits)) return refuse_whole(std::move(*problem));

  std::string_view body = text;
  if (body.starts_with(kByteOrderMark)) body.remove_prefix(kByteOrderMark.size());
  const std::vector<Piece> pieces = split_documents(body);
  if (pieces.size() > limits.documents_max) {
    return refuse_whole({YamlProblem::Kind::kTooLarge,
                         {},
                         "more than " + std::to_string(limits.documents_max) + " documents",
                         "split the file"});
  }
  for (const Piece& piece : pieces) {
    YamlDocument document;
    document.bytes = piece.bytes;
    if (!parse_yaml_quick(document, limits, piece.first_line)) {
      parse_yaml_full(document, limits, piece.first_line);
    }
    if (document.problem || !document.root.is_null()) documents.push_back(std::move(document));
  }
  if (documents.size() == 1) documents.front().bytes = text;
  return documents;
}

}  // namespace stanch::codec

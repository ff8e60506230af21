#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "codec/yaml_roads.h"

// The quick road: block maps and lists, flow lists and maps on one line, plain and quoted
// scalars, literal and folded blocks. Recursive descent over lines:
//
//   block(column)   a list if a "- " stands at the column, else a map of `key: value`
//   value           after `key:` or `- `, on the same line or, indented, on the next ones
//
// Each function returns false as soon as it meets anything else: a tab, an anchor, an alias, a
// tag, a rare escape, an odd indentation. Then the full road reads it all again.
// Section numbers are those of YAML 1.2.2.

namespace stanch::codec {

namespace {

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

struct Line {
  std::string_view text;    // without its newline
  uint32_t indent = 0;      // spaces at its beginning
  bool is_content = false;  // neither blank nor a comment
};

class QuickReader {
 public:
  QuickReader(YamlDocument& document, const YamlLimits& limits, uint32_t first_line)
      : limits_(limits), bytes_(document.bytes), first_line_(first_line) {}

  bool read(YamlNode& root) {
    if (!split_lines()) return false;
    if (!skip_marker()) return false;
    if (!to_content()) return false;  // an empty document
    const std::string_view rest = current().text.substr(current().indent);
    if (rest.front() == '[' || rest.front() == '{') {
      size_t at = current().indent;
      if (!read_flow(at, root, 0) || !is_end(current().text, at)) return false;
      ++line_;
    } else if (!read_block(current().indent, root, 0)) {
      return false;
    }
    return !to_content();
  }

  std::vector<YamlDuplicateKey> take_duplicates() { return std::move(duplicates_); }

 private:
  // ---- lines

  bool split_lines() {
    if (bytes_.find_first_of("\t\r") != std::string_view::npos) return false;
    // Characters that some take for line breaks, and the byte order mark.
    for (const std::string_view odd :
         {"\xC2\x85", "\xE2\x80\xA8", "\xE2\x80\xA9", "\xEF\xBB\xBF"}) {
      if (bytes_.find(odd) != std::string_view::npos) return false;
    }
    for (size_t begin = 0; begin < bytes_.size();) {
      const size_t end = std::min(bytes_.find('\n', begin), bytes_.size());
      Line line;
      line.text = bytes_.substr(begin, end - begin);
      const size_t first = std::min(line.text.find_first_not_of(' '), line.text.size());
      line.indent = static_cast<uint32_t>(first);
      line.is_content = first < line.text.size() && line.text[first] != '#';
      lines_.push_back(line);
      begin = end + 1;
    }
    return true;
  }

  // A `---` alone on the first content line. Markers elsewhere, directives: not here.
  bool skip_marker() {
    if (!to_content()) return false;
    if (current().text.starts_with("---")) {
      if (!is_end(current().text, 3)) return false;
      ++line_;
    }
    for (size_t i = line_; i < lines_.size(); ++i) {
      const std::string_view text = lines_[i].text;
      if (text.starts_with("---") || text.starts_with("...") || text.starts_with('%')) return false;
    }
    return true;
  }

  const Line& current() const { return lines_[line_]; }

  // Goes to the next line with content, this one included.
  bool to_content() {
    while (line_ < lines_.size() && !lines_[line_].is_content) ++line_;
    return line_ < lines_.size();
  }

  YamlMark mark(size_t column) const {
    return {first_line_ + static_cast<uint32_t>(line_), static_cast<uint32_t>(column + 1)};
  }

  // Only spaces and perhaps a comment from `at` on. A comment needs a space before it.
  static bool is_end(std::string_view text, size_t at) {
    const size_t next = text.find_first_not_of(' ', at);
    return next == std::string_view::npos || (text[next] == '#' && next > at);
  }

  static bool is_dash(std::string_view text, size_t at) {
    return text.substr(at).starts_with('-') && (at + 1 == text.size() || text[at + 1] == ' ');
  }

  bool count() { return ++nodes_ <= limits_.nodes_max; }

  // ---- blocks (8.2)

  // A list or map whose first entry begins at `column` of this line. Its further entries
  // stand on lines of their own at that column.
  bool read_block(size_t column, YamlNode& node, size_t depth) {
    if (depth >= limits_.depth_max || !count()) return false;
    node.mark = mark(column);
    if (is_dash(current().text, column)) {
      node.kind = YamlKind::kList;
      return read_list(column, node, depth);
    }
    node.kind = YamlKind::kMap;
    if (!read_map(column, node, depth)) return false;
    list_duplicate_keys(node, duplicates_);
    return true;
  }

  bool read_list(size_t column, YamlNode& node, size_t depth) {
    bool first = true;
    while (first ||
           (to_content() && current().indent == column && is_dash(current().text, column))) {
      first = false;
      const std::string_view text = current().text;
      const size_t value = text.find_first_not_of(' ', column + 1);
      if (value == std::string_view::npos || text[value] == '#') return false;  // rare
      if (!read_entry(value, column, node.items.emplace_back(), depth)) return false;
    }
    // What follows must be less indented, or a key of the map that this list belongs to.
    return !to_content() || current().indent <= column;
  }

  // The value of a list entry, at `column` of this line.
  bool read_entry(size_t column, size_t dash, YamlNode& node, size_t depth) {
    const std::string_view text = current().text;
    size_t after = 0;
    if (is_dash(text, column) || find_key_end(text, column, after)) {
      return read_block(column, node, depth + 1);
    }
    return read_scalar_or_flow(column, dash, node, depth);
  }

  bool read_map(size_t column, YamlNode& node, size_t depth) {
    bool first = true;
    while (first || (to_content() && current().indent == column)) {
      first = false;
      const std::string_view text = current().text;
      if (is_dash(text, column)) return false;
      size_t after = 0;  // the ':'
      if (!find_key_end(text, column, after)) return false;
      YamlMember& member = node.members.emplace_back();
      if (!read_key(text, column, after, member.key)) return false;
      const size_t value = text.find_first_not_of(' ', after + 1);
      if (value != std::string_view::npos && text[value] != '#') {
        if (is_dash(text, value)) return false;
        if (!read_scalar_or_flow(value, column, member.value, depth)) return false;
        continue;
      }
      ++line_;
      if (!read_value_below(column, member, depth)) return false;
    }
    return !to_content() || current().indent < column;
  }

  // The value of a key with nothing after its colon.
  bool read_value_below(size_t column, YamlMember& member, size_t depth) {
    const bool more = to_content();
    const bool is_list = more && is_dash(current().text, current().indent);
    if (more && (current().indent > column || (current().indent == column && is_list))) {
      const size_t at = current().indent;
      size_t after = 0;
      if (!is_list && !find_key_end(current().text, at, after)) return false;  // a scalar: rare
      return read_block(at, member.value, depth + 1);
    }
    member.value.mark = member.key.mark;
    return count();
  }

  // ---- keys

  // Whether `key:` stands at `column`; `after` is its colon. Quoted keys have no escapes.
  static bool find_key_end(std::string_view text, size_t column, size_t& after) {
    const char first = text[column];
    if (first == '\'' || first == '"') {
      const size_t close = text.find_first_of("'\"\\", column + 1);
      if (close == std::string_view::npos || text[close] != first) return false;
      after = close + 1;
    } else {
      if (!is_word(first)) return false;
      after = column;
      while (after < text.size() && text[after] != ' ' &&
             !(text[after] == ':' && (after + 1 == text.size() || text[after + 1] == ' '))) {
        ++after;
      }
    }
    return after < text.size() && text[after] == ':' &&
           (after + 1 == text.size() || text[after + 1] == ' ') && after - column < 1000;
  }

  bool read_key(std::string_view text, size_t column, size_t after, YamlNode& key) {
    key.mark = mark(column);
    key.plain = is_word(text[column]);
    key.text = key.plain ? text.substr(column, after - column)
                         : text.substr(column + 1, after - column - 2);
    set_type(key);
    return count();
  }

  // A null has no text, whichever way it was written.
  static void set_type(YamlNode& node) {
    node.type = node.plain ? yaml_type_of_plain(node.text) : YamlType::kString;
    if (node.type == YamlType::kNull) node.text.clear();
  }

  // ---- values

  // At `column`; its further lines, if any, are indented more than `parent`. Leaves line_ after
  // its last line.
  bool read_scalar_or_flow(size_t column, size_t parent, YamlNode& node, size_t depth) {
    const std::string_view text = current().text;
    const char first = text[column];
    if (first == '[' || first == '{') {
      size_t at = column;
      if (!read_flow(at, node, depth + 1) || !is_end(text, at)) return false;
    } else if (first == '\'' || first == '"') {
      size_t at = column;
      if (!read_quoted(at, node) || !is_end(text, at)) return false;
    } else if (first == '|' || first == '>') {
      return read_block_scalar(column, parent, node);
    } else {
      return read_plain(column, parent, node);
    }
    ++line_;
    return !to_content() || current().indent <= parent;
  }

  // 7.3.1, 7.3.2 on one line; double quotes with the escapes that people use.
  bool read_quoted(size_t& at, YamlNode& node) {
    const std::string_view text = current().text;
    const char quote = text[at];
    node.mark = mark(at);
    node.plain = false;
    node.type = YamlType::kString;
    for (++at; at < text.size(); ++at) {
      char c = text[at];
      if (c == quote) {
        if (quote == '"' || at + 1 == text.size() || text[at + 1] != quote) {
          ++at;
          return count();
        }
        ++at;  // '' is a single quote
      } else if (c == '\\' && quote == '"') {
        if (++at == text.size()) return false;
        switch (text[at]) {
          case '\\': c = '\\'; break;
          case '"': c = '"'; break;
          case 'n': c = '\n'; break;
          case 't': c = '\t'; break;
          default: return false;
        }
      }
      node.text += c;
    }
    return false;  // goes on in the next line
  }

  static bool may_begin_plain(std::string_view text, size_t at) {
    const char first = text[at];
    if (first == '-') return at + 1 < text.size() && text[at + 1] != ' ' && text[at + 1] != '-';
    constexpr std::string_view kIndicators = ",[]{}#&*!|>'\"%@`?:";  // 5.3
    return kIndicators.find(first) == std::string_view::npos;
  }

  // The end of plain text in this line; nothing if it holds what needs care (7.3.3).
  static std::optional<size_t> plain_end(std::string_view text, size_t at) {
    const size_t comment = text.find(" #", at);
    size_t end = comment == std::string_view::npos ? text.size() : comment;
    while (end > at && text[end - 1] == ' ') --end;
    const std::string_view plain = text.substr(at, end - at);
    if (plain.ends_with(':') || plain.find(": ") != std::string_view::npos) return std::nullopt;
    return end;
  }

  // One line, or several that are folded: a line break is a space, an empty line a newline.
  bool read_plain(size_t column, size_t parent, YamlNode& node) {
    std::string_view text = current().text;
    if (!may_begin_plain(text, column)) return false;
    auto end = plain_end(text, column);
    if (!end) return false;
    node.mark = mark(column);
    node.text = text.substr(column, *end - column);
    bool commented = text.find(" #", column) != std::string_view::npos;
    ++line_;
    for (;;) {
      size_t next = line_;
      while (next < lines_.size() && lines_[next].indent == lines_[next].text.size()) ++next;
      if (next == lines_.size() || lines_[next].indent <= parent) break;
      if (!lines_[next].is_content) {  // a comment ends the scalar
        line_ = next;
        if (to_content() && current().indent > parent) return false;
        break;
      }
      if (commented) return false;
      text = lines_[next].text;
      end = plain_end(text, lines_[next].indent);
      if (!end) return false;
      commented = text.find(" #", lines_[next].indent) != std::string_view::npos;
      if (next == line_) {
        node.text += ' ';
      } else {
        node.text.append(next - line_, '\n');
      }
      node.text += text.substr(lines_[next].indent, *end - lines_[next].indent);
      line_ = next + 1;
    }
    set_type(node);
    return count();
  }

  // 8.1: `|` and `>`, with `-` and `+`; no indentation indicator.
  bool read_block_scalar(size_t column, size_t parent, YamlNode& node) {
    const std::string_view header = current().text;
    const bool folded = header[column] == '>';
    char chomping = ' ';
    size_t at = column + 1;
    if (at < header.size() && (header[at] == '-' || header[at] == '+')) chomping = header[at++];
    if (header.find_first_not_of(' ', at) != std::string_view::npos) return false;
    node.mark = mark(column);
    node.plain = false;
    node.type = YamlType::kString;
    ++line_;
    if (line_ == lines_.size() || lines_[line_].text.empty()) return false;  // rare
    const size_t indent = lines_[line_].indent;
    if (indent <= parent || indent == lines_[line_].text.size()) return false;
    size_t empty = 0;  // lines since the last one with text
    for (; line_ < lines_.size(); ++line_) {
      const Line& line = lines_[line_];
      if (line.text.empty()) {
        ++empty;
        continue;
      }
      if (line.indent == line.text.size()) return false;  // only spaces: rare
      if (line.indent < indent) {
        if (line.indent > parent) return false;
        break;
      }
      const std::string_view piece = line.text.substr(indent);
      if (folded && (piece.front() == ' ' || piece.back() == ' ')) return false;
      if (!node.text.empty()) {
        if (folded) {
          node.text.append(empty == 0 ? 1 : empty, empty == 0 ? ' ' : '\n');
        } else {
          node.text.append(empty + 1, '\n');
        }
      }
      node.text += piece;
      empty = 0;
    }
    if (chomping == '+') return false;  // rare
    // Without a newline at the end of the file there is none to keep.
    if (chomping == ' ' && (line_ < lines_.size() || empty > 0 || bytes_.ends_with('\n'))) {
      node.text += '\n';
    }
    return count();
  }

  // ---- flow lists and maps on one line (7.4)

  bool read_flow(size_t& at, YamlNode& node, size_t depth) {
    const std::string_view text = current().text;
    if (depth >= limits_.depth_max || !count()) return false;
    const bool is_list = text[at] == '[';
    const char close = is_list ? ']' : '}';
    node.kind = is_list ? YamlKind::kList : YamlKind::kMap;
    node.mark = mark(at);
    ++at;
    if (!skip_spaces(at)) return false;
    if (text[at] == close) return ++at, true;
    for (;;) {
      if (is_list) {
        if (!read_flow_value(at, node.items.emplace_back(), depth)) return false;
      } else {
        YamlMember& member = node.members.emplace_back();
        if (!read_flow_scalar(at, member.key) || !skip_spaces(at)) return false;
        if (text[at] != ':' || at + 1 == text.size() || text[at + 1] != ' ') return false;
        ++at;
        if (!skip_spaces(at) || !read_flow_value(at, member.value, depth)) return false;
      }
      if (!skip_spaces(at)) return false;
      if (text[at] == close) break;
      if (text[at] != ',') return false;
      ++at;
      if (!skip_spaces(at) || text[at] == close) return false;
    }
    ++at;
    if (!is_list) list_duplicate_keys(node, duplicates_);
    return true;
  }

  // False at the end of the line, and at a comment.
  bool skip_spaces(size_t& at) const {
    at = current().text.find_first_not_of(' ', at);
    return at != std::string_view::npos && current().text[at] != '#';
  }

  bool read_flow_value(size_t& at, YamlNode& node, size_t depth) {
    const char first = current().text[at];
    if (first == '[' || first == '{') return read_flow(at, node, depth + 1);
    return read_flow_scalar(at, node);
  }

  bool read_flow_scalar(size_t& at, YamlNode& node) {
    const std::string_view text = current().text;
    if (text[at] == '\'' || text[at] == '"') return read_quoted(at, node);
    if (!may_begin_plain(text, at)) return false;
    node.mark = mark(at);
    size_t end = text.find_first_of(",[]{}:#", at);
    if (end == std::string_view::npos) return false;
    if (text[end] == '[' || text[end] == '{' || text[end] == '#') return false;
    if (text[end] == ':' && text.substr(end, 2) != ": ") return false;
    const size_t next = end;
    while (text[end - 1] == ' ') --end;
    node.text = text.substr(at, end - at);
    if (node.text.contains('?')) return false;  // yaml-cpp takes some of them for keys
    at = next;
    set_type(node);
    return count();
  }

  const YamlLimits& limits_;
  std::string_view bytes_;
  const uint32_t first_line_;
  std::vector<Line> lines_;
  size_t line_ = 0;
  size_t nodes_ = 0;
  std::vector<YamlDuplicateKey> duplicates_;
};

}  // namespace

bool parse_yaml_quick(YamlDocument& document, const YamlLimits& limits, uint32_t first_line) {
  QuickReader reader(document, limits, first_line);
  YamlNode root;
  if (!reader.read(root)) return false;
  document.root = std::move(root);
  document.duplicate_keys = reader.take_duplicates();
  return true;
}

}  // namespace stanch::codec

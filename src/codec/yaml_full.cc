#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <array>
#include <istream>
#include <map>
#include <streambuf>
#include <utility>

#include "codec/yaml_roads.h"

// The full road: yaml-cpp's event parser, whose events build the tree below an explicit
// stack. (yaml-cpp's own Node is refused: it drops duplicate keys in silence.)

namespace stanch::codec {

namespace {

using YAML::anchor_t;

// Thrown out of the event handler, caught in this file.
struct Refused {
  YamlProblem problem;
};

YamlMark to_mark(const YAML::Mark& mark, uint32_t first_line) {
  if (mark.line < 0 || mark.column < 0) return {first_line, 1};
  return {first_line + static_cast<uint32_t>(mark.line), 1 + static_cast<uint32_t>(mark.column)};
}

class TreeBuilder : public YAML::EventHandler {
 public:
  TreeBuilder(YamlDocument& document, const YamlLimits& limits, uint32_t first_line)
      : document_(document), limits_(limits), first_line_(first_line) {}

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, anchor_t anchor) override {
    YamlNode node;
    node.mark = to_mark(mark, first_line_);
    // A value that is not written has the mark of whatever comes next; its key says more.
    const bool has_key = !stack_.empty() && stack_.back().key.has_value();
    if (has_key && !is_written_null(static_cast<size_t>(mark.pos))) {
      node.mark = stack_.back().key->mark;
    }
    add(std::move(node), anchor);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, anchor_t anchor,
                const std::string& text) override {
    YamlNode node;
    node.mark = to_mark(mark, first_line_);
    node.text = text;
    node.plain = tag != "!";  // yaml-cpp's way to say quoted or block
    if (!node.plain) last_quoted_ = static_cast<size_t>(mark.pos);
    if (node.plain && tag != "tag:yaml.org,2002:str") {
      check_tag(tag, "", node.mark);
      node.type = yaml_type_of_plain(node.text);
    } else {
      node.type = YamlType::kString;
    }
    add(std::move(node), anchor);
  }

  void OnAlias(const YAML::Mark& mark, anchor_t anchor) override {
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) {
      refuse(YamlProblem::Kind::kSyntax, to_mark(mark, first_line_), "an alias inside itself",
             "write the value out");
    }
    count(found->second.nodes - 1, found->second.bytes, to_mark(mark, first_line_));
    add(YamlNode(found->second.node), 0);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(YamlKind::kList, "tag:yaml.org,2002:seq", mark, tag, anchor);
  }
  void OnSequenceEnd() override { close(); }

  // The offset of the last scalar that was quoted, or a block.
  std::optional<size_t> last_quoted() const { return last_quoted_; }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(YamlKind::kMap, "tag:yaml.org,2002:map", mark, tag, anchor);
  }
  void OnMapEnd() override {
    list_duplicate_keys(stack_.back().node, document_.duplicate_keys);
    close();
  }

 private:
  struct Open {
    YamlNode node;
    anchor_t anchor = 0;
    std::optional<YamlNode> key;  // of a map: read, its value not yet
    size_t nodes_before = 0, bytes_before = 0;
  };
  struct Anchored {
    YamlNode node;
    size_t nodes, bytes;
  };

  bool is_written_null(size_t offset) const {
    const std::string_view rest = document_.bytes.substr(std::min(offset, document_.bytes.size()));
    const size_t end = std::min(rest.find_first_of(" \r\n,]}"), rest.size());
    return end != 0 && yaml_type_of_plain(rest.substr(0, end)) == YamlType::kNull;
  }

  [[noreturn]] static void refuse(YamlProblem::Kind kind, YamlMark mark, std::string message,
                                  std::string hint) {
    throw Refused{{kind, mark, std::move(message), std::move(hint)}};
  }

  static void check_tag(const std::string& tag, std::string_view allowed, YamlMark mark) {
    if (tag.empty() || tag == "?" || tag == "!" || tag == allowed) return;
    refuse(YamlProblem::Kind::kSyntax, mark, "the tag '" + tag + "' is not supported",
           "remove it; quote the value to make it text");
  }

  void count(size_t nodes, size_t bytes, YamlMark mark) {
    nodes_ += nodes;
    bytes_ += bytes;
    // Escapes can make text a little longer than the file; only aliases make it much longer.
    if (nodes_ > limits_.nodes_max || bytes_ > 4 * limits_.bytes_max) {
      refuse(YamlProblem::Kind::kTooLarge, mark,
             "the document has more than " + std::to_string(limits_.nodes_max) +
                 " values or too much text, aliases counted as copies",
             "split it");
    }
  }

  void open(YamlKind kind, std::string_view tag_allowed, const YAML::Mark& at,
            const std::string& tag, anchor_t anchor) {
    Open opened;
    opened.node.kind = kind;
    opened.node.mark = to_mark(at, first_line_);
    check_tag(tag, tag_allowed, opened.node.mark);
    if (stack_.size() >= limits_.depth_max) {
      refuse(YamlProblem::Kind::kTooLarge, opened.node.mark,
             "nested deeper than " + std::to_string(limits_.depth_max), "flatten it");
    }
    opened.anchor = anchor;
    opened.nodes_before = nodes_;
    opened.bytes_before = bytes_;
    stack_.push_back(std::move(opened));
  }

  void close() {
    Open closed = std::move(stack_.back());
    stack_.pop_back();
    count(1, 0, closed.node.mark);
    if (closed.anchor != 0) {
      anchors_[closed.anchor] = {closed.node, nodes_ - closed.nodes_before,
                                 bytes_ - closed.bytes_before};
    }
    attach(std::move(closed.node));
  }

  void add(YamlNode node, anchor_t anchor) {
    count(1, node.text.size(), node.mark);
    if (anchor != 0) anchors_[anchor] = {node, 1, node.text.size()};
    attach(std::move(node));
  }

  void attach(YamlNode node) {
    if (stack_.empty()) {
      document_.root = std::move(node);
      return;
    }
    Open& parent = stack_.back();
    if (parent.node.kind == YamlKind::kList) {
      parent.node.items.push_back(std::move(node));
    } else if (parent.key) {
      parent.node.members.push_back({std::move(*parent.key), std::move(node)});
      parent.key.reset();
    } else if (node.is_scalar()) {
      parent.key = std::move(node);
    } else {
      refuse(YamlProblem::Kind::kSyntax, node.mark, "a key must be one word or text",
             "a list or map cannot be a key; quote a key that starts with [ or {");
    }
  }

  YamlDocument& document_;
  const YamlLimits& limits_;
  const uint32_t first_line_;
  std::vector<Open> stack_;
  std::map<anchor_t, Anchored> anchors_;
  std::optional<size_t> last_quoted_;
  size_t nodes_ = 0, bytes_ = 0;
};

// Whether the quote that opens at `text`'s first character is closed in it.
bool is_quote_closed(std::string_view text) {
  const char quote = text.front();
  for (size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '\\' && quote == '"') {
      ++i;
    } else if (text[i] == quote) {
      if (quote == '"' || i + 1 == text.size() || text[i + 1] != quote) return true;
      ++i;  // '' is a single quote
    }
  }
  return false;
}

// Reads from memory without a copy.
class MemoryBuffer : public std::streambuf {
 public:
  explicit MemoryBuffer(std::string_view text) {
    char* begin = const_cast<char*>(text.data());  // never written: no put area
    setg(begin, begin, begin + text.size());
  }
};

// yaml-cpp says little; these are its words and ours.
struct Wording {
  std::string_view theirs, ours, hint;
};
constexpr std::array kWordings = {
    Wording{"end of map not found", "this line does not belong to the map above it",
            "check the indentation, and that each key is followed by ': '"},
    Wording{"end of sequence not found", "this line does not belong to the list above it",
            "check the indentation, and that each element starts with '- '"},
    Wording{"end of map flow not found", "a '{' is not closed", "close it with '}'"},
    Wording{"end of sequence flow not found", "a '[' is not closed", "close it with ']'"},
    Wording{"illegal map value", "a ': ' where no value may begin",
            "put the text in quotes if the colon belongs to it"},
    Wording{"illegal EOF in scalar", "a quote is not closed", "close it on this line"},
    Wording{"illegal document indicator in scalar", "a quote is not closed", "close it"},
    Wording{"illegal flow end", "a ']' or '}' that closes nothing",
            "remove it, or put the text in quotes"},
    Wording{"illegal block entry", "a '- ' where no list may begin",
            "start the list on a line of its own"},
    Wording{"illegal map key", "a key where none may begin", "check the indentation"},
    Wording{"illegal character found while scanning alias",
            "a value that starts with * is an alias in YAML", "put it in quotes: '*text*'"},
    Wording{"unknown token", "this character cannot start a value",
            "put text that starts with @, `, %, & or * in quotes"},
    Wording{"unknown escape character: ", "no such escape inside double quotes",
            "write \\\\ for a backslash, or use single quotes, where a backslash is itself"},
    Wording{"the referenced anchor is not defined",
            "a value that starts with * is an alias in YAML", "put it in quotes: '*text'"},
    Wording{"alias not found after *", "a value that starts with * is an alias in YAML",
            "put it in quotes: '*'"},
};

YamlProblem to_problem(const YAML::Exception& exception, std::string_view text,
                       uint32_t first_line) {
  YamlProblem problem;
  problem.mark = to_mark(exception.mark, first_line);
  problem.message = exception.msg;
  for (const Wording& wording : kWordings) {
    if (!problem.message.starts_with(wording.theirs)) continue;
    problem.message = wording.ours;
    problem.hint = wording.hint;
    break;
  }
  for (uint32_t line = first_line; line < problem.mark.line; ++line) {
    text.remove_prefix(std::min(text.size(), text.find('\n') + 1));
  }
  text = text.substr(0, text.find('\n'));
  const std::string_view indent = text.substr(0, text.find_first_not_of(" \t"));
  if (indent.find('\t') != std::string_view::npos) {
    problem.message = "a tab in the indentation";
    problem.hint = "YAML is indented with spaces only";
  }
  return problem;
}

}  // namespace

void parse_yaml_full(YamlDocument& document, const YamlLimits& limits, uint32_t first_line) {
  const std::string_view bytes = document.bytes;
  try {
    MemoryBuffer buffer(bytes);
    std::istream stream(&buffer);
    YAML::Parser parser(stream);
    TreeBuilder builder(document, limits, first_line);
    parser.HandleNextDocument(builder);
    // yaml-cpp closes a quote that is open at the end of the text by itself.
    if (const auto last = builder.last_quoted(); last && *last < bytes.size() &&
                                                 (bytes[*last] == '"' || bytes[*last] == '\'') &&
                                                 !is_quote_closed(bytes.substr(*last))) {
      const YamlMark mark = yaml_mark_of(bytes, *last);
      document.problem = {YamlProblem::Kind::kSyntax,
                          {first_line + mark.line - 1, mark.column},
                          "a quote is not closed",
                          "close it; a quote inside single quotes is written twice"};
    }
    YamlDocument rest;
    TreeBuilder rest_builder(rest, limits, first_line);
    if (parser.HandleNextDocument(rest_builder)) {
      document.problem = {YamlProblem::Kind::kSyntax, rest.root.mark,
                          "text after the end of the document",
                          "check the indentation; documents are separated by a line '---'"};
    }
  } catch (const Refused& refused) {
    document.problem = refused.problem;
  } catch (const YAML::Exception& exception) {
    document.problem = to_problem(exception, bytes, first_line);
  } catch (const std::exception& exception) {
    document.problem = {YamlProblem::Kind::kSyntax, {first_line, 1}, exception.what(), ""};
  }
  if (document.problem) document.root = {};
}

}  // namespace stanch::codec

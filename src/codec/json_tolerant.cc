// The tolerant road: plain, one character at a time, for the few records that
// simdjson refuses. It accepts what a log may really hold and an attacker may
// try to hide behind: a byte order mark, bytes that are no UTF-8, raw control
// characters inside strings. It writes the same nodes as the fast road.

#include "codec/json_tolerant.h"

#include <cstring>

#include "codec/json_grammar.h"
#include "codec/utf8.h"

namespace stanch::codec {

namespace {

class TolerantParser {
 public:
  TolerantParser(std::string_view bytes, TolerantTokens& out)
      : bytes_(bytes), positions_(out.positions), nodes_(out.nodes) {}

  JsonProblem parse();

 private:
  bool at_end() const { return at_ == bytes_.size(); }
  char peek() const { return bytes_[at_]; }
  void skip_space() {
    while (!at_end() && is_json_space(peek())) ++at_;
  }

  // Ends the parse: the text stops here, or this cannot stand here.
  JsonProblem fail() const { return at_end() ? JsonProblem::kTruncated : JsonProblem::kSyntax; }

  JsonProblem string();
  JsonProblem scalar();

  // The token that starts at `position`, alone or as a node.
  uint32_t token(size_t position) {
    positions_.push_back(static_cast<uint32_t>(position));
    return static_cast<uint32_t>(positions_.size() - 1);
  }
  void push(size_t begin, JsonType type) {
    const uint32_t first = token(begin);
    nodes_.push_back({first, first, static_cast<uint32_t>(nodes_.size() + 1), type});
  }

  std::string_view bytes_;
  std::vector<uint32_t>& positions_;
  std::vector<JsonNode>& nodes_;
  size_t at_ = 0;
};

JsonProblem TolerantParser::string() {
  const size_t begin = ++at_;
  bool escaped = false;
  while (!at_end() && peek() != '"') {
    if (peek() == '\\') {
      escaped = true;
      if (++at_ == bytes_.size()) break;
    }
    ++at_;
  }
  if (at_end()) return JsonProblem::kTruncated;
  const std::string_view text = bytes_.substr(begin, at_ - begin);
  if (escaped && !has_good_escapes(text.data(), text.data() + text.size())) {
    return JsonProblem::kSyntax;
  }
  push(begin - 1, JsonType::kString);
  ++at_;
  return JsonProblem::kNone;
}

JsonProblem TolerantParser::scalar() {
  const size_t begin = at_;
  while (!at_end() && !is_json_space(peek()) && !std::strchr(",:{}[]\"", peek())) ++at_;
  const std::string_view text = bytes_.substr(begin, at_ - begin);
  if (text == "true" || text == "false") {
    push(begin, JsonType::kBool);
  } else if (text == "null") {
    push(begin, JsonType::kNull);
  } else if (is_json_number(text.data(), text.data() + text.size())) {
    push(begin, JsonType::kNumber);
  } else {
    return fail();
  }
  return JsonProblem::kNone;
}

JsonProblem TolerantParser::parse() {
  struct Open {
    uint32_t node;
    bool object;
  };
  std::vector<Open> open;
  if (bytes_.starts_with(kByteOrderMark)) at_ = kByteOrderMark.size();
  skip_space();
  if (at_end()) return JsonProblem::kEmpty;

  bool expect_key = false;
  for (;;) {
    // A key, where one is due, then a value.
    skip_space();
    if (at_end()) return JsonProblem::kTruncated;
    if (expect_key) {
      if (peek() != '"') return fail();
      if (const auto problem = string(); problem != JsonProblem::kNone) return problem;
      skip_space();
      if (at_end() || peek() != ':') return fail();
      token(at_++);
      skip_space();
      if (at_end()) return JsonProblem::kTruncated;
    }
    bool closed = false;
    if (peek() == '{' || peek() == '[') {
      if (open.size() == JsonParser::kDepthMax) return JsonProblem::kTooDeep;
      const bool object = peek() == '{';
      open.push_back({static_cast<uint32_t>(nodes_.size()), object});
      push(at_++, object ? JsonType::kObject : JsonType::kArray);
      skip_space();
      if (at_end()) return JsonProblem::kTruncated;
      closed = peek() == (object ? '}' : ']');
      expect_key = object;
      if (!closed) continue;
    } else {
      const auto problem = peek() == '"' ? string() : scalar();
      if (problem != JsonProblem::kNone) return problem;
    }
    // What may follow a value: the ends of containers, then a comma.
    for (;;) {
      if (open.empty()) {
        skip_space();
        return at_end() ? JsonProblem::kNone : JsonProblem::kSyntax;
      }
      skip_space();
      if (at_end()) return JsonProblem::kTruncated;
      if (peek() != (open.back().object ? '}' : ']')) break;
      nodes_[open.back().node].last = token(at_++);
      nodes_[open.back().node].next = static_cast<uint32_t>(nodes_.size());
      open.pop_back();
    }
    if (peek() != ',') return fail();
    token(at_++);
    expect_key = open.back().object;
  }
}

}  // namespace

JsonProblem find_tolerantly(std::string_view bytes, TolerantTokens& out) {
  out.positions.clear();
  out.nodes.clear();
  const JsonProblem problem = TolerantParser(bytes, out).parse();
  out.positions.push_back(static_cast<uint32_t>(bytes.size()));
  return problem;
}

}  // namespace stanch::codec

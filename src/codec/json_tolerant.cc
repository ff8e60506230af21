// The tolerant road: plain, one character at a time, for the few records that
// simdjson refuses. It accepts what a log may really hold and an attacker may
// try to hide behind: a byte order mark, bytes that are no UTF-8, raw control
// characters inside strings. It writes the same nodes as the fast road.

#include <cstring>

#include "codec/json.h"
#include "codec/json_grammar.h"
#include "codec/utf8.h"

namespace stanch::codec {

namespace {

class TolerantParser {
 public:
  TolerantParser(std::string_view bytes, std::vector<JsonNode>& nodes)
      : bytes_(bytes), nodes_(nodes) {}

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

  void push(size_t begin, size_t end, JsonType type, uint8_t flags = 0) {
    nodes_.push_back({static_cast<uint32_t>(begin), static_cast<uint32_t>(end),
                      static_cast<uint32_t>(nodes_.size() + 1), type, flags});
  }

  std::string_view bytes_;
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
  uint8_t flags = escaped ? JsonNode::kEscaped : uint8_t{0};
  if (!is_utf8(text)) flags |= JsonNode::kDamaged;
  push(begin, at_, JsonType::kString, flags);
  ++at_;
  return JsonProblem::kNone;
}

JsonProblem TolerantParser::scalar() {
  const size_t begin = at_;
  while (!at_end() && !is_json_space(peek()) && !std::strchr(",:{}[]\"", peek())) ++at_;
  const std::string_view text = bytes_.substr(begin, at_ - begin);
  if (text == "true" || text == "false") {
    push(begin, at_, JsonType::kBool);
  } else if (text == "null") {
    push(begin, at_, JsonType::kNull);
  } else if (is_json_number(text.data(), text.data() + text.size())) {
    push(begin, at_, JsonType::kNumber);
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
  if (bytes_.starts_with("\xEF\xBB\xBF")) at_ = 3;
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
      ++at_;
      skip_space();
      if (at_end()) return JsonProblem::kTruncated;
    }
    bool closed = false;
    if (peek() == '{' || peek() == '[') {
      if (open.size() == JsonParser::kDepthMax) return JsonProblem::kTooDeep;
      const bool object = peek() == '{';
      open.push_back({static_cast<uint32_t>(nodes_.size()), object});
      push(at_, 0, object ? JsonType::kObject : JsonType::kArray);
      ++at_;
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
      ++at_;
      nodes_[open.back().node].end = static_cast<uint32_t>(at_);
      nodes_[open.back().node].next = static_cast<uint32_t>(nodes_.size());
      open.pop_back();
    }
    if (peek() != ',') return fail();
    ++at_;
    expect_key = open.back().object;
  }
}

}  // namespace

JsonView JsonParser::parse_tolerant(std::string_view bytes) {
  tolerant_ = true;
  compact_ = false;
  problem_ = JsonProblem::kTooLarge;
  if (bytes.size() > kBytesMax) return {};
  document_.nodes.clear();
  document_.bytes = bytes.data();
  problem_ = TolerantParser(bytes, document_.nodes).parse();
  if (problem_ != JsonProblem::kNone) return {};
  return {&document_, 0};
}

}  // namespace stanch::codec

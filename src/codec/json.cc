#include "codec/json.h"

#include <algorithm>
#include <charconv>
#include <cstring>

#include "base/check.h"
#include "codec/json_grammar.h"
#include "codec/utf8.h"

namespace stanch::codec {

namespace {

uint32_t hex4(const char* p) {
  uint32_t value = 0;
  for (int i = 0; i < 4; ++i) {
    const char c = p[i];
    const uint32_t digit =
        is_digit(c) ? static_cast<uint32_t>(c - '0') : static_cast<uint32_t>((c | 0x20) - 'a' + 10);
    value = value * 16 + digit;
  }
  return value;
}

// Decodes the escape at p (a checked one) into `out`; returns the byte after it.
// RFC 8259 section 7; a lone surrogate becomes U+FFFD.
const char* decode_escape(const char* p, const char* end, std::string& out) {
  switch (p[1]) {
    case 'b': out += '\b'; return p + 2;
    case 'f': out += '\f'; return p + 2;
    case 'n': out += '\n'; return p + 2;
    case 'r': out += '\r'; return p + 2;
    case 't': out += '\t'; return p + 2;
    case 'u': break;
    default: out += p[1]; return p + 2;
  }
  char32_t code = hex4(p + 2);
  p += 6;
  if (code >= 0xD800 && code < 0xDC00 && end - p >= 6 && p[0] == '\\' && p[1] == 'u') {
    const char32_t low = hex4(p + 2);
    if (low >= 0xDC00 && low < 0xE000) {
      append_utf8(0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00), out);
      return p + 6;
    }
  }
  if (code >= 0xD800 && code < 0xE000) code = kReplacementCharacter;
  append_utf8(code, out);
  return p;
}

void decode_string(std::string_view raw, bool damaged, std::string& out) {
  const char* p = raw.data();
  const char* const end = p + raw.size();
  while (p != end) {
    const void* found = std::memchr(p, '\\', static_cast<size_t>(end - p));
    const char* stop = found ? static_cast<const char*>(found) : end;
    const std::string_view piece(p, static_cast<size_t>(stop - p));
    if (damaged) {
      append_repaired_utf8(piece, out);
    } else {
      out.append(piece);
    }
    p = stop == end ? end : decode_escape(stop, end, out);
  }
}

bool needs_escape(char c) { return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20; }

}  // namespace

std::string_view name_of(JsonProblem problem) {
  switch (problem) {
    case JsonProblem::kNone: return "none";
    case JsonProblem::kEmpty: return "empty";
    case JsonProblem::kSyntax: return "syntax";
    case JsonProblem::kTruncated: return "truncated";
    case JsonProblem::kTooDeep: return "too-deep";
    case JsonProblem::kTooLarge: return "too-large";
  }
  CHECK(false);
}

bool JsonView::needs_decoding(JsonView text) {
  const std::string_view bytes = text.raw();
  if (text.document_->escaped && bytes.find('\\') != std::string_view::npos) return true;
  return text.document_->damaged && !is_utf8(bytes);
}

std::string_view JsonView::text(std::string& scratch) const {
  if (is_plain()) return raw();
  scratch.clear();
  decode_string(raw(), document_->damaged, scratch);
  return scratch;
}

std::string JsonView::string_or_empty() const {
  if (!exists() || !is_string()) return "";
  std::string scratch;
  return std::string(text(scratch));
}

std::optional<int64_t> JsonView::as_int64() const {
  int64_t value = 0;
  const std::string_view digits = raw();
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return value;
}

std::optional<double> JsonView::as_double() const {
  double value = 0;
  const std::string_view digits = raw();
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return value;
}

JsonView JsonView::operator[](std::string_view key) const {
  if (!exists() || !is_object()) return {};
  const uint32_t end = node().next;
  const JsonNode* nodes = document_->nodes;
  const uint32_t* positions = document_->positions;
  const bool simple = document_->is_compact();
  for (uint32_t i = index() + 1; i != end; i = nodes[i + 1].next) {
    if (simple) [[likely]] {
      const uint32_t token = nodes[i].token;
      const uint32_t begin = positions[token] + 1;
      if (positions[token + 1] - 1 - begin != key.size()) continue;
      if (std::string_view(document_->bytes + begin, key.size()) == key) {
        return {document_, i + 1};
      }
      continue;
    }
    std::string scratch;
    if (JsonView(document_, i).text(scratch) == key) return {document_, i + 1};
  }
  return {};
}

size_t JsonView::size() const {
  size_t count = 0;
  if (is_object()) {
    for ([[maybe_unused]] const JsonMember member : members()) ++count;
  } else if (is_array()) {
    for ([[maybe_unused]] const JsonView element : elements()) ++count;
  }
  return count;
}

JsonView::Members JsonView::members() const {
  if (!exists() || !is_object()) return {{document_, 0}, {document_, 0}};
  return {{document_, index() + 1}, {document_, node().next}};
}

JsonView::Elements JsonView::elements() const {
  if (!exists() || !is_array()) return {{document_, 0}, {document_, 0}};
  return {{document_, index() + 1}, {document_, node().next}};
}

void append_json_escape(char c, std::string& out) {
  static constexpr char kHex[] = "0123456789abcdef";
  switch (c) {
    case '"':
    case '\\':
      out += '\\';
      out += c;
      break;
    case '\b': out += "\\b"; break;
    case '\f': out += "\\f"; break;
    case '\n': out += "\\n"; break;
    case '\r': out += "\\r"; break;
    case '\t': out += "\\t"; break;
    default:
      out += "\\u00";
      out += kHex[c >> 4];
      out += kHex[c & 15];
  }
}

void append_minimal_string(std::string_view text, std::string& out) {
  out += '"';
  while (!text.empty()) {
    const size_t plain =
        static_cast<size_t>(std::ranges::find_if(text, needs_escape) - text.begin());
    out += text.substr(0, plain);
    text.remove_prefix(plain);
    if (text.empty()) break;
    append_json_escape(text.front(), out);
    text.remove_prefix(1);
  }
  out += '"';
}

void append_compact(JsonView view, std::string& out) {
  struct Open {
    uint32_t end;
    bool object;
  };
  std::vector<Open> open;
  std::string scratch;
  const uint32_t end = view.node().next;
  bool first = true;  // no comma in front of the next value or key
  bool key = false;   // the next node is a key
  for (uint32_t i = view.index();;) {
    while (!open.empty() && open.back().end == i) {
      out += open.back().object ? '}' : ']';
      open.pop_back();
      first = false;
      key = !open.empty() && open.back().object;
    }
    if (i == end) return;
    const JsonView node(view.document(), i);
    const bool in_object = !open.empty() && open.back().object;
    if (!first && (key || !in_object)) out += ',';
    first = false;
    if (node.is_object() || node.is_array()) {
      out += node.is_object() ? '{' : '[';
      open.push_back({node.node().next, node.is_object()});
      key = node.is_object();
      first = true;
    } else {
      if (node.is_string()) {
        append_minimal_string(node.text(scratch), out);
      } else {
        out += node.raw();
      }
      if (in_object) {
        if (key) out += ':';
        key = !key;
      }
    }
    ++i;
  }
}

std::string_view compact_text(JsonView view, std::string& scratch) {
  if (view.document()->is_compact() && !view.is_string()) return view.raw();
  scratch.clear();
  append_compact(view, scratch);
  return scratch;
}

}  // namespace stanch::codec

#pragma once

#include <cstdint>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

// One read-only view of JSON for every consumer (RFC 8259).
//
// A JsonParser turns bytes into a flat list of nodes that point back into the
// bytes; nothing is copied and nothing is decoded until somebody asks. Two
// roads fill the same list, so that one matcher sees what either of them read:
//   fast      vector instructions find the tokens and check UTF-8, we check the grammar;
//             texts with the same sequence of tokens share what was found out about it
//   tolerant  where that refuses: a byte order mark, bad UTF-8 and raw control
//             characters inside strings are accepted
// Numbers stay text, so none is too large. A lone surrogate (\ud800) and each
// bad UTF-8 sequence read as U+FFFD. Of two members with one key the first
// counts (find_duplicate_key says that there were two).

namespace stanch::codec {

// White space of RFC 8259, section 2.
inline bool is_json_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

enum class JsonType : uint8_t { kNull, kBool, kNumber, kString, kArray, kObject };

// One value or key. Where it stands in the bytes follows from the positions of tokens, so that
// texts of one shape share their nodes.
struct JsonNode {
  uint32_t token;  // that it starts with
  uint32_t last;   // the token that it ends with: the closing bracket, or the same
  uint32_t next;   // index of the node after this one and all inside it
  JsonType type;
};
static_assert(sizeof(JsonNode) == 16);

class JsonLayouts;

struct JsonDocument {
  const char* bytes = nullptr;
  uint32_t size = 0;                    // of the bytes
  const uint32_t* positions = nullptr;  // of all tokens, then the size of the bytes
  const JsonNode* nodes = nullptr;  // pre-order; an object's children are key, value, key, value …
  // Documents with the same shape, whoever parsed them, have the same nodes; 0 is like no other.
  uint64_t shape = 0;
  JsonLayouts* layouts = nullptr;  // of the parser; null without a shape (json_layout.h)
  bool spaced = false;             // there is white space between tokens
  bool escaped = false;            // there is a backslash in some string
  bool damaged = false;            // there may be bad UTF-8 in some string

  // True if no string needs decoding and no token is followed by white space.
  bool is_compact() const { return !spaced && !escaped && !damaged; }

  // The bytes of the scalar that this token is: a string without its quotes.
  std::string_view raw_scalar(uint32_t token, JsonType type) const {
    uint32_t begin = positions[token], end = positions[token + 1];
    if (spaced) {
      while (is_json_space(bytes[end - 1])) --end;
    }
    const uint32_t quote = type == JsonType::kString ? 1 : 0;
    begin += quote;
    return {bytes + begin, end - quote - begin};
  }
};

// A value inside a parsed document, or nothing (`exists()` is false). Cheap to
// copy. Valid until its parser parses again, and while the bytes live.
class JsonView {
 public:
  JsonView() = default;
  JsonView(const JsonDocument* document, uint32_t node) : document_(document), node_(node) {}

  bool exists() const { return document_ != nullptr; }
  explicit operator bool() const { return exists(); }

  // The following require exists().
  JsonType type() const { return node().type; }
  bool is_null() const { return type() == JsonType::kNull; }
  bool is_bool() const { return type() == JsonType::kBool; }
  bool is_number() const { return type() == JsonType::kNumber; }
  bool is_string() const { return type() == JsonType::kString; }
  bool is_array() const { return type() == JsonType::kArray; }
  bool is_object() const { return type() == JsonType::kObject; }
  bool is_scalar() const { return !is_array() && !is_object(); }

  // The bytes as written: a string without its quotes, still escaped.
  std::string_view raw() const {
    const JsonNode& n = node();
    if (n.token == n.last) return document_->raw_scalar(n.token, n.type);
    const uint32_t begin = document_->positions[n.token];
    return {document_->bytes + begin, document_->positions[n.last] + 1 - begin};
  }

  // True if raw() is text() already.
  bool is_plain() const {
    return (!document_->escaped && !document_->damaged) || !needs_decoding(*this);
  }

  // The text of a string. It is a slice of the parsed bytes if plain, else it
  // is written to `scratch` (which is cleared first). For other scalars the
  // raw bytes. Always valid UTF-8 after a successful parse.
  std::string_view text(std::string& scratch) const;

  // text() as an own string; "" if this is absent or no string.
  std::string string_or_empty() const;

  bool as_bool() const { return raw().front() == 't'; }  // requires is_bool()
  std::optional<int64_t> as_int64() const;               // requires is_number(); exact or nothing
  std::optional<double> as_double() const;               // requires is_number()

  // The first member with this key (compared after decoding), or an absent
  // view: also if this is absent or no object.
  JsonView operator[](std::string_view key) const;

  // Number of members or elements; 0 for scalars. Linear.
  size_t size() const;

  // Node access, for matchers that walk the list themselves.
  const JsonDocument* document() const { return document_; }
  uint32_t index() const { return static_cast<uint32_t>(node_); }
  const JsonNode& node() const { return document_->nodes[node_]; }

  // for (JsonMember m : object.members()), for (JsonView v : array.elements());
  // empty ranges for anything else.
  class Members;
  class Elements;
  Members members() const;
  Elements elements() const;

 private:
  // By value: a view whose address is taken cannot stay in registers.
  static bool needs_decoding(JsonView text);

  const JsonDocument* document_ = nullptr;
  // As wide as a register: with padding behind it, every copy would wait for the narrow write.
  uint64_t node_ = 0;
};

struct JsonMember {
  JsonView key;  // a string; use text()
  JsonView value;
};

class JsonView::Members {
 public:
  class Iterator {
   public:
    Iterator(const JsonDocument* document, uint32_t node) : document_(document), node_(node) {}
    JsonMember operator*() const { return {{document_, node_}, {document_, node_ + 1}}; }
    Iterator& operator++() {
      node_ = document_->nodes[node_ + 1].next;
      return *this;
    }
    bool operator==(const Iterator& other) const { return node_ == other.node_; }

   private:
    const JsonDocument* document_;
    uint32_t node_;
  };
  Members(Iterator begin, Iterator end) : begin_(begin), end_(end) {}
  Iterator begin() const { return begin_; }
  Iterator end() const { return end_; }

 private:
  Iterator begin_, end_;
};

class JsonView::Elements {
 public:
  class Iterator {
   public:
    Iterator(const JsonDocument* document, uint32_t node) : document_(document), node_(node) {}
    JsonView operator*() const { return {document_, node_}; }
    Iterator& operator++() {
      node_ = document_->nodes[node_].next;
      return *this;
    }
    bool operator==(const Iterator& other) const { return node_ == other.node_; }

   private:
    const JsonDocument* document_;
    uint32_t node_;
  };
  Elements(Iterator begin, Iterator end) : begin_(begin), end_(end) {}
  Iterator begin() const { return begin_; }
  Iterator end() const { return end_; }

 private:
  Iterator begin_, end_;
};

// Why bytes are not JSON, as one of the named reasons under which they are
// counted (docs/formats/codes.md).
enum class JsonProblem : uint8_t { kNone, kEmpty, kSyntax, kTruncated, kTooDeep, kTooLarge };
std::string_view name_of(JsonProblem problem);

// Parses one document at a time, reusing its memory. One per thread. The
// views it returns are valid until the next call of parse().
class JsonParser {
 public:
  static constexpr size_t kDepthMax = 512;
  static constexpr size_t kBytesMax = size_t{1} << 31;

  enum class Texts : uint8_t {
    kMany,  // remembers their shapes, in at most 16 MiB
    kFew,   // remembers nothing
  };
  explicit JsonParser(Texts texts = Texts::kMany);
  ~JsonParser();
  JsonParser(JsonParser&&) noexcept;
  JsonParser& operator=(JsonParser&&) noexcept;

  // The root value of `bytes`, which hold exactly one value and white space;
  // an absent view if they do not, and problem() says why. No padding needed.
  // Both roads: fast first, tolerant where that refuses.
  JsonView parse(std::string_view bytes);
  JsonProblem problem() const { return problem_; }
  bool was_tolerant() const { return tolerant_; }

  // True if the bytes of any value of the last document already are what
  // append_compact() would write.
  bool is_compact() const { return compact_; }

  // One road alone, for tests that hold them against each other.
  JsonView parse_fast(std::string_view bytes);
  JsonView parse_tolerant(std::string_view bytes);

 private:
  struct Parts;  // tokenizer, shapes
  std::unique_ptr<Parts> parts_;
  JsonDocument document_;
  JsonProblem problem_ = JsonProblem::kNone;
  bool tolerant_ = false;
  bool compact_ = false;
};

// A key that stands twice in one object anywhere in `view`.
std::optional<std::string> find_duplicate_key(JsonView view);

// Appends a text, which must be UTF-8, as a JSON string with its quotes, escaped as RFC 8785
// section 3.2.2.2 has it: only what must be. And one such escape, of an ASCII character.
void append_minimal_string(std::string_view text, std::string& out);
void append_json_escape(char c, std::string& out);

// Appends the compact JSON text of `view`: no white space, member order kept,
// numbers as written, strings decoded and escaped as RFC 8785 does. Two texts of
// one value that differ in white space and escapes give the same bytes.
void append_compact(JsonView view, std::string& out);

// The same as a text: the bytes themselves where they are that already, else `scratch`,
// which is cleared first.
std::string_view compact_text(JsonView view, std::string& scratch);

}  // namespace stanch::codec

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
//   fast      simdjson finds the structure and checks UTF-8, we check the grammar
//   tolerant  where that refuses: a byte order mark, bad UTF-8 and raw control
//             characters inside strings are accepted
// Numbers stay text, so none is too large. A lone surrogate (\ud800) and each
// bad UTF-8 sequence read as U+FFFD. Of two members with one key the first
// counts (find_duplicate_key says that there were two).

namespace stanch::codec {

enum class JsonType : uint8_t { kNull, kBool, kNumber, kString, kArray, kObject };

// One value or key. `begin` and `end` are offsets into the parsed bytes: a
// string without its quotes, anything else with all its characters.
struct JsonNode {
  uint32_t begin;
  uint32_t end;
  uint32_t next;  // index of the node after this one and all inside it
  JsonType type;
  uint8_t flags;  // of a string: kEscaped | kDamaged

  static constexpr uint8_t kEscaped = 1;  // there may be a backslash inside
  static constexpr uint8_t kDamaged = 2;  // bad UTF-8 inside
};
static_assert(sizeof(JsonNode) == 16);

struct JsonDocument {
  const char* bytes = nullptr;
  std::vector<JsonNode> nodes;  // pre-order; an object's children are key, value, key, value …
                                // May be longer than the document: node 0 says how much counts.
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
    return {document_->bytes + node().begin, node().end - node().begin};
  }

  // True if raw() is text() already.
  bool is_plain() const { return node().flags == 0 || !needs_decoding(); }

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
  uint32_t index() const { return node_; }
  const JsonNode& node() const { return document_->nodes[node_]; }

  // for (JsonMember m : object.members()), for (JsonView v : array.elements());
  // empty ranges for anything else.
  class Members;
  class Elements;
  Members members() const;
  Elements elements() const;

 private:
  bool needs_decoding() const;

  const JsonDocument* document_ = nullptr;
  uint32_t node_ = 0;
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

  JsonParser();
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
  struct Structure;  // simdjson's first stage
  std::unique_ptr<Structure> structure_;
  JsonDocument document_;
  JsonProblem problem_ = JsonProblem::kNone;
  bool tolerant_ = false;
  bool compact_ = false;
};

// The first key that stands twice in one object anywhere in `view`.
std::optional<std::string> find_duplicate_key(JsonView view);

// Appends the compact JSON text of `view`: no white space, member order kept,
// numbers as written, strings decoded and escaped as RFC 8785 does. Two texts of
// one value that differ in white space and escapes give the same bytes.
void append_compact(JsonView view, std::string& out);

}  // namespace stanch::codec

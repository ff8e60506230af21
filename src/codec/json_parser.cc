// The fast road. simdjson's first stage finds, with vector instructions, where
// each token starts, and refuses bad UTF-8, unclosed strings and raw control
// characters. We then walk that list of positions once: a pushdown automaton
// over one character a token, which checks the whole grammar and writes one
// node a value.
//
// Why not simdjson's own second stage: it copies every string and converts
// every number of every event, though rules look at a few fields of few
// events. Leaving values as slices makes parsing about twice as fast
// (bench/README.md), and keeps numbers of any size. Why not its On-Demand
// interface: it does not check what nobody reads, so whether a broken record
// is counted would depend on the rules.

#include <simdjson.h>

#include <cstring>

#include "base/check.h"
#include "codec/json.h"
#include "codec/json_grammar.h"

namespace stanch::codec {

struct JsonParser::Structure {
  std::unique_ptr<simdjson::internal::dom_parser_implementation> scanner;
  size_t capacity = 0;

  // The positions of all tokens, or false if simdjson refuses the bytes.
  bool find(std::string_view bytes) {
    if (bytes.size() > capacity) {
      capacity = std::max(bytes.size(), capacity + capacity / 2);
      capacity = std::max(capacity, size_t{64} << 10);
      const auto error =
          scanner ? scanner->set_capacity(capacity)
                  : simdjson::get_active_implementation()->create_dom_parser_implementation(
                        capacity, kDepthMax, scanner);
      CHECK(error == simdjson::SUCCESS);  // only memory can run out
    }
    return scanner->stage1(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size(),
                           simdjson::stage1_mode::regular) == simdjson::SUCCESS;
  }
};

JsonParser::JsonParser() : structure_(std::make_unique<Structure>()) {}
JsonParser::~JsonParser() = default;
JsonParser::JsonParser(JsonParser&&) noexcept = default;
JsonParser& JsonParser::operator=(JsonParser&&) noexcept = default;

namespace {

// Walks the positions of one document. Everything that changes a token at a
// time is a local variable of build(), so that it stays in registers; what
// few tokens need is kept out of line.
class NodeBuilder {
 public:
  NodeBuilder(std::string_view bytes, const uint32_t* positions, uint32_t count, JsonNode* nodes)
      : bytes_(bytes.data()),
        size_(static_cast<uint32_t>(bytes.size())),
        positions_(positions),
        count_(count),
        nodes_(nodes) {}

  // False if a backslash starts no escape. No escape can hold a quote but as its
  // second byte, so the bytes need not be cut into strings first.
  bool check_escapes() {
    const void* first = std::memchr(bytes_, '\\', size_);
    if (!first) return true;
    flags_ = JsonNode::kEscaped;
    compact_ = false;
    return has_good_escapes(static_cast<const char*>(first), bytes_ + size_);
  }

  // False if the tokens are no JSON value. Requires positions[count] to be
  // the size of the bytes (simdjson puts it there).
  bool build();

  bool compact() const { return compact_; }

 private:
  struct Open {
    JsonNode* node;
    bool object;
  };

  // type and flags of a node as one word.
  static uint32_t string_word_of(uint8_t flags) {
    return static_cast<uint32_t>(JsonType::kString) | uint32_t{flags} << 8;
  }

  // A leaf as two whole words; the compiler would store six pieces.
  void put_leaf(JsonNode* out, uint32_t begin, uint32_t end, uint32_t word) const {
    const uint64_t words[2] = {begin | uint64_t{end} << 32,
                               static_cast<uint32_t>(out - nodes_ + 1) | uint64_t{word} << 32};
    std::memcpy(static_cast<void*>(out), words, sizeof(words));
  }

  // Where the string ends whose following token is at `next`: its closing quote.
  uint32_t string_end(uint32_t next) {
    if (bytes_[next - 1] == '"') [[likely]]
      return next - 1;
    return trim(next) - 1;
  }

  // The position after the last byte before `next` that is no white space.
  [[gnu::noinline]] uint32_t trim(uint32_t next) {
    compact_ = false;
    while (is_json_space(bytes_[next - 1])) --next;
    return next;
  }

  // The number, true, false or null at [begin, end), or kObject if it is none.
  JsonType scalar_type(uint32_t begin, uint32_t end) const {
    const char* p = bytes_ + begin;
    const uint32_t size = end - begin;
    switch (*p) {
      case 't': return size == 4 && std::memcmp(p, "true", 4) == 0 ? JsonType::kBool : kNoScalar;
      case 'f': return size == 5 && std::memcmp(p, "false", 5) == 0 ? JsonType::kBool : kNoScalar;
      case 'n': return size == 4 && std::memcmp(p, "null", 4) == 0 ? JsonType::kNull : kNoScalar;
      default: return is_json_number(p, p + size) ? JsonType::kNumber : kNoScalar;
    }
  }

  static constexpr JsonType kNoScalar = JsonType::kObject;

  const char* bytes_;
  uint32_t size_;
  const uint32_t* positions_;
  uint32_t count_;
  JsonNode* nodes_;
  uint8_t flags_ = 0;
  bool compact_ = true;
};

bool NodeBuilder::build() {
  Open open[JsonParser::kDepthMax];
  size_t depth = 0;
  const char* const bytes = bytes_;
  const uint32_t* at = positions_;
  const uint32_t* const last = positions_ + count_;  // *last is the size
  JsonNode* out = nodes_;
  const uint32_t string_word = string_word_of(flags_);
  bool adjacent = *at == 0;  // no white space between tokens so far
  bool object = false;       // the innermost open container

value:
  if (at == last) return false;
  switch (bytes[*at]) {
    case '"':
      put_leaf(out++, at[0] + 1, string_end(at[1]), string_word);
      ++at;
      goto after_value;
    case '{':
    case '[': {
      if (depth == JsonParser::kDepthMax) return false;
      object = bytes[*at] == '{';
      *out = {*at, 0, 0, object ? JsonType::kObject : JsonType::kArray, 0};
      open[depth++] = {out++, object};
      adjacent &= at[0] + 1 == at[1];
      ++at;
      if (at == last) return false;
      if (bytes[*at] == (object ? '}' : ']')) goto close;
      if (object) goto key;
      goto value;
    }
    default: {
      uint32_t end = at[1];
      if (is_json_space(bytes[end - 1])) [[unlikely]]
        end = trim(end);
      const JsonType type = scalar_type(*at, end);
      if (type == kNoScalar) return false;
      put_leaf(out++, *at, end, static_cast<uint32_t>(type));
      ++at;
      goto after_value;
    }
  }

key:
  if (last - at < 2 || bytes[at[0]] != '"' || bytes[at[1]] != ':') return false;
  put_leaf(out++, at[0] + 1, string_end(at[1]), string_word);
  adjacent &= at[1] + 1 == at[2];
  at += 2;
  goto value;

after_value:
  if (depth == 0) {
    compact_ &= adjacent;
    return at == last;
  }
  if (at == last) return false;
  if (bytes[*at] == ',') {
    adjacent &= at[0] + 1 == at[1];
    ++at;
    if (object) goto key;
    goto value;
  }
  if (bytes[*at] != (object ? '}' : ']')) return false;

close:
  --depth;
  open[depth].node->end = *at + 1;
  open[depth].node->next = static_cast<uint32_t>(out - nodes_);
  object = depth != 0 && open[depth - 1].object;
  adjacent &= at[0] + 1 == at[1];
  ++at;
  goto after_value;
}

}  // namespace

JsonView JsonParser::parse(std::string_view bytes) {
  if (JsonView view = parse_fast(bytes)) return view;
  return parse_tolerant(bytes);
}

JsonView JsonParser::parse_fast(std::string_view bytes) {
  tolerant_ = false;
  compact_ = false;
  problem_ = JsonProblem::kSyntax;
  if (bytes.size() > kBytesMax) problem_ = JsonProblem::kTooLarge;
  if (bytes.empty() || bytes.size() > kBytesMax || !structure_->find(bytes)) return {};
  const uint32_t count = structure_->scanner->n_structural_indexes;
  if (document_.nodes.size() < count) document_.nodes.resize(count + count / 2);
  document_.bytes = bytes.data();
  NodeBuilder builder(bytes, structure_->scanner->structural_indexes.get(), count,
                      document_.nodes.data());
  if (!builder.check_escapes() || !builder.build()) return {};
  problem_ = JsonProblem::kNone;
  compact_ = builder.compact();
  return {&document_, 0};
}

}  // namespace stanch::codec

// The fast road. Vector instructions find where each token starts and of what kind it is
// (json_tokens.h), and refuse bad UTF-8, unclosed strings and raw control characters. The kinds
// in a row are the text's shape; if it was met before, its grammar is checked and its nodes are
// known, else they are walked once (json_shape.h). What is left is what kinds do not say:
// whether scalars and escapes are good inside.
//
// Why not simdjson's own second stage: it copies every string and converts every number of
// every event, though rules look at a few fields of few events. Why not its On-Demand
// interface: it does not check what nobody reads, so whether a broken record is counted would
// depend on the rules. Figures: bench/README.md; why: docs/decisions/2026-11-25-json-shapes.md.

#include <algorithm>

#include "codec/json.h"
#include "codec/json_grammar.h"
#include "codec/json_layout.h"
#include "codec/json_shape.h"
#include "codec/json_tokens.h"
#include "codec/json_tolerant.h"

namespace stanch::codec {

struct JsonParser::Parts {
  Tokenizer tokenizer;
  bool remembers = true;
  ShapeMemory memory;
  JsonShape walked;  // of the last text, if its shape was not known
  JsonLayouts layouts;
  TolerantTokens tolerant;

  // The shape of the tokens at hand; null if they are no JSON. `number` is 0 if it is not kept.
  const JsonShape* shape(uint64_t& number);
};

const JsonShape* JsonParser::Parts::shape(uint64_t& number) {
  const TokenList& tokens = tokenizer.tokens();
  const std::string_view kinds = tokens.kind_bytes();
  bool wanted = false;
  const ShapeMemory::Known* known = remembers ? memory.find(kinds, wanted) : nullptr;
  if (known == nullptr) {
    if (!find_shape(tokens.kinds(), tokens.size(), walked)) return nullptr;
    if (!wanted) return &walked;
    known = memory.keep(kinds, walked);
  }
  number = known->number;
  return &known->shape;
}

namespace {

// The next text lies behind this one, mostly. By the time it is read, it should have come
// from memory, whose own foresight ends where reading stops for as long as this one takes.
void prefetch_behind(std::string_view bytes) {
  constexpr size_t kAhead = 1536, kLine = 64;
  const char* const end = bytes.data() + bytes.size();
  for (size_t at = 0; at < kAhead; at += kLine) __builtin_prefetch(end + at);
}

bool is_good_scalar(TokenKind kind, std::string_view text) {
  switch (kind) {
    case TokenKind::kBool: return text == "true" || text == "false";
    case TokenKind::kNull: return text == "null";
    default: return is_json_number(text.data(), text.data() + text.size());
  }
}

// None of the scalars that a shape lists is a string.
bool has_good_scalars(const JsonShape& shape, const TokenKind* kinds,
                      const JsonDocument& document) {
  return std::ranges::all_of(shape.scalars, [&](uint32_t token) {
    return is_good_scalar(kinds[token], document.raw_scalar(token, JsonType::kNumber));
  });
}

}  // namespace

JsonParser::JsonParser(Texts texts) : parts_(std::make_unique<Parts>()) {
  parts_->remembers = texts == Texts::kMany;
}
JsonParser::~JsonParser() = default;
JsonParser::JsonParser(JsonParser&&) noexcept = default;
JsonParser& JsonParser::operator=(JsonParser&&) noexcept = default;

JsonView JsonParser::parse(std::string_view bytes) {
  if (parts_->remembers) prefetch_behind(bytes);
  if (JsonView view = parse_fast(bytes)) return view;
  return parse_tolerant(bytes);
}

JsonView JsonParser::parse_fast(std::string_view bytes) {
  tolerant_ = false;
  compact_ = false;
  problem_ = bytes.size() > kBytesMax ? JsonProblem::kTooLarge : JsonProblem::kSyntax;
  Tokenizer& tokenizer = parts_->tokenizer;
  if (bytes.size() > kBytesMax || !tokenizer.find(bytes)) return {};
  document_ = JsonDocument();
  document_.bytes = bytes.data();
  document_.size = static_cast<uint32_t>(bytes.size());
  document_.positions = tokenizer.tokens().positions();
  document_.spaced = tokenizer.has_outer_space();
  document_.escaped = tokenizer.has_backslash();
  const JsonShape* shape = parts_->shape(document_.shape);
  if (shape == nullptr) return {};
  if (!has_good_scalars(*shape, tokenizer.tokens().kinds(), document_)) return {};
  // No escape holds a quote but as its second byte, so the text need not be cut into strings.
  if (document_.escaped && !has_good_escapes(bytes.data(), bytes.data() + bytes.size())) return {};
  document_.nodes = shape->nodes.data();
  parts_->layouts.forget_event();
  if (document_.shape != 0) document_.layouts = &parts_->layouts;
  problem_ = JsonProblem::kNone;
  compact_ = document_.is_compact();
  return {&document_, 0};
}

JsonView JsonParser::parse_tolerant(std::string_view bytes) {
  tolerant_ = true;
  compact_ = false;
  problem_ = JsonProblem::kTooLarge;
  if (bytes.size() > kBytesMax) return {};
  TolerantTokens& tokens = parts_->tolerant;
  problem_ = find_tolerantly(bytes, tokens);
  if (problem_ != JsonProblem::kNone) return {};
  document_ = JsonDocument();
  document_.bytes = bytes.data();
  document_.size = static_cast<uint32_t>(bytes.size());
  document_.positions = tokens.positions.data();
  document_.nodes = tokens.nodes.data();
  document_.spaced = document_.escaped = document_.damaged = true;
  return {&document_, 0};
}

}  // namespace stanch::codec

// The first step of the fast road, by simdjson where the processor offers nothing better: its
// first stage finds where tokens start; their kinds are read off afterwards.

#include "codec/json_tokens.h"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "codec/json.h"
#include "codec/json_grammar.h"

namespace stanch::codec {

namespace {

constexpr std::array<TokenKind, 256> kKinds = [] {
  std::array<TokenKind, 256> kinds{};
  kinds['"'] = TokenKind::kString;
  kinds['-'] = TokenKind::kNumber;
  for (int digit = '0'; digit <= '9'; ++digit) kinds[digit] = TokenKind::kNumber;
  kinds['t'] = kinds['f'] = TokenKind::kBool;
  kinds['n'] = TokenKind::kNull;
  kinds['{'] = TokenKind::kOpenObject;
  kinds['}'] = TokenKind::kCloseObject;
  kinds['['] = TokenKind::kOpenArray;
  kinds[']'] = TokenKind::kCloseArray;
  kinds[':'] = TokenKind::kColon;
  kinds[','] = TokenKind::kComma;
  return kinds;
}();

bool is_punctuation(TokenKind kind) { return (static_cast<uint8_t>(kind) & kPunctuationBit) != 0; }

}  // namespace

TokenKind token_kind(char first) { return kKinds[static_cast<unsigned char>(first)]; }

// Memory that no token is written to is never touched, so the system gives none for it.
void TokenList::reserve(size_t text_size) {
  size_ = 0;
  const size_t wanted = text_size + 65;
  if (wanted <= capacity_) return;
  capacity_ = std::max(wanted, capacity_ + capacity_ / 2);
  positions_ = std::make_unique_for_overwrite<uint32_t[]>(capacity_);
  kinds_ = std::make_unique_for_overwrite<TokenKind[]>(capacity_);
}

struct Tokenizer::Simdjson {
  std::unique_ptr<simdjson::internal::dom_parser_implementation> scanner;
  size_t capacity = 0;

  bool find(std::string_view text) {
    if (text.size() > capacity) {
      capacity = std::max({text.size(), capacity + capacity / 2, size_t{64} << 10});
      const auto error =
          scanner ? scanner->set_capacity(capacity)
                  : simdjson::get_active_implementation()->create_dom_parser_implementation(
                        capacity, JsonParser::kDepthMax, scanner);
      CHECK(error == simdjson::SUCCESS);  // only memory can run out
    }
    return scanner->stage1(reinterpret_cast<const uint8_t*>(text.data()), text.size(),
                           simdjson::stage1_mode::regular) == simdjson::SUCCESS;
  }
};

Tokenizer::Tokenizer(Engine engine) : engine_(engine) {
  if (engine == Engine::kBest) engine_ = has_avx512() ? Engine::kAvx512 : Engine::kSimdjson;
  CHECK(engine_ != Engine::kAvx512 || has_avx512());
}
Tokenizer::~Tokenizer() = default;
Tokenizer::Tokenizer(Tokenizer&&) noexcept = default;
Tokenizer& Tokenizer::operator=(Tokenizer&&) noexcept = default;

bool Tokenizer::find(std::string_view text) {
  tokens_.reserve(0);
  has_backslash_ = has_outer_space_ = false;
  if (text.empty()) return false;
  return engine_ == Engine::kAvx512 ? find_by_avx512(text) : find_by_simdjson(text);
}

bool Tokenizer::find_by_simdjson(std::string_view text) {
  if (!simdjson_) simdjson_ = std::make_unique<Simdjson>();
  if (!simdjson_->find(text)) return false;
  tokens_.reserve(text.size());
  uint32_t* const positions = tokens_.free_positions();
  uint8_t* const kinds = tokens_.free_kinds();
  const uint32_t* const found = simdjson_->scanner->structural_indexes.get();
  const uint32_t count = simdjson_->scanner->n_structural_indexes;
  unsigned spaces = found[0];  // 0: none so far
  for (uint32_t i = 0; i < count; ++i) {
    const TokenKind kind = token_kind(text[found[i]]);
    positions[i] = found[i];
    kinds[i] = static_cast<uint8_t>(kind);
    // Behind the last stands the size of the text.
    spaces |= is_punctuation(kind) ? found[i + 1] - found[i] - 1
                                   : unsigned{is_json_space(text[found[i + 1] - 1])};
  }
  tokens_.finish(count, text.size());
  has_outer_space_ = spaces != 0;
  has_backslash_ = std::memchr(text.data(), '\\', text.size()) != nullptr;
  return true;
}

}  // namespace stanch::codec

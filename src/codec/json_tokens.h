#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "base/check.h"

// Where each token of a JSON text starts, and of what kind it is. Private to codec/json*.cc.

namespace stanch::codec {

// By a token's first byte; whether a scalar is a good one is the parser's business. Texts of
// one kind differ in nothing that grammar minds. The high bit marks punctuation.
enum class TokenKind : uint8_t {
  kOther = 0,  // a scalar that starts as none may
  kString = 1,
  kNumber = 2,
  kBool = 3,
  kNull = 4,
  kOpenObject = 0x81,
  kCloseObject = 0x82,
  kOpenArray = 0x83,
  kCloseArray = 0x84,
  kColon = 0x85,
  kComma = 0x86,
};
inline constexpr uint8_t kPunctuationBit = 0x80;

TokenKind token_kind(char first);

// Tokens in two parallel lists.
class TokenList {
 public:
  uint32_t size() const { return size_; }
  // size() positions, then the size of the text.
  const uint32_t* positions() const { return positions_.get(); }
  const TokenKind* kinds() const { return kinds_.get(); }
  std::string_view kind_bytes() const { return {reinterpret_cast<char*>(kinds_.get()), size_}; }

  // Forgets all; then all tokens of a text of so many bytes can be written to the free lists,
  // and 64 entries beyond them. finish() says how many there were.
  void reserve(size_t text_size);
  uint32_t* free_positions() { return positions_.get(); }
  uint8_t* free_kinds() { return reinterpret_cast<uint8_t*>(kinds_.get()); }
  void finish(uint32_t count, size_t text_size) {
    size_ = count;
    positions_[count] = static_cast<uint32_t>(text_size);
  }

 private:
  std::unique_ptr<uint32_t[]> positions_;
  std::unique_ptr<TokenKind[]> kinds_;
  uint32_t size_ = 0;
  size_t capacity_ = 0;
};

// Finds tokens with vector instructions. One a thread.
class Tokenizer {
 public:
  enum class Engine : uint8_t {
    kBest,      // what this machine does best
    kSimdjson,  // everywhere
    kAvx512,    // requires has_avx512()
  };
  static bool has_avx512();

  explicit Tokenizer(Engine engine = Engine::kBest);
  ~Tokenizer();
  Tokenizer(Tokenizer&&) noexcept;
  Tokenizer& operator=(Tokenizer&&) noexcept;

  // False if this cannot be JSON: there is no token, an unclosed string, a raw control character
  // in a string, bad UTF-8. True promises nothing about the order of tokens; and around bytes
  // that cannot stand between tokens, engines may differ in what they find.
  bool find(std::string_view text);

  const TokenList& tokens() const { return tokens_; }
  bool has_backslash() const { return has_backslash_; }
  bool has_outer_space() const { return has_outer_space_; }  // between tokens

 private:
  struct Simdjson;
  bool find_by_simdjson(std::string_view text);
  bool find_by_avx512(std::string_view text);

  Engine engine_;
  std::unique_ptr<Simdjson> simdjson_;
  TokenList tokens_;
  bool has_backslash_ = false;
  bool has_outer_space_ = false;
};

}  // namespace stanch::codec

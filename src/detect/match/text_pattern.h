#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace stanch::detect::match {

// A Sigma string value: literal text with wildcards (docs/formats/sigma.md V3,
// V4, V10). Immutable once finished; any thread.
class TextPattern {
 public:
  // From a rule's text, with `*`, `?` and backslash escapes.
  static TextPattern parse(std::string_view text);
  // Text that means itself.
  static TextPattern literal(std::string_view text);

  bool has_wildcards() const;
  // The text, if there are no wildcards.
  std::string literal_text() const;

  void add_any_in_front();
  void add_any_behind();

  // Chooses how to match; no change after it. Case is minded if `cased`, else the
  // pattern is folded here, and matches() wants folded text.
  void finish(bool cased);

  bool cased() const { return cased_; }
  bool matches(std::string_view text) const;

  // Exactly this text (folded unless cased) and no other, or not so simple.
  bool is_exact() const { return shape_ == Shape::kExact; }
  std::string_view exact_text() const { return text_; }
  // True for `*`: matches any text.
  bool is_any() const { return shape_ == Shape::kAny; }
  // The longest literal in every matching text, as matches() sees it; may be empty.
  std::string_view longest_literal() const;

  // A text that tells patterns apart: equal keys, equal meaning.
  std::string key() const;

 private:
  enum class TokenKind : uint8_t { kLiteral, kAny, kOne };
  struct Token {
    TokenKind kind;
    std::string text;  // of kLiteral, not empty
  };
  enum class Shape : uint8_t { kExact, kPrefix, kSuffix, kContains, kAny, kGlob };

  void add_literal(std::string_view text);
  bool matches_glob(std::string_view text) const;
  size_t match_segment(size_t token, size_t token_end, std::string_view text, size_t at) const;

  std::vector<Token> tokens_;
  Shape shape_ = Shape::kExact;
  bool cased_ = false;
  std::string text_;  // of every shape but kAny and kGlob
};

}  // namespace stanch::detect::match

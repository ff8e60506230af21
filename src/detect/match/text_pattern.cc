#include "detect/match/text_pattern.h"

#include "base/check.h"
#include "codec/fold.h"
#include "codec/utf8.h"

namespace stanch::detect::match {

TextPattern TextPattern::parse(std::string_view text) {
  TextPattern pattern;
  std::string literal;
  const auto flush = [&] {
    pattern.add_literal(literal);
    literal.clear();
  };
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    // V10: a backslash escapes a wildcard or a backslash, else it is itself.
    if (c == '\\' && i + 1 < text.size() &&
        (text[i + 1] == '*' || text[i + 1] == '?' || text[i + 1] == '\\')) {
      literal += text[++i];
    } else if (c == '*') {
      flush();
      pattern.add_any_behind();
    } else if (c == '?') {
      flush();
      pattern.tokens_.push_back({TokenKind::kOne, ""});
    } else {
      literal += c;
    }
  }
  flush();
  return pattern;
}

TextPattern TextPattern::literal(std::string_view text) {
  TextPattern pattern;
  pattern.add_literal(text);
  return pattern;
}

void TextPattern::add_literal(std::string_view text) {
  if (!text.empty()) tokens_.push_back({TokenKind::kLiteral, std::string(text)});
}

bool TextPattern::has_wildcards() const {
  for (const Token& token : tokens_) {
    if (token.kind != TokenKind::kLiteral) return true;
  }
  return false;
}

std::string TextPattern::literal_text() const {
  CHECK(!has_wildcards());
  std::string text;
  for (const Token& token : tokens_) text += token.text;
  return text;
}

void TextPattern::add_any_in_front() {
  if (tokens_.empty() || tokens_.front().kind != TokenKind::kAny) {
    tokens_.insert(tokens_.begin(), {TokenKind::kAny, ""});
  }
}

void TextPattern::add_any_behind() {
  if (tokens_.empty() || tokens_.back().kind != TokenKind::kAny) {
    tokens_.push_back({TokenKind::kAny, ""});
  }
}

void TextPattern::finish(bool cased) {
  cased_ = cased;
  if (!cased) {
    for (Token& token : tokens_) token.text = codec::fold_case(token.text);
  }
  const auto kinds_are = [this](std::initializer_list<TokenKind> kinds) {
    if (tokens_.size() != kinds.size()) return false;
    auto kind = kinds.begin();
    for (const Token& token : tokens_) {
      if (token.kind != *kind++) return false;
    }
    return true;
  };
  using enum TokenKind;
  shape_ = Shape::kGlob;
  if (tokens_.empty() || kinds_are({kLiteral})) shape_ = Shape::kExact;
  if (kinds_are({kAny})) shape_ = Shape::kAny;
  if (kinds_are({kLiteral, kAny})) shape_ = Shape::kPrefix;
  if (kinds_are({kAny, kLiteral})) shape_ = Shape::kSuffix;
  if (kinds_are({kAny, kLiteral, kAny})) shape_ = Shape::kContains;
  if (shape_ != Shape::kGlob) {
    for (const Token& token : tokens_) text_ += token.text;
  }
}

bool TextPattern::matches(std::string_view text) const {
  switch (shape_) {
    case Shape::kExact: return text == text_;
    case Shape::kPrefix: return text.starts_with(text_);
    case Shape::kSuffix: return text.ends_with(text_);
    case Shape::kContains: return text.find(text_) != std::string_view::npos;
    case Shape::kAny: return true;
    case Shape::kGlob: return matches_glob(text);
  }
  CHECK(false);
}

// Tokens [token, token_end), none of them kAny, against the text from `at`;
// where they end, or npos. A kOne takes one code point.
size_t TextPattern::match_segment(size_t token, size_t token_end, std::string_view text,
                                  size_t at) const {
  for (; token != token_end; ++token) {
    if (tokens_[token].kind == TokenKind::kOne) {
      if (at == text.size()) return std::string_view::npos;
      at += codec::decode_utf8(text.substr(at)).length;
    } else {
      const std::string& literal = tokens_[token].text;
      if (!text.substr(at).starts_with(literal)) return std::string_view::npos;
      at += literal.size();
    }
  }
  return at;
}

// The wildcard `*` cuts the pattern into segments. Each is looked for as far
// left as it goes after the one before it, which leaves the most room for the
// next; the first and the last are tied to the ends of the text. A segment spans
// a fixed number of code points, so leftmost start is leftmost end.
bool TextPattern::matches_glob(std::string_view text) const {
  constexpr size_t kNone = std::string_view::npos;
  const auto is_boundary = [&](size_t i) {
    return i == text.size() || (static_cast<unsigned char>(text[i]) & 0xC0) != 0x80;
  };
  size_t at = 0;
  size_t token = 0;
  bool anchored = true;  // the segment must start at `at`
  while (token <= tokens_.size()) {
    size_t end = token;
    while (end != tokens_.size() && tokens_[end].kind != TokenKind::kAny) ++end;
    const bool last = end == tokens_.size();
    size_t found = kNone;
    for (size_t from = at; from <= text.size(); ++from) {
      if (anchored && from != at) break;
      if (!is_boundary(from)) continue;
      found = match_segment(token, end, text, from);
      if (found != kNone && (!last || found == text.size())) break;
      found = kNone;
    }
    if (found == kNone) return false;
    if (last) return true;
    at = found;
    anchored = false;
    token = end + 1;
  }
  return true;
}

std::string_view TextPattern::longest_literal() const {
  std::string_view longest;
  for (const Token& token : tokens_) {
    if (token.text.size() > longest.size()) longest = token.text;
  }
  return longest;
}

std::string TextPattern::key() const {
  std::string key = cased_ ? "c" : "f";
  for (const Token& token : tokens_) {
    key += static_cast<char>('0' + static_cast<int>(token.kind));
    key += std::to_string(token.text.size());
    key += ':';
    key += token.text;
  }
  return key;
}

}  // namespace stanch::detect::match

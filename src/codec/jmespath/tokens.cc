#include "codec/jmespath/tokens.h"

#include <fmt/format.h>

#include <charconv>
#include <utility>

#include "codec/json.h"
#include "codec/utf8.h"

namespace stanch::codec::jmespath {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool begins_name(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

// Longer ones first.
constexpr std::pair<std::string_view, TokenKind> kSigns[] = {
    {"||", TokenKind::kOr},
    {"&&", TokenKind::kAnd},
    {"==", TokenKind::kEqual},
    {"!=", TokenKind::kNotEqual},
    {"<=", TokenKind::kLessEqual},
    {">=", TokenKind::kGreaterEqual},
    {"[?", TokenKind::kOpenFilter},
    {"[]", TokenKind::kFlatten},
    {".", TokenKind::kDot},
    {"*", TokenKind::kStar},
    {",", TokenKind::kComma},
    {":", TokenKind::kColon},
    {"@", TokenKind::kAt},
    {"&", TokenKind::kAmpersand},
    {"|", TokenKind::kPipe},
    {"!", TokenKind::kNot},
    {"<", TokenKind::kLess},
    {">", TokenKind::kGreater},
    {"[", TokenKind::kOpenBracket},
    {"]", TokenKind::kCloseBracket},
    {"{", TokenKind::kOpenBrace},
    {"}", TokenKind::kCloseBrace},
    {"(", TokenKind::kOpenParenthesis},
    {")", TokenKind::kCloseParenthesis},
};

class Tokenizer {
 public:
  explicit Tokenizer(std::string_view text) : text_(text) {}

  Tokens run() && {
    while (!tokens_.problem) {
      while (at_ < text_.size() && is_json_space(text_[at_])) ++at_;
      if (at_ == text_.size()) break;
      one();
    }
    add(TokenKind::kEnd, 0);
    return std::move(tokens_);
  }

 private:
  void fail(std::string message, std::string hint = "") {
    tokens_.problem = {JmespathProblem::Kind::kSyntax, static_cast<uint32_t>(at_),
                       std::move(message), std::move(hint)};
  }

  Token& add(TokenKind kind, size_t length) {
    Token& token = tokens_.list.emplace_back();
    token.kind = kind;
    token.at = static_cast<uint32_t>(at_);
    token.raw = text_.substr(at_, length);
    at_ += length;
    return token;
  }

  void one() {
    const char c = text_[at_];
    if (begins_name(c)) return name();
    if (c == '$' && at_ + 1 < text_.size() && begins_name(text_[at_ + 1])) return root();
    if (c == '"') return quoted();
    if (c == '\'') return raw_string();
    if (c == '`') return literal();
    if (is_digit(c) || (c == '-' && at_ + 1 < text_.size() && is_digit(text_[at_ + 1]))) {
      return number();
    }
    for (const auto& [sign, kind] : kSigns) {
      if (text_.substr(at_).starts_with(sign)) {
        add(kind, sign.size());
        return;
      }
    }
    stranger();
  }

  void stranger() {
    const std::string_view sign = text_.substr(at_, decode_utf8(text_.substr(at_)).length);
    std::string hint;
    if (sign == "=") hint = "equal is ==";
    if (sign == "-") hint = "a name with other signs than letters, digits and _ stands in \"…\"";
    fail(fmt::format("'{}' means nothing here", for_terminal(sign)), hint);
  }

  void name() {
    size_t end = at_;
    while (end < text_.size() && (begins_name(text_[end]) || is_digit(text_[end]))) ++end;
    Token& token = add(TokenKind::kName, end - at_);
    token.text = token.raw;
  }

  void root() {
    size_t end = at_ + 1;
    while (end < text_.size() && (begins_name(text_[end]) || is_digit(text_[end]))) ++end;
    Token& token = add(TokenKind::kRoot, end - at_);
    token.text = token.raw.substr(1);
  }

  void number() {
    size_t end = at_ + 1;
    while (end < text_.size() && is_digit(text_[end])) ++end;
    int64_t value = 0;
    if (std::from_chars(text_.data() + at_, text_.data() + end, value).ec != std::errc()) {
      return fail("an index of more than 64 bits");
    }
    add(TokenKind::kNumber, end - at_).number = value;
  }

  // Up to the next `close` that no backslash stands before; npos if there is none.
  size_t end_of(char close) const {
    for (size_t end = at_ + 1; end < text_.size(); ++end) {
      if (text_[end] == '\\') {
        ++end;
      } else if (text_[end] == close) {
        return end;
      }
    }
    return std::string_view::npos;
  }

  // quoted-string: as in JSON.
  void quoted() {
    const size_t end = end_of('"');
    if (end == std::string_view::npos) return fail("a name in \"…\" that does not end");
    const JsonView view = parser_.parse(text_.substr(at_, end + 1 - at_));
    if (!view || parser_.was_tolerant() || !view.is_string()) {
      return fail("a name in \"…\" is written as a string of JSON", "\\ is \\\\ there");
    }
    std::string text = view.string_or_empty();
    add(TokenKind::kQuoted, end + 1 - at_).text = std::move(text);
  }

  // raw-string: \' is ', and every other backslash stands for itself.
  void raw_string() {
    const size_t end = end_of('\'');
    if (end == std::string_view::npos) return fail("a text in '…' that does not end");
    std::string text = unescaped(text_.substr(at_ + 1, end - at_ - 1), '\'');
    add(TokenKind::kLiteral, end + 1 - at_).literal = JsonValue(std::move(text));
  }

  // literal: JSON, in which a backtick is \`.
  void literal() {
    const size_t end = end_of('`');
    if (end == std::string_view::npos) return fail("a literal in `…` that does not end");
    const std::string json = unescaped(text_.substr(at_ + 1, end - at_ - 1), '`');
    const JsonView view = parser_.parse(json);
    if (!view || parser_.was_tolerant()) {
      return fail("what stands in `…` is JSON", "a text is written '…', or `\"…\"`");
    }
    JsonValue value = JsonValue::of(view);
    if (view.is_number() && value.is_null()) return fail("a number that no double holds");
    add(TokenKind::kLiteral, end + 1 - at_).literal = std::move(value);
  }

  static std::string unescaped(std::string_view raw, char sign) {
    std::string text;
    text.reserve(raw.size());
    for (size_t i = 0; i < raw.size(); ++i) {
      if (raw[i] == '\\' && i + 1 < raw.size()) {
        if (raw[i + 1] != sign) text += '\\';
        ++i;
      }
      text += raw[i];
    }
    return text;
  }

  std::string_view text_;
  size_t at_ = 0;
  Tokens tokens_;
  JsonParser parser_{JsonParser::Texts::kFew};
};

}  // namespace

Tokens tokenize(std::string_view text) { return Tokenizer(text).run(); }

}  // namespace stanch::codec::jmespath

#include "detect/sigma/condition.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "base/ascii.h"
#include "base/suggest.h"
#include "detect/sigma/limits.h"

// The condition grammar (Sigma 2.1, "Condition"), loosest binding first:
//
//   condition  = conjunction { "or" conjunction } ;
//   conjunction = negation { "and" negation } ;
//   negation   = "not" negation | primary ;
//   primary    = "(" condition ")" | quantifier | name ;
//   quantifier = ( "1" | "any" | "all" ) "of" ( "them" | pattern ) ;
//   name       = letter, digit, "_", "-", one or more ;
//   pattern    = name that may also hold "*", any run of characters ;
//
// Key words are lower case. A chain of one operator becomes one node with all its operands;
// parentheses keep their own node. Recursion is bounded by kConditionDepthMax. After the
// first mistake the rest is not read: what follows would only be guesses.

namespace stanch::detect::sigma {

namespace {

struct Token {
  std::string_view text;  // empty: the end
  size_t offset = 0;
};

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-' || c == '*';
}

// '*' is any run of characters; names are compared as they are.
bool fits(std::string_view pattern, std::string_view name) {
  size_t p = 0, n = 0;
  size_t star = std::string_view::npos, star_n = 0;
  while (n < name.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      star_n = n;
    } else if (p < pattern.size() && pattern[p] == name[n]) {
      ++p;
      ++n;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      n = ++star_n;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

class ConditionParser {
 public:
  ConditionParser(const codec::YamlNode& node, std::span<const NamedDetection> detections,
                  std::vector<bool>& used, Reporter& reporter, std::string_view noun)
      : node_(node), detections_(detections), used_(used), reporter_(reporter), noun_(noun) {
    advance();
  }

  std::optional<Condition> parse() {
    auto condition = parse_chain(/*is_or=*/true);
    if (condition && !next_.text.empty()) {
      return fail_unexpected("`and` or `or`");
    }
    return condition;
  }

 private:
  using Parsed = std::optional<Condition>;

  void advance() {
    const std::string_view text = node_.text;
    size_t begin = std::min(text.find_first_not_of(" \t\r\n", end_), text.size());
    size_t end = begin;
    while (end < text.size() && is_name_character(text[end])) ++end;
    if (end == begin && begin < text.size()) ++end;  // one character of something else
    next_ = {text.substr(begin, end - begin), begin};
    end_ = end;
  }

  bool take(std::string_view word) {
    if (next_.text != word) return false;
    advance();
    return true;
  }

  std::nullopt_t fail(Code code, size_t offset, std::string message, std::string hint) {
    reporter_.report(code, reporter_.inside(node_, offset), std::move(message), std::move(hint));
    return std::nullopt;
  }

  std::nullopt_t fail_unexpected(std::string_view wanted, std::string hint_at_end = "") {
    if (next_.text.empty()) {
      return fail(Code::kBadCondition, next_.offset,
                  "the condition ends where " + std::string(wanted) + " should follow",
                  std::move(hint_at_end));
    }
    if (next_.text == "|") {
      return fail(Code::kRemovedSyntax, next_.offset,
                  "aggregations after '|' were removed in Sigma 2",
                  "write a correlation document (type event_count, value_count, temporal …)");
    }
    if (next_.text == "near") {
      return fail(Code::kRemovedSyntax, next_.offset, "`near` was removed in Sigma 2",
                  "write a correlation document of type temporal");
    }
    constexpr std::array<std::string_view, 4> kWords = {"and", "or", "not", "of"};
    std::string hint = did_you_mean(next_.text, kWords);
    for (const std::string_view word : kWords) {
      if (is_upper_case_of(next_.text, word))
        hint = "key words are lower case: " + std::string(word);
    }
    return fail(Code::kBadCondition, next_.offset,
                "'" + std::string(next_.text) + "' where " + std::string(wanted) + " should follow",
                hint);
  }

  static bool is_upper_case_of(std::string_view text, std::string_view word) {
    return ascii_lower(text) == word;
  }

  // Operands joined by `or`, or by `and`.
  Parsed parse_chain(bool is_or) {
    Parsed first = is_or ? parse_chain(false) : parse_negation();
    const std::string_view word = is_or ? "or" : "and";
    if (!first || next_.text != word) return first;
    Condition chain;
    chain.kind = is_or ? Condition::Kind::kOr : Condition::Kind::kAnd;
    chain.children.push_back(std::move(*first));
    while (take(word)) {
      Parsed operand = is_or ? parse_chain(false) : parse_negation();
      if (!operand) return std::nullopt;
      chain.children.push_back(std::move(*operand));
    }
    return chain;
  }

  Parsed parse_negation() {
    if (next_.text != "not") return parse_primary();
    const size_t offset = next_.offset;
    if (++depth_ > kConditionDepthMax) return fail_depth(offset);
    advance();
    Parsed operand = parse_negation();
    --depth_;
    if (!operand) return std::nullopt;
    Condition negation;
    negation.kind = Condition::Kind::kNot;
    negation.children.push_back(std::move(*operand));
    return negation;
  }

  Parsed parse_primary() {
    const Token token = next_;
    if (token.text == "(") {
      if (++depth_ > kConditionDepthMax) return fail_depth(token.offset);
      advance();
      Parsed inner = parse_chain(true);
      --depth_;
      if (!inner) return std::nullopt;
      if (!take(")")) return fail_unexpected("`and`, `or` or ')'", "close the parenthesis");
      return inner;
    }
    if (token.text.empty() || !is_name_character(token.text.front()) || token.text == "and" ||
        token.text == "or" || token.text == "of") {
      return fail_unexpected("the name of a " + std::string(noun_), name_detections());
    }
    advance();
    if (next_.text == "of") {
      advance();
      return parse_quantifier(token);
    }
    return parse_name(token);
  }

  std::nullopt_t fail_depth(size_t offset) {
    return fail(
        Code::kTooLarge, offset,
        "parentheses and `not` are nested deeper than " + std::to_string(kConditionDepthMax),
        "split it: a list of conditions is joined by `or`");
  }

  std::string name_detections() const {
    if (detections_.empty()) return "";
    std::string names = "the " + std::string(noun_) + "s are:";
    for (size_t i = 0; i < detections_.size() && i < 8; ++i) names += " " + detections_[i].name;
    return names;
  }

  Parsed parse_name(const Token& token) {
    const auto found = std::ranges::find(detections_, token.text, &NamedDetection::name);
    if (found == detections_.end()) {
      if (token.text.find('*') != std::string_view::npos) {
        return fail(Code::kBadCondition, token.offset,
                    "'" + std::string(token.text) + "' is a pattern, not a name",
                    "write '1 of " + std::string(token.text) + "' or 'all of " +
                        std::string(token.text) + "'");
      }
      std::vector<std::string_view> names;
      for (const NamedDetection& detection : detections_) names.push_back(detection.name);
      return fail(Code::kUnknownDetection, token.offset,
                  "there is no " + std::string(noun_) + " '" + std::string(token.text) + "'",
                  did_you_mean(token.text, names, name_detections()));
    }
    Condition condition;
    condition.kind = Condition::Kind::kDetection;
    condition.detections.push_back(static_cast<uint32_t>(found - detections_.begin()));
    used_[condition.detections.front()] = true;
    return condition;
  }

  Parsed parse_quantifier(const Token& quantity) {
    Condition condition;
    if (quantity.text == "all") {
      condition.kind = Condition::Kind::kAllOf;
    } else if (quantity.text == "1" || quantity.text == "any") {
      condition.kind = Condition::Kind::kAnyOf;
    } else {
      return fail(Code::kBadCondition, quantity.offset,
                  "'" + std::string(quantity.text) + " of' is not in Sigma",
                  "write '1 of', 'any of' or 'all of'");
    }
    const Token target = next_;
    if (target.text.empty() || !is_name_character(target.text.front())) {
      return fail_unexpected("`them` or a name pattern",
                             "write 'them', or a pattern such as 'selection_*'");
    }
    advance();
    for (size_t i = 0; i < detections_.size(); ++i) {
      const std::string& name = detections_[i].name;
      // Names that start with '_' are meant to be reached by name only.
      if (target.text == "them" ? name.starts_with('_') : !fits(target.text, name)) continue;
      condition.detections.push_back(static_cast<uint32_t>(i));
      used_[i] = true;
    }
    if (condition.detections.empty()) {
      return fail(
          Code::kPatternNamesNothing, target.offset,
          "no " + std::string(noun_) + " fits '" + std::string(target.text) + "'",
          "name a " + std::string(noun_) + " like it, or remove this part of the condition");
    }
    return condition;
  }

  const codec::YamlNode& node_;
  std::span<const NamedDetection> detections_;
  std::vector<bool>& used_;
  Reporter& reporter_;
  std::string_view noun_;
  Token next_;
  size_t end_ = 0;  // of next_
  size_t depth_ = 0;
};

}  // namespace

bool is_reserved_word(std::string_view word) {
  return word == "and" || word == "or" || word == "not" || word == "of";
}

std::optional<Condition> parse_condition(const codec::YamlNode& text,
                                         std::span<const NamedDetection> detections,
                                         std::vector<bool>& used, Reporter& reporter,
                                         std::string_view noun) {
  if (text.text.size() > kConditionBytesMax) {
    reporter.report(Code::kTooLarge, to_at(text.mark),
                    "the condition is longer than " + std::to_string(kConditionBytesMax) + " bytes",
                    "split it: a list of conditions is joined by `or`");
    return std::nullopt;
  }
  return ConditionParser(text, detections, used, reporter, noun).parse();
}

}  // namespace stanch::detect::sigma

#include "codec/jmespath/parse.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "codec/jmespath/functions.h"
#include "codec/jmespath/tokens.h"
#include "codec/utf8.h"

// Precedence climbing (Pratt). An expression is a head, and then tails for as long as they bind
// more tightly than what stands before it:
//
//   |  <  ||  <  &&  <  == < …  <  !  <  []  <  [*] .*  <  [?…]  <  .  <  [1] [1:2]
//
// What follows a projection belongs to it, and is evaluated for each of its elements, up to the
// first sign that binds less tightly than kStopsProjection: [] and all the operators. A function
// is a head, never a tail: only an unquoted name can be called (specification, "Grammar").

namespace stanch::codec::jmespath {
namespace {

using Kind = JmespathProblem::Kind;

enum Power : int {
  kNone,
  kPipePower,
  kOrPower,
  kAndPower,
  kComparePower,
  kNotPower,
  kFlattenPower,
  kStopsProjection,
  kStarPower,
  kFilterPower,
  kDotPower,
  kBracketPower,
};

int power_of(TokenKind kind) {
  switch (kind) {
    case TokenKind::kPipe: return kPipePower;
    case TokenKind::kOr: return kOrPower;
    case TokenKind::kAnd: return kAndPower;
    case TokenKind::kEqual:
    case TokenKind::kNotEqual:
    case TokenKind::kLess:
    case TokenKind::kLessEqual:
    case TokenKind::kGreater:
    case TokenKind::kGreaterEqual: return kComparePower;
    case TokenKind::kFlatten: return kFlattenPower;
    case TokenKind::kOpenFilter: return kFilterPower;
    case TokenKind::kDot: return kDotPower;
    case TokenKind::kOpenBracket: return kBracketPower;
    default: return kNone;
  }
}

class Parser {
 public:
  Parser(std::vector<Token> tokens, const JmespathOptions& options)
      : tokens_(std::move(tokens)), options_(options) {}

  std::variant<Tree, JmespathProblem> run() && {
    tree_.root = expression(kNone);
    if (!problem_ && peek().kind != TokenKind::kEnd) unexpected();
    if (!problem_ && !options_.names.empty()) check_names(tree_.root, true);
    if (problem_) return std::move(*problem_);
    return std::move(tree_);
  }

 private:
  // After a problem everything looks like the end of the text, so that every loop ends.
  const Token& peek(size_t ahead = 0) const {
    return problem_ ? tokens_.back() : tokens_[std::min(next_ + ahead, tokens_.size() - 1)];
  }

  const Token& take() {
    const Token& token = peek();
    if (next_ + 1 < tokens_.size()) ++next_;
    return token;
  }

  bool accept(TokenKind kind) {
    if (problem_ || peek().kind != kind) return false;
    take();
    return true;
  }

  void expect(TokenKind kind, std::string_view sign) {
    if (!accept(kind)) unexpected(fmt::format("'{}' is missing", sign));
  }

  uint32_t fail(Kind kind, uint32_t at, std::string message, std::string hint = "") {
    if (!problem_) problem_ = {kind, at, std::move(message), std::move(hint)};
    return 0;
  }

  uint32_t unexpected(std::string hint = "") {
    const Token& token = peek();
    if (token.kind == TokenKind::kEnd) {
      return fail(Kind::kSyntax, token.at, "the expression ends too early", std::move(hint));
    }
    return fail(Kind::kSyntax, token.at,
                fmt::format("{} cannot stand here", for_terminal(token.raw.substr(0, 80))),
                std::move(hint));
  }

  uint32_t add(Node node) {
    if (problem_) return 0;
    const auto below = [&](uint32_t child) {
      node.depth = std::max(node.depth, tree_.nodes[child].depth + 1);
    };
    switch (node.kind) {
      case NodeKind::kCurrent:
      case NodeKind::kField:
      case NodeKind::kRoot:
      case NodeKind::kLiteral:
      case NodeKind::kIndex:
      case NodeKind::kSlice: break;
      case NodeKind::kNot:
      case NodeKind::kReference:
      case NodeKind::kFlatten: below(node.left); break;
      case NodeKind::kFilter: below(node.condition); [[fallthrough]];
      case NodeKind::kThen:
      case NodeKind::kProject:
      case NodeKind::kProjectValues:
      case NodeKind::kOr:
      case NodeKind::kAnd:
      case NodeKind::kCompare: below(node.left), below(node.right); break;
      case NodeKind::kList:
      case NodeKind::kHash:
      case NodeKind::kCall: std::ranges::for_each(node.children, below); break;
    }
    if (node.depth > kJmespathDepthMax) {
      return fail(Kind::kTooLarge, node.at,
                  fmt::format("more than {} steps stand behind each other", kJmespathDepthMax));
    }
    tree_.nodes.push_back(std::move(node));
    return static_cast<uint32_t>(tree_.nodes.size() - 1);
  }

  uint32_t current(uint32_t at) { return add({.kind = NodeKind::kCurrent, .at = at}); }

  uint32_t pair(NodeKind kind, uint32_t at, uint32_t left, uint32_t right) {
    return add({.kind = kind, .at = at, .left = left, .right = right});
  }

  uint32_t expression(int power) {
    if (++nesting_ > kJmespathNestingMax) {
      return fail(Kind::kTooLarge, peek().at,
                  fmt::format("more than {} expressions inside each other", kJmespathNestingMax));
    }
    uint32_t left = head();
    while (!problem_ && power < power_of(peek().kind)) left = tail(left);
    --nesting_;
    return left;
  }

  uint32_t head() {
    const Token& token = peek();
    switch (token.kind) {
      case TokenKind::kName:
        take();
        if (peek().kind == TokenKind::kOpenParenthesis) return call(token);
        return add({.kind = NodeKind::kField, .at = token.at, .name = token.text});
      case TokenKind::kRoot:
        take();
        if (!options_.additions) {
          return fail(Kind::kSyntax, token.at, "'$' cannot stand here");
        }
        check_root(token.at, token.text);
        return add({.kind = NodeKind::kRoot, .at = token.at, .name = token.text});
      case TokenKind::kQuoted:
        take();
        if (peek().kind == TokenKind::kOpenParenthesis) {
          return unexpected("the name of a function has no quotes");
        }
        return add({.kind = NodeKind::kField, .at = token.at, .name = token.text});
      case TokenKind::kLiteral:
        take();
        return add({.kind = NodeKind::kLiteral, .at = token.at, .literal = token.literal});
      case TokenKind::kAt: take(); return current(token.at);
      case TokenKind::kStar:
        take();
        return project(NodeKind::kProjectValues, token.at, current(token.at), kStarPower);
      case TokenKind::kFlatten:
      case TokenKind::kOpenFilter: return tail(current(token.at));
      case TokenKind::kOpenBracket:
        if (opens_index()) return tail(current(token.at));
        take();
        return list(token.at);
      case TokenKind::kOpenBrace: take(); return hash(token.at);
      case TokenKind::kNot:
        take();
        return add({.kind = NodeKind::kNot, .at = token.at, .left = expression(kNotPower)});
      case TokenKind::kOpenParenthesis: {
        take();
        const uint32_t inside = expression(kNone);
        expect(TokenKind::kCloseParenthesis, ")");
        return inside;
      }
      case TokenKind::kAmpersand: return unexpected("& stands only before an argument");
      case TokenKind::kNumber: return unexpected("a number is written `1`, an element is a[1]");
      default: return unexpected();
    }
  }

  // [1] [1:2] [:2] [*], but not [* || a] or [*.a]
  bool opens_index() const {
    const TokenKind first = peek(1).kind;
    return first == TokenKind::kNumber || first == TokenKind::kColon ||
           (first == TokenKind::kStar && peek(2).kind == TokenKind::kCloseBracket);
  }

  uint32_t tail(uint32_t left) {
    const Token& token = take();
    switch (token.kind) {
      case TokenKind::kPipe: return pair(NodeKind::kThen, token.at, left, expression(kPipePower));
      case TokenKind::kOr: return pair(NodeKind::kOr, token.at, left, expression(kOrPower));
      case TokenKind::kAnd: return pair(NodeKind::kAnd, token.at, left, expression(kAndPower));
      case TokenKind::kDot:
        if (accept(TokenKind::kStar)) {
          return project(NodeKind::kProjectValues, token.at, left, kStarPower);
        }
        return pair(NodeKind::kThen, token.at, left, after_dot(kDotPower));
      case TokenKind::kFlatten:
        return project(NodeKind::kProject, token.at,
                       add({.kind = NodeKind::kFlatten, .at = token.at, .left = left}),
                       kFlattenPower);
      case TokenKind::kOpenFilter: {
        const uint32_t condition = expression(kNone);
        expect(TokenKind::kCloseBracket, "]");
        const uint32_t right = projected(kFilterPower);
        return add({.kind = NodeKind::kFilter,
                    .at = token.at,
                    .left = left,
                    .right = right,
                    .condition = condition});
      }
      case TokenKind::kOpenBracket: return bracket(token.at, left);
      default: break;
    }
    const auto comparison =
        static_cast<Comparison>(static_cast<int>(token.kind) - static_cast<int>(TokenKind::kEqual));
    const uint32_t right = expression(kComparePower);
    return add({.kind = NodeKind::kCompare,
                .at = token.at,
                .left = left,
                .right = right,
                .comparison = comparison});
  }

  uint32_t project(NodeKind kind, uint32_t at, uint32_t left, int power) {
    return pair(kind, at, left, projected(power));
  }

  // What is evaluated for each element.
  uint32_t projected(int power) {
    const Token& token = peek();
    if (power_of(token.kind) < kStopsProjection) return current(token.at);
    if (token.kind == TokenKind::kOpenFilter) return expression(power);
    if (token.kind == TokenKind::kOpenBracket && opens_index()) return expression(power);
    if (accept(TokenKind::kDot)) return after_dot(power);
    return unexpected("after a projection stands .[a, b], or [1]");
  }

  uint32_t after_dot(int power) {
    const Token& token = peek();
    switch (token.kind) {
      case TokenKind::kName:
      case TokenKind::kQuoted:
      case TokenKind::kStar: return expression(power);
      case TokenKind::kOpenBracket: take(); return list(token.at);
      case TokenKind::kOpenBrace: take(); return hash(token.at);
      case TokenKind::kNumber: return unexpected("an element is a[1]");
      default: return unexpected("after . stands a name, *, [a, b] or {a: b}");
    }
  }

  // After "[" behind something: an index, a slice or *.
  uint32_t bracket(uint32_t at, uint32_t left) {
    if (accept(TokenKind::kStar)) {
      expect(TokenKind::kCloseBracket, "]");
      return project(NodeKind::kProject, at, left, kStarPower);
    }
    std::optional<int64_t> parts[3];
    size_t part = 0;
    while (!accept(TokenKind::kCloseBracket)) {
      if (peek().kind == TokenKind::kNumber && !parts[part]) {
        parts[part] = take().number;
      } else if (peek().kind == TokenKind::kColon && part < 2) {
        take();
        ++part;
      } else {
        return unexpected("in [ ] stands an index, a slice or *; a filter begins with [?");
      }
    }
    if (part == 0) {
      if (!parts[0]) return fail(Kind::kSyntax, at, "an index is missing", "all elements are [*]");
      const uint32_t index = add({.kind = NodeKind::kIndex, .at = at, .index = *parts[0]});
      return pair(NodeKind::kThen, at, left, index);
    }
    if (parts[2] == 0) return fail(Kind::kInvalidValue, at, "the step of a slice is not 0");
    const Slice slice{parts[0], parts[1], parts[2].value_or(1)};
    const uint32_t right = add({.kind = NodeKind::kSlice, .at = at, .slice = slice});
    return project(NodeKind::kProject, at, pair(NodeKind::kThen, at, left, right), kStarPower);
  }

  uint32_t list(uint32_t at) {
    Node node{.kind = NodeKind::kList, .at = at};
    do {
      node.children.push_back(expression(kNone));
    } while (accept(TokenKind::kComma));
    expect(TokenKind::kCloseBracket, "]");
    return add(std::move(node));
  }

  uint32_t hash(uint32_t at) {
    Node node{.kind = NodeKind::kHash, .at = at};
    do {
      if (peek().kind != TokenKind::kName && peek().kind != TokenKind::kQuoted) {
        return unexpected("in { } stands name: expression");
      }
      node.keys.push_back(take().text);
      expect(TokenKind::kColon, ":");
      node.children.push_back(expression(kNone));
    } while (accept(TokenKind::kComma));
    expect(TokenKind::kCloseBrace, "}");
    return add(std::move(node));
  }

  uint32_t call(const Token& name) {
    Node node{.kind = NodeKind::kCall, .at = name.at, .name = name.text};
    node.function = find_function(name.text);
    if (node.function == nullptr || (node.function->addition && !options_.additions)) {
      return unknown_function(name);
    }
    take();
    if (!accept(TokenKind::kCloseParenthesis)) {
      do {
        node.children.push_back(argument(*node.function, node.children.size()));
      } while (accept(TokenKind::kComma));
      expect(TokenKind::kCloseParenthesis, ")");
    }
    if (problem_) return 0;
    const size_t count = node.children.size();
    if (count < node.function->arguments_min || count > node.function->arguments_max) {
      return fail(Kind::kInvalidArity, name.at,
                  fmt::format("{}() has {} arguments", name.text, count),
                  "it is " + usage_of(*node.function));
    }
    return add(std::move(node));
  }

  uint32_t argument(const Function& function, size_t position) {
    const Token& token = peek();
    const bool reference = accept(TokenKind::kAmpersand);
    uint32_t node = expression(kNone);
    if (reference) node = add({.kind = NodeKind::kReference, .at = token.at, .left = node});
    if (!problem_ && position < function.arguments_max &&
        reference != (function.type_of(position) == kExpression)) {
      return fail(Kind::kInvalidType, token.at,
                  fmt::format("argument {} of {}() {}", position + 1, function.name,
                              reference ? "is a value" : "is an expression, with & before it"),
                  "it is " + usage_of(function));
    }
    return node;
  }

  uint32_t unknown_function(const Token& name) {
    std::vector<std::string_view> names;
    for (const Function& function : all_functions()) {
      if (options_.additions || !function.addition) names.push_back(function.name);
    }
    return fail(Kind::kUnknownFunction, name.at,
                fmt::format("there is no function {}()", name.text.substr(0, 80)),
                fmt::format("there are {}", fmt::join(names, ", ")));
  }

  void check_root(uint32_t at, const std::string& name) {
    if (options_.names.empty() || std::ranges::find(options_.names, name) != options_.names.end()) {
      return;
    }
    fail(Kind::kUnknownName, at, fmt::format("{} is not at hand", for_terminal(name.substr(0, 80))),
         fmt::format("there are {}", fmt::join(options_.names, ", ")));
  }

  // Finds names that are not at hand: what is asked of the root itself must be one of them.
  void check_names(uint32_t index, bool of_root) {
    const Node& node = tree_.nodes[index];
    switch (node.kind) {
      case NodeKind::kField:
        if (of_root) check_root(node.at, node.name);
        return;
      case NodeKind::kThen:
        check_names(node.left, of_root);
        check_names(node.right, of_root && tree_.nodes[node.left].kind == NodeKind::kCurrent);
        return;
      case NodeKind::kProject:
      case NodeKind::kProjectValues:
      case NodeKind::kFilter:
      case NodeKind::kFlatten:
      case NodeKind::kNot: return check_names(node.left, of_root);
      case NodeKind::kOr:
      case NodeKind::kAnd:
      case NodeKind::kCompare:
        check_names(node.left, of_root);
        check_names(node.right, of_root);
        return;
      case NodeKind::kList:
      case NodeKind::kHash:
      case NodeKind::kCall:
        for (const uint32_t child : node.children) check_names(child, of_root);
        return;
      case NodeKind::kCurrent:
      case NodeKind::kRoot:
      case NodeKind::kLiteral:
      case NodeKind::kIndex:
      case NodeKind::kSlice:
      case NodeKind::kReference: return;
    }
  }

  std::vector<Token> tokens_;
  const JmespathOptions& options_;
  size_t next_ = 0;
  uint32_t nesting_ = 0;
  Tree tree_;
  std::optional<JmespathProblem> problem_;
};

}  // namespace

std::variant<Tree, JmespathProblem> parse(std::string_view text, const JmespathOptions& options) {
  if (text.size() > kJmespathBytesMax) {
    return JmespathProblem{Kind::kTooLarge, 0,
                           fmt::format("an expression has at most {} bytes", kJmespathBytesMax),
                           "put what is long into the data"};
  }
  if (!is_utf8(text)) return JmespathProblem{Kind::kSyntax, 0, "an expression is UTF-8", ""};
  Tokens tokens = tokenize(text);
  if (tokens.problem) return std::move(*tokens.problem);
  return Parser(std::move(tokens.list), options).run();
}

}  // namespace stanch::codec::jmespath

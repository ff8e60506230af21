#include "codec/pattern.h"

#include <re2/filtered_re2.h>
#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <numeric>
#include <utility>

#include "codec/fold.h"

// RE2's FilteredRE2 compiles the expression and also knows a formula of literals (and, or)
// that holds for every text that matches. An index wants less: one set of literals of which
// one must occur. All literals of the formula are such a set, since the formula has no
// negation. We make it small: a literal may go if the formula cannot hold with all the
// remaining ones absent. Short literals go first.

namespace stanch::codec {

struct Pattern::Compiled {
  re2::FilteredRE2 filtered{
      static_cast<int>(kRequiredLiteralBytesMin)};  // holds the one expression, number 0
  std::vector<std::string> literals;
  const RE2& expression() const { return filtered.GetRE2(0); }
};

namespace {

constexpr size_t kLiteralsMax = 64;  // of one expression; more are not worth an index

// What RE2 refuses and other engines know, and what to write instead.
struct Refusal {
  std::string_view found;  // in the expression
  std::string_view why, instead;
};
constexpr std::array kRefusals = {
    Refusal{"(?=", "look-ahead is not supported",
            "use a second item on the same field (they are AND-ed with |all)"},
    Refusal{"(?!", "negative look-ahead is not supported",
            "put the excluded text into a filter and write `and not filter`"},
    Refusal{"(?<=", "look-behind is not supported", "match the text before it as well"},
    Refusal{"(?<!", "negative look-behind is not supported",
            "put the excluded text into a filter and write `and not filter`"},
    Refusal{"(?>", "atomic groups are not supported",
            "write (?:…): searching takes linear time anyway"},
    Refusal{"(?<", "named groups are written differently", "write (?:…): names are of no use here"},
    Refusal{"(?#", "comments are not supported", "remove the comment"},
    Refusal{"(?(", "conditional groups are not supported", "write both cases with |"},
    Refusal{"(?R)", "recursion is not supported", "write out the levels you need"},
    Refusal{"(?&", "recursion is not supported", "write out the levels you need"},
    Refusal{"(?P>", "recursion is not supported", "write out the levels you need"},
};

bool is_back_reference(std::string_view argument) {
  return argument.size() == 2 && argument[0] == '\\' &&
         ((argument[1] >= '1' && argument[1] <= '9') || argument[1] == 'k' || argument[1] == 'g');
}

std::string explain(const RE2& expression) {
  const std::string& pattern = expression.pattern();
  const std::string& argument = expression.error_arg();
  const auto with = [&](std::string_view why, std::string_view instead) {
    std::string text(why);
    if (!argument.empty()) text += ": '" + argument + "'";
    return text + "; " + std::string(instead);
  };
  switch (expression.error_code()) {
    case RE2::ErrorBadUTF8: return "the expression is not UTF-8; save the file as UTF-8";
    case RE2::ErrorPatternTooLarge:
      return "the expression compiles to too large a program; lower its repeat counts or split it";
    case RE2::ErrorRepeatSize: return with("a repeat count above 1000", "lower it, or use * or +");
    case RE2::ErrorRepeatArgument: return with("nothing to repeat", "escape it with a backslash");
    case RE2::ErrorRepeatOp:
      return with("possessive or doubled repeats are not supported",
                  "write one *, + or ?: searching takes linear time anyway");
    case RE2::ErrorMissingBracket: return with("a '[' is not closed", "close it, or write \\[");
    case RE2::ErrorMissingParen:
    case RE2::ErrorUnexpectedParen:
    case RE2::ErrorBadPerlOp:
    case RE2::ErrorBadNamedCapture:
      for (const Refusal& refusal : kRefusals) {
        if (pattern.find(refusal.found) != std::string::npos) {
          return std::string(refusal.why) + ": '" + std::string(refusal.found) + "'; " +
                 std::string(refusal.instead);
        }
      }
      return "a '(' or ')' has no partner; close it, or write \\( or \\)";
    case RE2::ErrorBadEscape:
      if (is_back_reference(argument)) {
        return with("back-references are not supported",
                    "use `fieldref` to compare two fields, or write the text twice");
      }
      return with(
          "an escape that is not known here",
          "RE2's syntax has \\d \\w \\s \\b \\A \\z \\x41 \\pL; a literal letter needs none");
    case RE2::ErrorBadCharClass:
    case RE2::ErrorBadCharRange:
      return with("no such character class or range", "write ranges from low to high, e.g. [a-z]");
    case RE2::ErrorTrailingBackslash: return "a backslash at the end; write \\\\ for a literal one";
    case RE2::NoError:
    case RE2::ErrorInternal: break;
  }
  return with(expression.error(), "see https://github.com/google/re2/wiki/Syntax");
}

// All atoms, then as few as suffice. `atoms` are indices into the formula's literals.
std::vector<std::string> find_required_literals(const re2::FilteredRE2& filtered,
                                                const std::vector<std::string>& atoms) {
  if (atoms.empty() || atoms.size() > kLiteralsMax) return {};
  const auto may_match_without = [&](const std::vector<bool>& absent) {
    std::vector<int> present, passed;
    for (size_t i = 0; i < atoms.size(); ++i) {
      if (!absent[i]) present.push_back(static_cast<int>(i));
    }
    filtered.AllPotentials(present, &passed);
    return !passed.empty();
  };
  std::vector<bool> kept(atoms.size(), true);
  if (may_match_without(kept)) return {};  // matches texts without any of them
  std::vector<size_t> order(atoms.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::ranges::stable_sort(order, {}, [&](size_t i) { return atoms[i].size(); });
  for (const size_t i : order) {
    kept[i] = false;
    if (may_match_without(kept)) kept[i] = true;
  }
  std::vector<std::string> literals;
  for (size_t i = 0; i < atoms.size(); ++i) {
    // RE2 lowers case within the orbits of CaseFolding.txt, so folding agrees with it.
    if (kept[i]) literals.push_back(fold_case(atoms[i]));
  }
  std::ranges::sort(literals);
  literals.erase(std::ranges::unique(literals).begin(), literals.end());
  return literals;
}

}  // namespace

Pattern::Pattern(std::unique_ptr<const Compiled> compiled) : compiled_(std::move(compiled)) {}
Pattern::Pattern(Pattern&&) noexcept = default;
Pattern& Pattern::operator=(Pattern&&) noexcept = default;
Pattern::~Pattern() = default;

Result<Pattern> Pattern::compile(std::string_view text, Options options) {
  if (text.size() > kPatternBytesMax) {
    return Error(ErrorCode::kInvalid, "the expression is longer than " +
                                          std::to_string(kPatternBytesMax) + " bytes; split it");
  }
  RE2::Options re2_options;
  re2_options.set_log_errors(false);
  re2_options.set_case_sensitive(!options.ignore_case);
  re2_options.set_dot_nl(options.dot_all);
  re2_options.set_max_mem(static_cast<int64_t>(
      std::max(kPatternMemoryBytesMin, kPatternMemoryBytesPerByte * text.size())));
  // RE2 has no option for it that does not also change the syntax.
  std::string expression = options.multi_line ? "(?m)" : "";
  expression += text;

  // A first look, because FilteredRE2 does not hand out the reason of a refusal.
  auto compiled = std::make_unique<Compiled>();
  int id = -1;
  if (compiled->filtered.Add(expression, re2_options, &id) != RE2::NoError) {
    const RE2 refused(expression, re2_options);
    return Error(ErrorCode::kInvalid, explain(refused));
  }
  std::vector<std::string> atoms;
  compiled->filtered.Compile(&atoms);
  compiled->literals = find_required_literals(compiled->filtered, atoms);
  return Pattern(std::move(compiled));
}

bool Pattern::search(std::string_view text) const {
  const re2::StringPiece piece(text.data(), text.size());
  return compiled_->expression().Match(piece, 0, piece.size(), RE2::UNANCHORED, nullptr, 0);
}

Result<std::string> Pattern::replace_all(std::string_view text, std::string_view by) const {
  const re2::StringPiece rewrite(by.data(), by.size());
  std::string problem;
  if (!compiled_->expression().CheckRewriteString(rewrite, &problem)) {
    return Error(ErrorCode::kInvalid, problem);
  }
  std::string out(text);
  RE2::GlobalReplace(&out, compiled_->expression(), rewrite);
  return out;
}

std::span<const std::string> Pattern::required_literals() const { return compiled_->literals; }

}  // namespace stanch::codec

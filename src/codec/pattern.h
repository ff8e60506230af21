#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace stanch::codec {

// A compiled regular expression, in RE2's syntax: matching takes time linear in the text,
// whoever wrote either. Immutable; search() may be called from any thread. Memory: 1 MiB
// at most, up to 8 MiB for the longest expressions; most of it only when searches need it.
class Pattern {
 public:
  struct Options {
    bool ignore_case = false;  // Unicode, simple folding
    bool multi_line = false;   // ^ and $ also at line ends
    bool dot_all = false;      // . also matches a newline
  };

  // kInvalid if RE2 refuses it; the message says what is wrong, then what to write instead.
  static Result<Pattern> compile(std::string_view text, Options options);

  Pattern(Pattern&&) noexcept;
  Pattern& operator=(Pattern&&) noexcept;
  ~Pattern();

  // True if the expression matches anywhere in `text`, which must be UTF-8.
  bool search(std::string_view text) const;

  // `text` with all that it matches replaced by `by`, in which \0 to \9 stand for the match and
  // its groups, and \\ for a backslash. kInvalid if `by` names a group that is not there.
  Result<std::string> replace_all(std::string_view text, std::string_view by) const;

  // Texts of which at least one occurs in fold_case(t) for every t that search() accepts;
  // folded themselves, sorted. Empty if nothing so useful is known: then every text must be
  // searched.
  std::span<const std::string> required_literals() const;

 private:
  struct Compiled;
  explicit Pattern(std::unique_ptr<const Compiled> compiled);
  std::unique_ptr<const Compiled> compiled_;
};

inline constexpr size_t kPatternBytesMax = 65'536;  // of the expression's text
// Of program and caches: so much for ordinary expressions, more for long ones.
inline constexpr size_t kPatternMemoryBytesMin = size_t{1} << 20;
inline constexpr size_t kPatternMemoryBytesPerByte = 128;  // of the expression's text
inline constexpr size_t kRequiredLiteralBytesMin = 3;      // shorter ones say too little

}  // namespace stanch::codec

#include "detect/sigma/reporter.h"

#include <algorithm>
#include <utility>

namespace stanch::detect::sigma {

void Reporter::report(Code code, At at, std::string message, std::string hint) {
  Diagnostic diagnostic;
  diagnostic.code = &row(code);
  diagnostic.place = {path_, at.line, at.column};
  diagnostic.message = std::move(message);
  if (at.line != 0) diagnostic.snippet = line_of(text_, at.line);
  diagnostic.hint = std::move(hint);
  if (diagnostic.code->severity == Severity::kError) ++errors_;
  diagnostics_.push_back(std::move(diagnostic));
}

At Reporter::inside(const codec::YamlNode& scalar, size_t offset) const {
  At at = to_at(scalar.mark);
  std::string_view rest = text_;
  for (uint32_t line = 1; line < at.line; ++line) {
    rest.remove_prefix(std::min(rest.size(), rest.find('\n') + 1));
  }
  const size_t quote = scalar.plain ? 0 : 1;
  const size_t begin = at.column - 1 + quote;
  if (begin <= rest.size() && rest.substr(begin).starts_with(scalar.text.substr(0, offset))) {
    at.column += static_cast<uint32_t>(quote + offset);
  }
  return at;
}

}  // namespace stanch::detect::sigma

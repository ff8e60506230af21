#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// What is said about text that people write (rules, context, configuration):
// all problems of all files at once, each with a code, a place, the line
// itself and a hint. Codes live in one table (docs/formats/codes.md).

namespace stanch {

enum class Severity : uint8_t { kError, kWarning, kNote };

// One row of the program's table of diagnostics; each module that reads text
// of people has one constant table of these.
struct DiagnosticCode {
  std::string_view id;    // "SIG012": stable, searchable, never reused
  std::string_view name;  // "unknown-modifier"
  Severity severity;
  std::string_view summary;  // one sentence for the documentation
};

struct Place {
  std::string file;
  uint32_t line = 0;    // 1-based; 0: the whole file
  uint32_t column = 0;  // 1-based, in bytes; 0: the whole line
};

struct Diagnostic {
  const DiagnosticCode* code = nullptr;  // never null, points into a constant table
  Place place;
  std::string message;  // what is wrong here, with the offending text
  std::string snippet;  // the line of the file, without its newline; may be empty
  std::string hint;     // what to write instead; may be empty
};

using Diagnostics = std::vector<Diagnostic>;

std::string_view name_of(Severity severity);
bool has_errors(std::span<const Diagnostic> diagnostics);

// The line with 1-based number `line` of `text`, cut to 200 bytes.
std::string line_of(std::string_view text, uint32_t line);

// "file:3:7: error SIG012 unknown-modifier: …", the line with a caret below,
// and the hint. Control characters of the snippet are shown as '?'. Ends with
// a newline.
std::string to_text(const Diagnostic& diagnostic);

}  // namespace stanch

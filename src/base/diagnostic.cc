#include "base/diagnostic.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/check.h"

namespace stanch {

namespace {

constexpr size_t kSnippetBytesMax = 200;

std::string printable(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) c = c == '\t' ? ' ' : '?';
  }
  return out;
}

}  // namespace

std::string_view name_of(Severity severity) {
  switch (severity) {
    case Severity::kError: return "error";
    case Severity::kWarning: return "warning";
    case Severity::kNote: return "note";
  }
  CHECK(false);
}

bool has_errors(std::span<const Diagnostic> diagnostics) {
  return std::ranges::any_of(
      diagnostics, [](const Diagnostic& d) { return d.code->severity == Severity::kError; });
}

std::string line_of(std::string_view text, uint32_t line) {
  for (; line > 1; --line) {
    const size_t newline = text.find('\n');
    if (newline == std::string_view::npos) return "";
    text.remove_prefix(newline + 1);
  }
  text = text.substr(0, std::min(text.find_first_of("\r\n"), kSnippetBytesMax));
  return std::string(text);
}

std::string to_text(const Diagnostic& diagnostic) {
  const Place& place = diagnostic.place;
  std::string out = printable(place.file);
  if (place.line != 0) out += fmt::format(":{}", place.line);
  if (place.line != 0 && place.column != 0) out += fmt::format(":{}", place.column);
  out += fmt::format(": {} {} {}: {}\n", name_of(diagnostic.code->severity), diagnostic.code->id,
                     diagnostic.code->name, printable(diagnostic.message));
  if (!diagnostic.snippet.empty()) {
    out += fmt::format("  {:>4} | {}\n", place.line, printable(diagnostic.snippet));
    if (place.column != 0 && place.column <= diagnostic.snippet.size() + 1) {
      out += fmt::format("       | {:>{}}\n", '^', place.column);
    }
  }
  if (!diagnostic.hint.empty()) out += fmt::format("       = {}\n", printable(diagnostic.hint));
  return out;
}

}  // namespace stanch

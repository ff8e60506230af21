#include "cli/diagnostics.h"

#include <fmt/format.h>

#include <map>
#include <string_view>

#include "pipeline/output/text.h"

namespace stanch::cli {

namespace {

using pipeline::output::counted;

struct Counts {
  size_t errors = 0, warnings = 0, notes = 0;
};

Counts count(const Diagnostics& diagnostics) {
  Counts counts;
  for (const Diagnostic& diagnostic : diagnostics) {
    switch (diagnostic.code->severity) {
      case Severity::kError: ++counts.errors; break;
      case Severity::kWarning: ++counts.warnings; break;
      case Severity::kNote: ++counts.notes; break;
    }
  }
  return counts;
}

void append_diagnostic(const Diagnostic& diagnostic, codec::JsonWriter& json) {
  json.begin_object()
      .field("code", diagnostic.code->id)
      .field("name", diagnostic.code->name)
      .field("severity", stanch::name_of(diagnostic.code->severity))
      .field("file", diagnostic.place.file)
      .field("line", int64_t{diagnostic.place.line})
      .field("column", int64_t{diagnostic.place.column})
      .field("message", diagnostic.message)
      .field("snippet", diagnostic.snippet)
      .field("hint", diagnostic.hint)
      .end_object();
}

}  // namespace

std::string diagnostics_text(const Diagnostics& diagnostics, bool all_places) {
  std::string text;
  std::map<std::string_view, size_t> empty;  // message -> rules: it is said once a rule
  for (const Severity severity : {Severity::kError, Severity::kWarning, Severity::kNote}) {
    for (const Diagnostic& diagnostic : diagnostics) {
      if (diagnostic.code->severity != severity) continue;
      if (!all_places && diagnostic.code->name == "empty-placeholder") {
        ++empty[diagnostic.message];
      } else {
        text += to_text(diagnostic);
      }
    }
  }
  for (const auto& [message, places] : empty) {
    text += fmt::format("note: {} (used in {})\n", message, counted(places, "rule"));
  }
  if (!empty.empty()) {
    text +=
        "      = fill them in content/context.yaml or content/placeholders.yaml; "
        "'stanch rules lint -v' names the places\n";
  }
  return text;
}

std::string counts_text(const Diagnostics& diagnostics) {
  const Counts counts = count(diagnostics);
  return fmt::format("{}, {}, {}", counted(counts.errors, "error"),
                     counted(counts.warnings, "warning"), counted(counts.notes, "note"));
}

void append_diagnostics(const Diagnostics& diagnostics, codec::JsonWriter& json) {
  const Counts counts = count(diagnostics);
  json.field("errors", uint64_t{counts.errors})
      .field("warnings", uint64_t{counts.warnings})
      .field("notes", uint64_t{counts.notes});
  json.key("diagnostics").begin_array();
  for (const Diagnostic& diagnostic : diagnostics) append_diagnostic(diagnostic, json);
  json.end_array();
}

}  // namespace stanch::cli

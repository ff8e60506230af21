#include "cli/triage_tables.h"

#include "cli/diagnostics.h"

namespace stanch::cli {

Result<host::TriageTables> load_triage_loudly(Context& context) {
  TRY(host::TriageTables tables,
      host::load_triage_tables(context.env(), context.settings().text("content")));
  if (!tables.diagnostics.empty()) context.note(diagnostics_text(tables.diagnostics, true));
  if (has_errors(tables.diagnostics)) {
    return Error(ErrorCode::kInvalid, "the tables of triage have errors");
  }
  return tables;
}

}  // namespace stanch::cli

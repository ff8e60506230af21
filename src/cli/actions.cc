#include "cli/actions.h"

#include <fmt/format.h>

#include "cli/diagnostics.h"
#include "pipeline/output/text.h"

namespace stanch::cli {

Result<host::LoadedActions> load_actions_loudly(Context& context) {
  TRY(host::LoadedActions loaded,
      host::load_actions(context.env(), {.content = context.settings().text("content")}));
  if (context.verbosity() > 0) context.note(diagnostics_text(loaded.diagnostics, true));
  if (const size_t refused = loaded.texts.size() - loaded.actions.size(); refused > 0) {
    context.note(fmt::format("note: {} of {} refused; 'stanch actions lint' says why\n", refused,
                             pipeline::output::counted(loaded.texts.size(), "action")));
  }
  return loaded;
}

std::string within_text(Duration duration) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(duration).count();
  return seconds % 60 == 0 && seconds > 60 ? fmt::format("{}m", seconds / 60)
                                           : fmt::format("{}s", seconds);
}

}  // namespace stanch::cli

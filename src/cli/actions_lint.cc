#include <fmt/format.h>

#include <algorithm>

#include "cli/actions.h"
#include "cli/commands.h"
#include "cli/diagnostics.h"
#include "codec/json_writer.h"
#include "pipeline/output/text.h"

namespace stanch::cli {

namespace {

using pipeline::output::counted;

// Exactly one sentence for people after all problems.
std::string closing_line(const host::LoadedActions& loaded) {
  const size_t all = loaded.texts.size(), good = loaded.actions.size();
  std::string line = fmt::format("{}: {} loaded", counted(all, "action"), good);
  if (all > good) line += fmt::format(", {} refused", all - good);
  return line + fmt::format("; {}\n", counts_text(loaded.diagnostics));
}

std::string json_of(const host::LoadedActions& loaded) {
  std::string out;
  codec::JsonWriter json(out);
  json.begin_object().field("schema", "stanch.actions-lint/1");
  append_diagnostics(loaded.diagnostics, json);
  json.key("actions").begin_array();
  for (const respond::ActionText& text : loaded.texts) {
    const auto found = std::ranges::find_if(
        loaded.actions, [&](const auto& each) { return each.second.place.file == text.path; });
    const bool is_loaded = found != loaded.actions.end();
    json.begin_object().field("path", text.path).field("loaded", is_loaded);
    if (is_loaded) json.field("name", found->first).field("version", found->second.version);
    json.end_object();
  }
  json.end_array().end_object();
  pipeline::output::escape_hidden(out, 0);
  return out + "\n";
}

}  // namespace

int run_actions_lint(Context& context) {
  const auto paths = context.arguments("PATH");
  const auto loaded =
      host::load_actions(context.env(), {.builtin = paths.empty(),
                                         .content = context.settings().text("content"),
                                         .paths = {paths.begin(), paths.end()}});
  if (!loaded) return context.fail(loaded.error(), kExitUsage);
  const int code = has_errors(loaded->diagnostics) ? kExitFindings : kExitOk;
  if (context.settings().flag("json")) return context.print(json_of(*loaded), code);
  return context.print(diagnostics_text(loaded->diagnostics, true) + closing_line(*loaded), code);
}

}  // namespace stanch::cli

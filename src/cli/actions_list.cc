#include <fmt/format.h>

#include <algorithm>

#include "cli/actions.h"
#include "cli/commands.h"
#include "codec/json_writer.h"
#include "pipeline/output/text.h"

namespace stanch::cli {

namespace {

namespace output = pipeline::output;
using respond::Action;

// Those that were asked for, in the order in which an incident goes through the phases.
std::vector<const Action*> chosen(const respond::Actions& actions, const Settings& settings) {
  const std::string target = settings.text("action-target"), phase = settings.text("action-phase");
  std::vector<const Action*> chosen;
  for (const auto& [name, action] : actions) {
    if (!target.empty() && !is_for(action, target)) continue;
    if (!phase.empty() && name_of(action.phase) != phase) continue;
    chosen.push_back(&action);
  }
  std::ranges::stable_sort(chosen, {}, &Action::phase);
  return chosen;
}

// One line an action; where that is too narrow for titles, each has its own below, and so have long
// targets.
std::string text_of(const std::vector<const Action*>& actions, const output::Style& style) {
  constexpr size_t kPhaseColumns = 9, kClassColumns = 12, kTitleColumnsMin = 40;
  size_t name_columns = 0, target_columns = 0;
  for (const Action* action : actions) {
    name_columns = std::max(name_columns, action->name.size());
    target_columns = std::max(target_columns, action->target.size());
  }
  const size_t before_target = name_columns + kPhaseColumns + kClassColumns + 4;
  const size_t before_title = before_target + target_columns + 2;
  const bool is_wide = style.columns >= before_title + kTitleColumnsMin;
  std::string text;
  for (const Action* action : actions) {
    text += fmt::format("{:<{}}  {:<{}} {:<{}}", action->name, name_columns, name_of(action->phase),
                        kPhaseColumns, name_of(action->risk), kClassColumns);
    if (is_wide) {
      text += fmt::format(" {:<{}}{}\n", action->target, target_columns + 2,
                          output::fit(action->title, style.columns - before_title, style));
      continue;
    }
    const bool has_room = before_target + action->target.size() <= style.columns;
    while (!has_room && text.ends_with(' ')) text.pop_back();
    text += fmt::format("{}{}\n  {}\n", has_room ? " " : "\n  ", action->target,
                        output::fit(action->title, style.columns - 2, style));
  }
  return text +
         fmt::format("{}{}\n", text.empty() ? "" : "\n", output::counted(actions.size(), "action"));
}

std::string json_of(const std::vector<const Action*>& actions, const std::string& content_version) {
  std::string out;
  codec::JsonWriter json(out);
  json.begin_object().field("schema", "stanch.actions/1").field("content_version", content_version);
  json.key("actions").begin_array();
  for (const Action* action : actions) {
    json.begin_object()
        .field("name", action->name)
        .field("version", action->version)
        .field("title", action->title)
        .field("phase", name_of(action->phase))
        .field("class", name_of(action->risk))
        .field("target", action->target)
        .field("path", action->place.file);
    append_texts("techniques", action->techniques, json);
    append_texts("evidence", action->evidence, json);
    json.field("undo", action->undo.has_value()).end_object();
  }
  json.end_array().end_object();
  output::escape_hidden(out, 0);
  return out + "\n";
}

}  // namespace

int run_actions_list(Context& context) {
  const auto loaded = load_actions_loudly(context);
  if (!loaded) return context.fail(loaded.error(), kExitUsage);
  const auto actions = chosen(loaded->actions, context.settings());
  return context.print(context.settings().flag("json") ? json_of(actions, loaded->content_version)
                                                       : text_of(actions, context.style()));
}

}  // namespace stanch::cli

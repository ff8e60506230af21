#include "host/action_set.h"

#include <fmt/format.h>

#include <algorithm>

#include "pipeline/content.h"
#include "respond/action/lint.h"

namespace stanch::host {

Result<LoadedActions> load_actions(env::Env& env, const ActionSources& sources) {
  LoadedActions loaded;
  TRY(model::Content content, pipeline::load_content(env.files, sources.content));
  loaded.content_version = content.version();
  respond::Actions beside;  // that those of one's own may name
  if (!sources.builtin) {
    Diagnostics elsewhere;
    TRY(const auto texts, pipeline::action_texts(env.files, content, {}));
    beside = respond::read_actions(texts, elsewhere);
    content.files.clear();
  }
  TRY(loaded.texts, pipeline::action_texts(env.files, content, sources.paths));
  for (const std::string& path : sources.paths) {
    const bool found = std::ranges::any_of(
        loaded.texts, [&](const respond::ActionText& text) { return text.path.starts_with(path); });
    if (!found) {
      return Error(ErrorCode::kNotFound,
                   fmt::format("there is no action (*.yml, *.yaml) in {}", path));
    }
  }
  loaded.actions = respond::read_actions(loaded.texts, loaded.diagnostics);
  respond::check_names(loaded.actions, loaded.texts, beside, loaded.diagnostics);
  return loaded;
}

}  // namespace stanch::host

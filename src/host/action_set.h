#pragma once

#include <string>
#include <vector>

#include "base/diagnostic.h"
#include "base/result.h"
#include "env/env.h"
#include "respond/action/action.h"

// Content and files of actions -> what can be done.

namespace stanch::host {

struct ActionSources {
  bool builtin = true;                  // the actions of the content
  std::string content = {};             // overlay folder; "" for none
  std::vector<std::string> paths = {};  // further files and folders of actions
};

struct LoadedActions {
  std::string content_version;
  std::vector<respond::ActionText> texts;
  respond::Actions actions;  // those without a mistake
  Diagnostics diagnostics;   // the mistakes of the others
};

// Fails if a file cannot be read, or nothing was found at a path that was named.
Result<LoadedActions> load_actions(env::Env& env, const ActionSources& sources);

}  // namespace stanch::host

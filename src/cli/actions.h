#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "cli/context.h"
#include "host/action_set.h"

// What the commands that work with actions share.

namespace stanch::cli {

// The actions of the content in force. Says on standard error how many are refused; with -v why.
Result<host::LoadedActions> load_actions_loudly(Context& context);

// As it stands in its file: "60s", "5m".
std::string within_text(Duration duration);

}  // namespace stanch::cli

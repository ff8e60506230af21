#pragma once

#include <string>
#include <vector>

#include "respond/action/action.h"

namespace stanch::respond {

// What whoever runs an action must be allowed, derived from its calls: sorted, each once.
struct Permissions {
  std::vector<std::string> read, write;  // to look; to change, and to undo that
  std::vector<std::string> unknown;      // operations of services where nobody has looked it up
};

Permissions permissions_of(const Action& action);

}  // namespace stanch::respond

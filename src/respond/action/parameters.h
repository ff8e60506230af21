#pragma once

#include <map>
#include <set>
#include <string>

#include "base/diagnostic.h"
#include "respond/action/action.h"

// What an organisation says of the parameters of its actions: content/parameters.yaml
// (docs/formats/actions.md).

namespace stanch::respond {

// By name; those that are left empty are not said. `asked` beside those of actions. All that is
// wrong is said at once.
std::map<std::string, std::string> read_parameters(const std::string& path, const std::string& text,
                                                   const Actions& actions,
                                                   const std::set<std::string>& asked,
                                                   Diagnostics& diagnostics);

}  // namespace stanch::respond

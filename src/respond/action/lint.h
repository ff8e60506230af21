#pragma once

#include <functional>
#include <string>

#include "codec/yaml.h"
#include "respond/action/action.h"
#include "respond/action/codes.h"

namespace stanch::respond {

using ReportAction = std::function<void(ActionCode code, codec::YamlMark mark, std::string message,
                                        std::string hint)>;

// What no single member shows: calls against the table of operations, writes that nothing guards,
// and the way back. `root` is the action's file.
void lint(const codec::YamlNode& root, const ReportAction& report);

}  // namespace stanch::respond

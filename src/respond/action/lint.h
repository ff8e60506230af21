#pragma once

#include <functional>
#include <span>
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

// What no single file shows: that `evidence`, `prepared_by` and `holds_up` of `actions` name
// actions that are there, among them or `beside` them. Who names another stays loaded: that may
// have been refused for a mistake of its own. `texts` has their files.
void check_names(const Actions& actions, std::span<const ActionText> texts, const Actions& beside,
                 Diagnostics& diagnostics);

}  // namespace stanch::respond

#pragma once

#include <span>
#include <string>

#include "detect/detect.h"
#include "detect/sigma/reporter.h"
#include "detect/sigma/rule.h"

namespace stanch::detect::sigma {

// Why no event that Stanch reads can ever satisfy `rule`: no log fits its log source, or its
// condition is false whatever an event of those logs holds. Empty: it may match. Without
// `logs` nothing is known, and nothing said. Fields that no fitting log has are reported as
// warnings, also where the rule may still match.
std::string find_why_unbindable(const Rule& rule, std::span<const LogSchema> logs,
                                Reporter& reporter);

}  // namespace stanch::detect::sigma

#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "detect/detect.h"
#include "detect/sigma/reporter.h"
#include "detect/sigma/rule.h"

namespace stanch::detect::sigma {

struct Unbindable {
  std::string why;  // empty: the rule may match
  std::string hint;
  At at;                               // the item at fault; line 0: no single one
  std::string_view key = "detection";  // of the rule, to be shown then
  bool needs_data_events = false;      // may match, but only them (LogSchema::data_events)
};

// Why no event that Stanch reads can ever satisfy `rule`: no log fits its log source, or its
// condition is false whatever an event of those logs holds. Without
// `logs` nothing is known, and nothing said. Fields that no fitting log has are reported as
// warnings, those that only F2's second step finds as notes, also where the rule may match.
Unbindable find_why_unbindable(const Rule& rule, std::span<const LogSchema> logs,
                               Reporter& reporter);

struct UnknownField {
  std::string message, hint;
};

// What is said of a field that no event of a log that suits `source` can have, under none of the
// names that it goes by. Nothing if one may, or no log suits.
std::optional<UnknownField> find_unknown_field(const LogSource& source,
                                               std::span<const std::string> names,
                                               std::span<const LogSchema> logs);

}  // namespace stanch::detect::sigma

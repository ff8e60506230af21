#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/id.h"

namespace stanch::model {

struct RuleIdTag;
using RuleId = Id<RuleIdTag>;

// Sigma's levels, in rising order.
enum class Level : uint8_t { kInformational, kLow, kMedium, kHigh, kCritical };
std::string_view name_of(Level level);

// What a finding says about the rule behind it. One per loaded rule, shared by
// all its findings, alive as long as the rule set.
struct RuleInfo {
  RuleId id;  // the rule's `id`; without one, its file path
  std::string title;
  std::string description;
  std::string path;     // where it was loaded from
  std::string version;  // SHA-256 of its bytes, hex
  Level level = Level::kMedium;
  std::string status;
  std::vector<std::string> tags;  // as written, e.g. "attack.t1078.004"
  std::vector<std::string> falsepositives;
  std::vector<std::string> references;
};

}  // namespace stanch::model

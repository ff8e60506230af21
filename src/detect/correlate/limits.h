#pragma once

#include <cstddef>

namespace stanch::detect::correlate {

inline constexpr size_t kNamedOfRuleMax = 20;        // events of one rule that a firing names
inline constexpr size_t kNamedMax = 200;             // events that a firing names in all
inline constexpr size_t kGroupEntriesMax = 250'000;  // that count in the window of one group

}  // namespace stanch::detect::correlate

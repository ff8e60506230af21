#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

// What forbids a step, or asks for people: one file a guard.

namespace stanch::respond {

enum class GuardAsks : uint8_t { kNothing, kOne, kTwo };  // approvals that would do; none: never

struct GuardStop {
  std::string guard;
  GuardAsks asks = GuardAsks::kNothing;
  std::vector<std::string> because;  // in sentences
};

std::string_view name_of(GuardAsks asks);  // "nothing", "one", "two"

}  // namespace stanch::respond

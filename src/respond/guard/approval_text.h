#pragma once

#include <string>
#include <string_view>
#include <vector>

// What a person signs: `ssh-keygen -Y sign -n stanch-approval`.

namespace stanch::respond {

inline constexpr std::string_view kApprovalNamespace = "stanch-approval";

// "stanch.approval/1", the hash of the plan, the ids of the steps, a line each. Steps in any order.
std::string approval_text(std::string_view plan_hash, std::vector<std::string> steps);

}  // namespace stanch::respond

#pragma once

#include <string>
#include <string_view>
#include <vector>

// What a person signs: `ssh-keygen -Y sign -n stanch-approval`.

namespace stanch::respond {

inline constexpr std::string_view kApprovalNamespace = "stanch-approval";

// "stanch.approval/1", the hash of the plan, the last refusal of it (PlanState::last_refusal), and
// the ids of the steps in any order; a line each. So no signature counts that is older than a no.
std::string approval_text(std::string_view plan_hash, std::string_view last_refusal,
                          std::vector<std::string> steps);

}  // namespace stanch::respond

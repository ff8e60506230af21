#include "respond/guard/approval_text.h"

#include <algorithm>

namespace stanch::respond {

std::string approval_text(std::string_view plan_hash, std::string_view last_refusal,
                          std::vector<std::string> steps) {
  std::ranges::sort(steps);
  std::string text = "stanch.approval/1\nplan " + std::string(plan_hash) + "\n";
  if (!last_refusal.empty()) text += "after " + std::string(last_refusal) + "\n";
  for (const std::string& step : steps) text += "step " + step + "\n";
  return text;
}

}  // namespace stanch::respond

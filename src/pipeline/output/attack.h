#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

// MITRE ATT&CK in a rule's tags: "attack.t1078.004" is a technique, "attack.initial-access"
// (or with '_') a tactic; other namespaces, groups (g0016) and software (s0002) are not.

namespace stanch::pipeline::output {

struct Attack {
  std::vector<std::string> tactics;     // "initial-access", in the order of the tags
  std::vector<std::string> techniques;  // "T1078.004"
};

Attack attack_of(std::span<const std::string> tags);

struct Tactic {
  std::string_view name;     // "initial-access"
  std::string_view id;       // "TA0001"; empty where the number is not settled between versions
  std::string_view caption;  // "Initial Access"
};
// In the order of the ATT&CK matrix.
std::span<const Tactic> tactics();
const Tactic* find_tactic(std::string_view name);

}  // namespace stanch::pipeline::output

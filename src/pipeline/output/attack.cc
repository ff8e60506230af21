#include "pipeline/output/attack.h"

#include <algorithm>

namespace stanch::pipeline::output {

namespace {

// ATT&CK 18 knows Defense Evasion; version 19 splits it into Stealth and Defense Impairment.
// Rules with either vocabulary are met in the field.
constexpr Tactic kTactics[] = {
    {"reconnaissance", "TA0043", "Reconnaissance"},
    {"resource-development", "TA0042", "Resource Development"},
    {"initial-access", "TA0001", "Initial Access"},
    {"execution", "TA0002", "Execution"},
    {"persistence", "TA0003", "Persistence"},
    {"privilege-escalation", "TA0004", "Privilege Escalation"},
    {"defense-evasion", "TA0005", "Defense Evasion"},
    {"stealth", "", "Stealth"},
    {"defense-impairment", "", "Defense Impairment"},
    {"credential-access", "TA0006", "Credential Access"},
    {"discovery", "TA0007", "Discovery"},
    {"lateral-movement", "TA0008", "Lateral Movement"},
    {"collection", "TA0009", "Collection"},
    {"command-and-control", "TA0011", "Command and Control"},
    {"exfiltration", "TA0010", "Exfiltration"},
    {"impact", "TA0040", "Impact"},
};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// t1078 or t1078.004
bool is_technique(std::string_view name) {
  if (name.size() != 5 && name.size() != 9) return false;
  if (name[0] != 't' || !std::ranges::all_of(name.substr(1, 4), is_digit)) return false;
  return name.size() == 5 || (name[5] == '.' && std::ranges::all_of(name.substr(6), is_digit));
}

void add(std::vector<std::string>& to, std::string value) {
  if (std::ranges::find(to, value) == to.end()) to.push_back(std::move(value));
}

}  // namespace

std::span<const Tactic> tactics() { return kTactics; }

const Tactic* find_tactic(std::string_view name) {
  const auto found = std::ranges::find(kTactics, name, &Tactic::name);
  return found == std::end(kTactics) ? nullptr : &*found;
}

Attack attack_of(std::span<const std::string> tags) {
  constexpr std::string_view kNamespace = "attack.";
  Attack attack;
  for (const std::string& tag : tags) {
    std::string name;
    for (const char c : tag) {
      name += c == '_' ? '-' : static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    }
    if (!name.starts_with(kNamespace)) continue;
    name.erase(0, kNamespace.size());
    if (is_technique(name)) {
      name[0] = 'T';
      add(attack.techniques, std::move(name));
    } else if (find_tactic(name) != nullptr) {
      add(attack.tactics, std::move(name));
    }
  }
  return attack;
}

}  // namespace stanch::pipeline::output

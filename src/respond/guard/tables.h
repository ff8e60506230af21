#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "base/time.h"
#include "respond/action/action.h"

// content/guards.yaml and content/approvers: what the organisation decided
// (docs/formats/guards.md).

namespace stanch::respond {

struct Freeze {
  Time from{}, until{};
  std::string reason;
};

struct Approver {
  std::string person;         // "alice@example.org"
  std::string key_type, key;  // as a line of allowed_signers has them
};

struct GuardTables {
  std::map<RiskClass, int> approvals = {
      {RiskClass::kReversible, 1}, {RiskClass::kDisruptive, 1}, {RiskClass::kIrreversible, 2}};
  std::vector<std::string> protected_entities, protected_accounts;  // patterns; ids
  uint64_t budget_of_incident = 25, budget_of_hour = 100;           // steps that write
  std::vector<Freeze> freezes;
  Duration soak = std::chrono::hours(1);  // from the approval of what cannot be taken back
  std::vector<Approver> approvers;        // people whose signatures count
};

// Adds what a file says; mistakes, all at once, to `diagnostics`. What is right counts even so.
void read_guards(const std::string& path, const std::string& text, GuardTables& tables,
                 Diagnostics& diagnostics);
// Lines of OpenSSH's allowed_signers: people, key type, key. Options are refused, so that nobody
// believes that they hold.
void read_approvers(const std::string& path, const std::string& text, GuardTables& tables,
                    Diagnostics& diagnostics);

// SHA-256, in hex, of all that they say, in whatever files and order it was said.
std::string guards_hash(const GuardTables& tables);

// `*` is any run of characters.
bool fits_pattern(std::string_view pattern, std::string_view text);

}  // namespace stanch::respond

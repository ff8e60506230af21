#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/diagnostic.h"
#include "base/time.h"
#include "model/incident.h"
#include "triage/assets.h"
#include "triage/finding.h"

// How bad an incident is: a matrix in data (content/severity.yaml, docs/formats/severity.md),
// applied to what its findings show.

namespace stanch::triage {

// What is counted of an incident's findings. Adding in any order gives the same; nothing that is
// added makes it less severe, but for `outside_production`, which one finding ends.
class Evidence {
 public:
  void add(const Finding& finding, const Assets& assets);

  model::Level level = model::Level::kInformational;  // highest
  std::optional<model::Level> succeeded_level;        // highest of those whose call succeeded
  std::optional<Criticality> criticality;             // highest of what is touched
  std::string data;                                   // the most secret
  bool privileged = false;      // root, an administrator, or one that gained rights
  bool production = false;      // something touched is production, or reaches it, or nobody knows
  bool unknown_assets = false;  // something touched is not in the inventory
  // Calls, each once however many rules see it.
  uint64_t destroyed = 0;  // successful writes of tactic impact
  uint64_t taken = 0;      // successful calls of tactics collection and exfiltration
  uint64_t denied = 0;
  std::set<std::string> rules;  // of level medium or above that succeeded
  std::set<std::string> tactics, techniques, principals;

 private:
  std::set<std::string> counted_;  // what the three numbers count, and the event
};

struct Deadlines {
  Duration acknowledge{}, contain{}, update{};
};

struct SeverityDecision {
  model::Severity severity = model::Severity::kS4;
  std::vector<std::string> because;
};

// One condition of the matrix, `name: value` of the file.
struct SeverityCondition {
  uint8_t kind = 0;  // row of the table in severity.cc
  uint64_t value = 0;
};

class SeverityMatrix {
 public:
  // From severity.yaml. With errors in `diagnostics` it must not be used.
  static SeverityMatrix read(const std::string& path, const std::string& text,
                             Diagnostics& diagnostics);

  SeverityDecision assess(const Evidence& evidence) const;
  const Deadlines& deadlines(model::Severity severity) const;
  const std::string& meaning(model::Severity severity) const;

  struct Rule {
    model::Severity severity = model::Severity::kS4;
    std::optional<model::Severity> from;  // of those that lower
    std::string because;
    std::vector<SeverityCondition> when;
  };

 private:
  std::vector<Rule> rules_, lower_;
  std::array<Deadlines, 4> deadlines_;
  std::array<std::string, 4> meanings_;
};

}  // namespace stanch::triage

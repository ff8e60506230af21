#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "detect/detect.h"
#include "env/env.h"
#include "normalize/normalize.h"

// Rules against the events that lie beside them: <rule>.events.ndjson, one object a
// line:
//   {"expect": true, "why": "…", "event": {…}, "context": {"own_accounts": ["…"]}}
//   {"expect": true, "why": "…", "events": [{…}, …]}          for correlations: in any order
// `why` says what the event shows; `context` gives placeholders other values for this event.

namespace stanch::host {

struct RuleTestFailure {
  uint32_t line = 0;       // of the events file; 0: the rule itself
  std::string message;     // "should match and does not: a policy for everybody"
  bool one_event = false;  // `stanch rules explain` can say more about it
};

struct RuleTest {
  std::string path;          // of the rule
  std::string events_path;   // empty if there is no such file
  uint32_t matches = 0;      // events that should match
  uint32_t near_misses = 0;  // events that should not
  std::vector<RuleTestFailure> failures;
};

struct RuleTestOptions {
  bool strict = false;
  std::shared_ptr<const normalize::OwnSources> sources = nullptr;  // of the content; may be null
  std::span<const detect::FieldMap> maps = {};                     // of the content
};
inline constexpr uint32_t kMatchesWanted = 2;  // of each rule, with strict
inline constexpr uint32_t kNearMissesWanted = 2;

// One test a rule file, in the order of the paths. Fails if something cannot be read.
Result<std::vector<RuleTest>> run_rule_tests(env::Env& env, std::span<const std::string> paths,
                                             const detect::Placeholders& placeholders,
                                             const RuleTestOptions& options);

}  // namespace stanch::host

#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "codec/json.h"
#include "detect/detect.h"

// Engine and naive evaluator side by side.

namespace stanch::differential {

struct Event {
  std::string json;
  detect::EventSource source;
};

struct Verdict {
  std::vector<bool> matches;  // one a rule
  uint32_t gated = 0;
};

// Loads `rules` into one set; throws std::runtime_error with the diagnostics if one is refused.
std::shared_ptr<const detect::RuleSet> load(const std::vector<std::string>& rules);

// With the parser goes what it remembers of other events.
Verdict engine_verdict(codec::JsonParser& parser, detect::Matcher& matcher,
                       const detect::RuleSet& rules, const Event& event);
Verdict naive_verdict(const detect::RuleSet& rules, const Event& event);

// How often the evaluators said yes and no since the program began: a test that hardly ever
// matches would prove little.
struct Tally {
  size_t yes = 0, no = 0;
};
Tally& tally();

// Where the two differ on one of `events`, as a text with rule, event and verdicts: all rules
// in one set with one parser and one Matcher for all events, there and back again and again:
// a shape is remembered when it is met for the second time. Nothing if they agree.
std::optional<std::string> difference(const std::vector<std::string>& rules,
                                      const std::vector<Event>& events);

// The same with each rule in a set of its own, a fresh Matcher each, and explain().
std::optional<std::string> difference_alone(const std::vector<std::string>& rules,
                                            const std::vector<Event>& events);

}  // namespace stanch::differential

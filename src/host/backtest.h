#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "env/env.h"
#include "host/rule_set.h"
#include "pipeline/scan.h"

// What rules would have found in logs, and how two rule sets differ on them.

namespace stanch::host {

// An event as far as it is shown.
struct EventExample {
  std::string time, actor, action, source, target;
  std::string event_id;
  std::string file;
  uint64_t record = 0;  // of the file, from 1
};

struct BacktestOptions {
  std::vector<std::string> on;
  unsigned jobs = 0;
  std::string spool_folder;                                 // as pipeline::ScanOptions has it
  size_t examples = 3;                                      // of each rule
  std::function<void(const pipeline::Progress&)> progress;  // may be empty
};

struct RuleHits {
  std::string id, title;
  model::Level level = model::Level::kMedium;
  uint64_t findings = 0;
  std::vector<EventExample> examples = {};
};

struct Backtest {
  std::vector<RuleHits> rules;  // all loaded ones, most findings first, then by id
  pipeline::ScanSummary summary;
};

Result<Backtest> backtest(env::Env& env, const LoadedRules& rules, const BacktestOptions& options);

// One rule on both sides, told by its id (by its file's name below OLD or NEW without one).
struct RuleDifference {
  std::string id, title;
  bool in_old = false, in_new = false;
  uint64_t before = 0, after = 0;  // findings
  uint64_t gained = 0, lost = 0;   // events found by one side only
  std::vector<EventExample> gained_examples, lost_examples;
};

struct RuleSetDifference {
  std::vector<RuleDifference> rules;  // those that differ, by gained + lost, then by id
  uint64_t same = 0;                  // rules that found the same events
  pipeline::ScanSummary summary;      // of the scan with the new rules
};

struct NamedRules {
  const LoadedRules& rules;
  std::string root;  // the path they were named by
};

// Reads the logs twice, and a third time for examples of what is lost; so none of them
// may be standard input. Keeps 8 bytes a finding.
Result<RuleSetDifference> compare_rules(env::Env& env, const NamedRules& old_rules,
                                        const NamedRules& new_rules,
                                        const BacktestOptions& options);

}  // namespace stanch::host

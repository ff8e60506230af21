#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "detect/detect.h"
#include "model/rule.h"
#include "pipeline/output/style.h"
#include "pipeline/scan.h"

// What a scan says about itself: every byte, record and rule, and what became of it.

namespace stanch::pipeline::output {

struct RuleCounts {
  uint64_t loaded = 0;               // unbindable and unindexed ones too
  uint64_t refused = 0;              // they have errors
  uint64_t refused_placeholder = 0;  // a placeholder of theirs has no value
  uint64_t left_out = 0;             // by their status
  uint64_t filters = 0;              // loaded; not among `loaded`
  uint64_t unbindable = 0;           // loaded, but no event can satisfy them
  uint64_t unindexed = 0;            // loaded, but slow
};

// What a filter hid of what a rule found.
struct Hidden {
  const model::RuleInfo* filter = nullptr;
  const model::RuleInfo* rule = nullptr;
  uint64_t findings = 0;
};

// What the summary tells beside the counts of the scan.
struct RunInfo {
  std::string program_version;
  std::string content_version;
  RuleCounts rules;
  std::vector<Hidden> hidden = {};  // as hidden_in() has it
  model::Level min_level = model::Level::kInformational;
};

// By filter and rule, those that hid most first. In `rules`, which it was scanned with.
std::vector<Hidden> hidden_in(const ScanSummary& summary, const detect::RuleSet& rules);

uint64_t findings_in_all(const ScanSummary& summary);
uint64_t findings_not_written(const ScanSummary& summary, model::Level min_level);

// For people; several lines, ends with a newline.
std::string summary_text(const ScanSummary& summary, const RunInfo& run, const Style& style);

// "stanch.scan-summary/1", one line with its newline.
std::string summary_json(const ScanSummary& summary, const RunInfo& run);

}  // namespace stanch::pipeline::output

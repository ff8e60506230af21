#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "detect/detect.h"
#include "env/env.h"
#include "ingest/ingest.h"
#include "pipeline/scan.h"

// What makes two runs one scan. Private to the pipeline.

namespace stanch::pipeline {

// All that decides what a scan finds and writes: `settings`, and what the pipeline knows
// itself. The input is known by paths and sizes.
std::vector<ScanSetting> settings_of(const detect::RuleSet& rules,
                                     const std::string& content_version, const ScanOptions& options,
                                     const ingest::Listing& listing,
                                     std::vector<ScanSetting> settings);

// kInvalid if some input is lost once it is read, or is a file that the scan writes.
Result<> check_repeatable(env::Files& files, const ingest::Listing& listing,
                          const ScanOptions& options);

// Whether two paths lead to one file, of which both have the name.
bool is_same_file(env::Files& files, const std::string& a, const std::string& b);

}  // namespace stanch::pipeline

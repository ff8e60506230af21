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

// kInvalid if some input is lost once it is read.
Result<> check_repeatable(env::Files& files, const ingest::Listing& listing);

}  // namespace stanch::pipeline

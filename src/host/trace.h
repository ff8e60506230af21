#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "env/env.h"
#include "pipeline/scan.h"
#include "triage/scope/find.h"
#include "triage/scope/trace.h"

// `stanch trace`: files -> events -> entity graph -> trace.

namespace stanch::host {

struct TraceRequest {
  pipeline::ScanOptions options;
  std::string entity;  // an id, or what a person has at hand
  triage::scope::Window window;
  std::string geo_database, network_database;  // MaxMind DB files; "" for none
  bool timeline = false;                       // the events themselves, too
};

inline constexpr size_t kTimelineRowsMax = 1'000'000;

struct TraceOutcome {
  pipeline::ScanSummary summary;
  triage::scope::Lookup lookup;  // without exactly one match there is no trace
  triage::scope::Trace trace;
  std::vector<std::string> timeline;  // rows, in the order of time
  uint64_t timeline_more = 0;         // later ones than kTimelineRowsMax
};

// Unreadable input is in the summary and in what the trace cannot know. With a timeline the logs
// are read twice, so that they cannot be standard input. The same for any number of threads.
Result<TraceOutcome> trace(env::Env& env, const TraceRequest& request,
                           const std::function<void(const pipeline::Progress&)>& progress);

}  // namespace stanch::host

#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "env/env.h"
#include "pipeline/scan.h"
#include "triage/scope/trace.h"

// `stanch trace`: logs -> entity graph -> what is known of one entity.

namespace stanch::host {

struct TraceRequest {
  std::string entity;  // an id, an access key, an ARN, an address, or a name
  pipeline::ScanOptions options;
  triage::scope::Window window;
};

struct TraceResult {
  triage::scope::Trace trace;
  pipeline::ScanSummary summary;
};

// kNotFound if the logs know nothing of that name; kInvalid if they know several things of it. Both
// say which names come near.
Result<TraceResult> trace(env::Env& env, const TraceRequest& request,
                          const std::function<void(const pipeline::Progress&)>& progress);

// Reads the logs a second time, and gives each event that a holder of the trace took part in as a
// row of JSON (docs/formats/trace.md), in the order of time.
Result<> each_traced_event(env::Env& env, const TraceRequest& request,
                           const triage::scope::Trace& trace, const std::string& spool_folder,
                           const std::function<Result<>(std::string_view row)>& visit);

}  // namespace stanch::host

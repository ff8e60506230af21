#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "env/env.h"
#include "host/rule_set.h"
#include "ledger/ledger.h"
#include "model/incident.h"
#include "pipeline/incident_recorder.h"
#include "pipeline/scan.h"

// `stanch replay`: files -> findings -> incidents. Findings are first put in the order of their
// events' time; `now` is that time, so that the same files give the same incidents whenever they
// are replayed, in whatever folders they lie. Killed and repeated, it goes on where it was.

namespace stanch::host {

struct ReplayRequest {
  pipeline::ScanOptions options;
  std::string program_version;
  pipeline::RecorderOptions recorder;
};

struct ReplayObserver {
  std::function<void(const pipeline::Progress&)> scanning;
};

struct ReplayOutcome {
  pipeline::ScanSummary summary;
  pipeline::output::RunInfo run;
  pipeline::RecorderCounts counts;
  std::vector<model::IncidentId> incidents;  // that these findings belong to, as far as kept
};

// Unreadable input is in the summary. Fails if the ledger does; what it took is durable.
Result<ReplayOutcome> replay(env::Env& env, const LoadedRules& rules, ledger::Ledger& ledger,
                             ReplayRequest request, const ReplayObserver& observer);

}  // namespace stanch::host

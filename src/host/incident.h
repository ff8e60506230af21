#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "codec/json_writer.h"
#include "env/env.h"
#include "ledger/ledger.h"
#include "model/incident.h"
#include "model/streams.h"
#include "pipeline/incident_merge.h"
#include "triage/state.h"

// What people do to incidents. Each act reads the incident as it is, checks that it makes sense,
// and appends at the place that was read; if somebody else was quicker, it reads and checks again.
// So nothing is ever lost or done to an incident that is not what it was thought to be.

namespace stanch::host {

using model::incident_stream;

// The incident of which `text` is the id, or the beginning of it that no other has; with or without
// "inc-". kNotFound; kInvalid if there are several (they are named).
Result<model::IncidentId> find_incident(ledger::Ledger& ledger, std::string_view text);

// kNotFound if no entry says that it was opened.
Result<triage::IncidentState> load_incident(ledger::Ledger& ledger,
                                            const model::IncidentId& incident);

// One entry that an act appends.
struct Said {
  std::string kind;
  std::string payload;  // JSON
};
// kInvalid: it is closed, or goes on elsewhere; the text says what to do. Only notes and links are
// about closed incidents, and nothing about one that goes on elsewhere.
Result<> check_here(const triage::IncidentState& state);  // it does not go on elsewhere
Result<> check_open(const triage::IncidentState& state);

// What is to be appended, of the incident as it is; or why not.
using Act = std::function<Result<std::vector<Said>>(const triage::IncidentState&)>;

struct Acted {
  triage::IncidentState state;  // afterwards
  uint64_t next = 0;            // entry behind what was appended
};
// Does it.
Result<Acted> act(env::Env& env, ledger::Ledger& ledger, const model::IncidentId& incident,
                  const std::string& actor, const Act& act);

struct OpenRequest {
  std::string title, source, description;
  model::Severity severity = model::Severity::kS3;
  std::string reason;  // of the severity
  bool drill = false;
  std::string actor;
};
Result<model::IncidentId> open_incident(env::Env& env, ledger::Ledger& ledger,
                                        const OpenRequest& request);

// `absorbed` ends and `into` goes on with its findings. Repeating it after a crash completes it.
struct MergeRequest {
  model::IncidentId absorbed, into;
  std::string reason, actor;
};
Result<> merge_incidents(env::Env& env, ledger::Ledger& ledger, const MergeRequest& request);

// The findings leave for a new incident.
struct SplitRequest {
  model::IncidentId incident;
  std::vector<std::string> findings;  // ids
  std::string title, reason, actor;
};
Result<model::IncidentId> split_incident(env::Env& env, ledger::Ledger& ledger,
                                         const SplitRequest& request);

using codec::json_object;

}  // namespace stanch::host

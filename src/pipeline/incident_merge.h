#pragma once

#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "codec/json.h"
#include "ledger/ledger.h"
#include "model/incident.h"
#include "model/streams.h"
#include "triage/state.h"

// Two incidents become one, whoever says so: a person, or a finding that belongs to both.
//
// No append spans streams, so it is a row of appends that a crash may interrupt and that is
// completed by being done again: "triage" says that it begins; the one that is absorbed ends; the
// one that goes on gets its findings, what it was at its worst and its strictest, and last of all
// that it came in.

namespace stanch::pipeline {

using model::incident_stream;

struct BegunMerge {
  model::IncidentId absorbed, into;
  std::string actor;  // "engine", or who said so
  std::vector<std::string> because;
};

// By what is absorbed: each goes on in one place.
using BegunMerges = std::map<model::IncidentId, BegunMerge>;

// What an entry "incidents_merged" says; nothing if it is none, or was erased.
std::optional<BegunMerge> begun_merge_of(const model::Entry& entry, codec::JsonParser& parser);

// Reads an incident as it is. What it gives need hold only until the next call.
using ReadIncident =
    std::function<Result<const triage::IncidentState*>(const model::IncidentId& incident)>;

// Told of what was appended to an incident, and where each of it stands.
using MergeSaid =
    std::function<void(const model::IncidentId& incident, std::span<const model::EntryDraft> drafts,
                       std::span<const model::EntryCitation> places)>;

// Completes what `begun` has of `absorbed`. Of no effect if it is complete, or if it went on
// elsewhere before. Two who do it at the same time do no harm. How the incidents stand is asked of
// `read`, so that whoever has folded most of one does not fold it all again; of one that is
// absorbed it is asked once more when that has ended; `said` lets it know what it need not read.
Result<> complete_merge(ledger::Ledger& ledger, const BegunMerges& begun,
                        const model::IncidentId& absorbed, Time now,
                        const std::string& content_version, const ReadIncident& read,
                        const MergeSaid& said = {});

// The payload of a finding_joined, with one more reason in front.
std::string because_too(const std::string& payload, const std::string& reason);

}  // namespace stanch::pipeline

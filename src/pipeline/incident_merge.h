#pragma once

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "codec/json.h"
#include "codec/json_writer.h"
#include "ledger/ledger.h"
#include "model/incident.h"
#include "model/streams.h"
#include "triage/state.h"

// Two incidents become one, whoever says so: a person, or a finding that belongs to both.
//
// No append spans streams, so it is a row of appends that a crash may interrupt and that is
// completed by being done again: "triage" says that it begins; the one that is absorbed ends; the
// one that goes on gets its strictest secrecy and its findings; and last of all, in one append,
// what it was at its worst and that it came in. Done piece by piece, it keeps nobody waiting.

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

// What the matrix says of an incident, as the payload of a severity_set; nothing unless that is
// worse than `unless`, than it is and than the matrix ever said of it.
using WeighIncident = std::function<Result<std::optional<std::string>>(
    const model::IncidentId& incident, std::optional<model::Severity> unless)>;

struct MergeView {
  ReadIncident read;
  MergeSaid said = {};       // lets whoever folds incidents know what need not be read
  WeighIncident weigh = {};  // all findings that are in one then, if somebody has the matrix
};

// Completes what `begun` has of `absorbed`, and what has to come into that before. Of no effect if
// it is complete, or if it went on elsewhere before. Two who do it at the same time do no harm. Of
// one that is absorbed `view` is asked once more when that has ended.
class Merging {
 public:
  // `ledger` must outlive it.
  static Result<Merging> begin(ledger::Ledger& ledger, const BegunMerges& begun,
                               const model::IncidentId& absorbed, Time now,
                               std::string content_version, MergeView view);

  // Appends at most once, kPiece entries or `piece`. False: there is nothing left to do.
  Result<bool> step(size_t piece = kPiece);

  static constexpr size_t kPiece = 16;

 private:
  Merging(ledger::Ledger& ledger, Time now, std::string content_version, MergeView view)
      : ledger_(&ledger),
        now_(now),
        content_version_(std::move(content_version)),
        view_(std::move(view)) {}

  // What of one must not be lost in the other.
  struct Standing {
    bool restricted = false;
    std::vector<std::string> people;
    std::optional<model::Tlp> tlp;
    std::optional<model::Severity> severity;
  };

  Result<> line_up(const BegunMerges& begun, const model::IncidentId& absorbed,
                   std::set<model::IncidentId>& met);
  Result<> end_absorbed(const BegunMerge& merge);
  Result<> finish(const BegunMerge& merge);
  Result<Standing> standing(const model::IncidentId& incident) const;
  void bring_secrecy(const BegunMerge& merge, const Standing& goes_on);
  void bring_counts(const BegunMerge& merge, std::span<const model::Entry> entries);
  Result<std::optional<model::EntryDraft>> worse_severity(const BegunMerge& merge) const;
  model::EntryDraft draft(const BegunMerge& merge, std::string kind, std::string key,
                          const std::function<void(codec::JsonWriter&)>& body) const;
  Result<ledger::Appended> append(const model::IncidentId& incident,
                                  std::span<const model::EntryDraft> drafts) const;

  ledger::Ledger* ledger_;
  Time now_;
  std::string content_version_;
  MergeView view_;
  std::deque<BegunMerge> merges_;  // what comes into another before that one ends is in front
  // Of the first of them, once it has ended:
  std::optional<model::EntryCitation> ended_;
  Standing from_;
  std::vector<model::EntryDraft> drafts_;
  size_t appended_ = 0;  // of `drafts_`
};

// All of it at once.
Result<> complete_merge(ledger::Ledger& ledger, const BegunMerges& begun,
                        const model::IncidentId& absorbed, Time now,
                        const std::string& content_version, MergeView view);

// The payload of a finding_joined, with one more reason in front.
std::string because_too(const std::string& payload, const std::string& reason);

}  // namespace stanch::pipeline

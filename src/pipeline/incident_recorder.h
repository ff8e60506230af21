#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "codec/json.h"
#include "ledger/ledger.h"
#include "triage/assets.h"
#include "triage/finding.h"
#include "triage/grouper.h"
#include "triage/severity.h"

// Findings in, entries of incidents out: joins triage to the ledger.
//
//   finding ─▶ decide ─▶ "triage": finding_assigned ─▶ "incident/…": opened, joined, severity
//
// What was decided is durable in "triage" before an incident has an entry of it. So a crash between
// the two is completed by handing in the same findings again: what is there is not appended again.
// Two processes on one ledger see each other: who finds that "triage" has grown forgets what it
// thought, reads the ledger again, and decides again.

namespace stanch::pipeline {

struct RecorderOptions {
  triage::GroupingContext grouping;
  triage::SeverityMatrix matrix;
  triage::Assets assets;
  std::string content_version;
};

struct RecorderCounts {
  uint64_t findings = 0;            // handed in
  uint64_t known = 0;               // of these, assigned by an earlier run
  uint64_t folded = 0;              // of these, only counted
  uint64_t opened = 0, merged = 0;  // incidents
};

// Not thread-safe. After an error it must not be used any more.
class IncidentRecorder {
 public:
  // Reads what the ledger knows. `ledger` must outlive it.
  static Result<std::unique_ptr<IncidentRecorder>> open(ledger::Ledger& ledger,
                                                        RecorderOptions options);
  ~IncidentRecorder();

  // `payload` is that of output::finding_payload(); `now` never goes back. Durable after flush(),
  // which comes by itself when kBatch are waiting.
  Result<> add(std::string payload, Time now);
  Result<> flush();
  // flush(), and the counts of what was folded so far.
  Result<> finish();

  const RecorderCounts& counts() const { return counts_; }
  // Those that findings handed in belong to, kTouchedMax of them at most.
  const std::set<model::IncidentId>& touched() const { return touched_; }

  static constexpr size_t kBatch = 256;
  static constexpr size_t kWeighedMax = 5'000;  // incidents whose evidence is in memory
  static constexpr size_t kTouchedMax = 10'000;
  static constexpr unsigned kTriesMax = 100;     // when others are quicker
  static constexpr uint64_t kFloodTold = 1'000;  // findings that one entry counts, at most
  static constexpr size_t kSamples = 10;         // of them, by their ids

 private:
  struct Waiting {
    std::string payload;
    triage::Finding finding;
    Time now;
    triage::Assignment assignment;
    model::EntryCitation triage;  // its finding_assigned
    bool known = false;           // an earlier run has assigned it
    bool folded = false;          // it is only counted
  };
  // What the severity of an incident comes from.
  struct Weighed {
    triage::Evidence evidence;
    std::set<std::string> findings;          // in it
    std::optional<model::Severity> said;     // the worst that the matrix ever said
    std::optional<model::Severity> current;  // by whomever
  };
  // Findings of a rule that are only counted, in an incident.
  using FloodKey = std::pair<model::IncidentId, std::string>;
  struct Flood {
    uint64_t count = 0;
    Time first, last, now;
    std::vector<std::string> samples;
  };
  using Drafts = std::map<model::IncidentId, std::vector<model::EntryDraft>>;

  IncidentRecorder(ledger::Ledger& ledger, RecorderOptions options);
  Result<> read_ledger();
  Result<> learn(const model::Entry& entry);
  triage::Merge merge_of(const model::Entry& entry);
  Result<> look_up(Waiting& waiting);
  // False: others have appended to "triage"; what was decided may be wrong.
  Result<bool> assign();
  Result<> record();
  Result<Weighed*> weighed(const model::IncidentId& incident);
  Result<> weigh(const model::IncidentId& incident, const triage::Finding& finding, Time now,
                 std::vector<model::EntryDraft>& drafts);
  void fold(const Waiting& waiting, Drafts& drafts);
  void end_flood(const FloodKey& key, const Flood& flood, Drafts& drafts) const;
  Result<> append(Drafts& drafts);
  Result<> merge(const triage::Merge& merge, Time now);
  model::EntryDraft draft(std::string kind, std::string key, Time now, std::string payload) const;

  ledger::Ledger& ledger_;
  RecorderOptions options_;
  triage::Grouper grouper_;
  uint64_t triage_next_ = 0;
  std::vector<Waiting> waiting_;
  std::map<model::IncidentId, Weighed> weighed_;
  std::map<FloodKey, Flood> floods_;
  std::vector<std::pair<triage::Merge, Time>> begun_merges_;  // by earlier runs
  std::set<model::IncidentId> touched_;
  RecorderCounts counts_;
  codec::JsonParser parser_;
};

}  // namespace stanch::pipeline

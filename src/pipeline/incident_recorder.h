#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "codec/json.h"
#include "ledger/ledger.h"
#include "pipeline/incident_merge.h"
#include "pipeline/incident_writer.h"
#include "triage/assets.h"
#include "triage/finding.h"
#include "triage/findings_aside.h"
#include "triage/grouper.h"
#include "triage/own_hands.h"
#include "triage/recent_map.h"
#include "triage/severity.h"

// Findings in, entries of incidents out: joins triage to the ledger.
//
//   finding ─▶ decide ─▶ "triage": finding_assigned, findings_counted, incidents_merged,
//                                   own_call_seen
//                             ─▶ "incident/…": opened, joined, severity, folded, merged
//
// What was decided is durable in "triage" before an incident has an entry of it. So a crash between
// the two is completed by handing in the same findings again: what was decided stays decided, and
// what is there is not appended again. Before it decides it learns what others have appended since;
// who finds that "triage" has grown meanwhile forgets what it thought and decides again. A finding
// whose incident was closed before it came there is decided anew, and that is durable too.
// Informational findings that belong to no incident are not in the ledger: they wait in memory for
// something worse that is their kin.

namespace stanch::pipeline {

struct RecorderOptions {
  triage::GroupingContext grouping;
  triage::SeverityMatrix matrix;
  triage::Assets assets;
  std::string content_version;
  bool replayed = false;  // `now` is that of the events, not of the clock
};

struct RecorderCounts {
  uint64_t findings = 0;            // handed in
  uint64_t known = 0;               // of these, assigned by an earlier run
  uint64_t folded = 0;              // of these, only counted
  uint64_t own = 0;                 // of these, about calls of our own
  uint64_t aside = 0;               // of these, informational ones that belong to no incident
  uint64_t opened = 0, merged = 0;  // incidents
  uint64_t forgotten = 0;           // by grouping, to stay within its limits
};

// Not thread-safe. After an error it must not be used any more.
class IncidentRecorder {
 public:
  // Reads what the ledger knows. `ledger` must outlive it.
  static Result<std::unique_ptr<IncidentRecorder>> open(ledger::Ledger& ledger,
                                                        RecorderOptions options);
  ~IncidentRecorder();

  // `payload` is that of output::finding_payload(); `now` never goes back. Durable in its incident
  // after flush(), which comes by itself when kBatch are waiting; but for informational ones that
  // wait for their kin.
  Result<> add(std::string payload, Time now);
  Result<> flush();
  // A piece of what flush() left to do, for when nothing is handed in: merges, and learning what is
  // new in the ledger. False: nothing is left. A replay leaves nothing, so that it always tells the
  // same in the same order.
  Result<bool> catch_up();
  // flush(), all that is left, and what earlier runs began and nobody completed.
  Result<> finish();

  const RecorderCounts& counts() const { return counts_; }
  // Those that findings handed in belong to, kTouchedMax of them at most.
  const std::set<model::IncidentId>& touched() const { return touched_; }

  static constexpr size_t kBatch = 256;
  static constexpr size_t kTouchedMax = 10'000;
  static constexpr size_t kCountedMax = 500'000;  // findings that are known to be only counted
  static constexpr unsigned kTriesMax = 100;      // when others are quicker
  static constexpr size_t kSamples = 10;          // of what is only counted, by their ids
  static constexpr size_t kMergesLeft = 100;      // by a flush(); with more it does all itself

 private:
  struct Waiting {
    std::string payload;
    triage::Finding finding;
    Time now;
    std::string key;  // of its finding_assigned
    triage::Assignment assignment;
    model::EntryCitation triage;         // its finding_assigned
    std::optional<triage::OwnCall> own;  // its event is a call of ours: it has no incident
    bool known = false;                  // an earlier run has assigned it
    bool landed = false;                 // and its incident has it
    bool is_aside = false;               // it belongs to no incident yet
    bool was_aside = false;              // it came back because something worse is its kin
  };
  // Findings of one rule in one incident that are only counted, of one batch.
  struct Counted {
    model::IncidentId incident;
    std::string rule;
    Time first, last, now;
    std::vector<std::string> findings;
    uint64_t count = 0;
  };
  using Facts = std::map<model::IncidentId, std::vector<IncidentFact>>;
  using Refused = std::set<std::string>;  // findings whose incident is closed

  IncidentRecorder(ledger::Ledger& ledger, RecorderOptions options);
  void forget_all();
  Result<> follow();
  void learn(const model::Entry& entry);
  void learn_triage(const model::Entry& entry);
  void learn_incident(const model::Entry& entry, const model::IncidentId& incident);
  Result<> look_up(Waiting& waiting);
  Result<> decide(Waiting& waiting, std::vector<model::EntryDraft>& drafts,
                  std::map<std::string, Counted>& counted);
  void call_kin(const triage::Finding& of, Time now);
  void send_kin_back();
  void call(triage::FindingsAside::Kept kept, Time now);
  Result<bool> is_late_kin(const Waiting& waiting);
  Result<> own_call(Waiting& waiting, std::vector<model::EntryDraft>& drafts);
  // False: others have appended to "triage"; what was decided may be wrong.
  Result<bool> assign();
  Result<Refused> record();
  Result<> record(const Waiting& waiting, Facts& facts, Refused& refused);
  Result<bool> is_secret(const model::IncidentId& incident);
  Result<> write(Facts& facts, Refused& refused);
  Result<> catch_up_whole();
  Result<> complete(const model::IncidentId& absorbed, Time now);
  MergeView merge_view();
  IncidentFact counted_fact(const Counted& counted) const;
  model::EntryDraft draft(std::string kind, std::string key, Time now, std::string payload) const;

  ledger::Ledger& ledger_;
  RecorderOptions options_;
  triage::Grouper grouper_;
  triage::OwnHands own_hands_;
  IncidentWriter writer_;
  ledger::Cursor cursor_;     // what was learnt
  uint64_t triage_next_ = 0;  // what was learnt of "triage"
  std::vector<Waiting> waiting_;
  triage::FindingsAside aside_;
  std::set<std::string> late_;  // of these, those that may have been assigned already
  BegunMerges merges_;
  std::map<model::IncidentId, Time> open_merges_;  // of these, by what is absorbed
  std::deque<model::IncidentId> left_;             // of these, those that findings led to
  std::optional<Merging> merging_;                 // the first of them
  // By the first of the findings: counted in "triage", and not yet in their incident.
  std::map<std::string, Counted> open_counted_;
  triage::RecentMap<size_t, char> counted_;  // by hash of the finding's id
  std::set<model::IncidentId> touched_;
  RecorderCounts counts_;
  codec::JsonParser parser_;
};

}  // namespace stanch::pipeline

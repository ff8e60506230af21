#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "ledger/ledger.h"
#include "model/incident.h"
#include "triage/assets.h"
#include "triage/finding.h"
#include "triage/severity.h"
#include "triage/state.h"

// Appends to incidents what triage decided of findings, and what the severity is then. Each append
// is at the place up to which the incident was read; if somebody was quicker, it is read again and
// said anew, so that nothing is said of an incident that is not what it was thought to be.

namespace stanch::pipeline {

// What is to be said of an incident. What it says already is not said again.
struct IncidentFact {
  enum class Kind : uint8_t { kOpened, kJoined, kCounted, kTooWide };
  Kind kind = Kind::kJoined;
  model::EntryDraft draft;
  triage::Finding finding = {};  // of kJoined
  bool may_be_there = false;     // an earlier run may have said it, and its text may be erased
};

class IncidentWriter {
 public:
  // `ledger`, `matrix` and `assets` must outlive it.
  IncidentWriter(ledger::Ledger& ledger, const triage::SeverityMatrix& matrix,
                 const triage::Assets& assets)
      : ledger_(&ledger), matrix_(&matrix), assets_(&assets) {}

  // Says them, where the incident goes on if it was merged. False: it is closed, and findings that
  // it does not have were to join it. Nothing is said then.
  Result<bool> write(const model::IncidentId& incident, const std::vector<IncidentFact>& facts);

  struct Standing {
    bool closed = false;   // where the incident goes on
    bool has_had = false;  // this finding: there, or on the way there
  };
  Result<Standing> standing(const model::IncidentId& incident, const std::string& finding);

  // All that it says now. What was read of it before is not read again. Until the next call.
  Result<const triage::IncidentState*> state(const model::IncidentId& incident);

  // What the matrix says of it, as the payload of a severity_set; nothing unless that is worse than
  // `unless`, than it is and than the matrix ever said of it.
  Result<std::optional<std::string>> weigh(const model::IncidentId& incident,
                                           std::optional<model::Severity> unless);

  // An entry that is there: it is not read again. Those of others are weighed before anything is
  // said.
  void learn(const model::IncidentId& incident, const model::Entry& entry);
  // What a merge has appended since it read the incident's state(), and where each of it stands.
  void learn_said(const model::IncidentId& incident, std::span<const model::EntryDraft> drafts,
                  std::span<const model::EntryCitation> places);

  static constexpr size_t kRememberedMax = 5'000;  // incidents
  static constexpr unsigned kTriesMax = 100;       // when others are quicker
  static constexpr unsigned kMergesMax = 100;      // one behind the other
  static constexpr std::string_view kTooWideTask = "too-wide";

 private:
  // An incident as it was read, and as what was said of it since has made it: up to the entry
  // `next`.
  struct Read {
    explicit Read(const model::IncidentId& incident) : fold(incident) {}

    triage::IncidentFold fold;  // of the entries before `folded`
    uint64_t folded = 0, next = 0;
    bool stale = true;   // others have appended
    bool unsure = true;  // `findings` and `evidence` may have what the fold does not
    bool opened = false, closed = false, too_wide = false;
    model::IncidentId merged_into;
    std::set<std::string> findings;          // that it ever had
    triage::Evidence evidence;               // of those that it has
    std::optional<model::Severity> said;     // the worst that the matrix ever said
    std::optional<model::Severity> current;  // by whomever
  };

  Result<Read*> read(const model::IncidentId& incident);
  Result<> catch_up(const model::IncidentId& incident, Read& read);
  void learn_findings(Read& read) const;
  // The incident, the one in which it goes on …, the last of which goes on nowhere.
  Result<std::vector<model::IncidentId>> way_of(const model::IncidentId& incident);
  Result<bool> is_there(const model::IncidentId& incident, const IncidentFact& fact);
  Result<std::vector<model::EntryDraft>> news(const model::IncidentId& incident, Read& read,
                                              const std::vector<IncidentFact>& facts);
  std::optional<std::string> weigh(Read& read) const;

  ledger::Ledger* ledger_;
  const triage::SeverityMatrix* matrix_;
  const triage::Assets* assets_;
  std::map<model::IncidentId, Read> read_;
};

}  // namespace stanch::pipeline

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "codec/json.h"
#include "codec/json_writer.h"
#include "model/entry.h"
#include "model/incident.h"
#include "triage/finding.h"

// What an incident is: the fold of its entries. There is no other truth about it.

namespace stanch::triage {

// Who said something, and when the ledger had it.
struct Said {
  Time at{};
  std::string by;  // "engine", "person/alice", "unverified/alice"
};

struct StatusStep : Said {
  model::Status from = model::Status::kNew, to = model::Status::kNew;
  std::string reason;
};

// Back to containing from where it was contained: the attack went on.
bool is_breach(const StatusStep& step);

struct SeverityStep : Said {
  model::Severity severity = model::Severity::kS4;
  bool by_person = false;  // else by the matrix
  std::vector<std::string> because;
  std::string reason;  // of a person
};

struct JoinedFinding : Said {
  Finding finding;
  std::vector<std::string> because;
  bool carried = false;   // from another incident, by a merge or a split
  bool gone = false;      // split off
  uint64_t sequence = 0;  // of its entry
};

struct ScopedEntity {
  uint64_t findings = 0;             // that name it and are not gone
  std::optional<bool> by_person;     // a person put it in, or took it out
  std::vector<std::string> because;  // of that person
  bool in_scope() const { return by_person.value_or(findings > 0); }
};

struct Handover : Said {  // that nobody has answered
  std::string role, from, to, brief;
  model::EntryCitation offer;
};

struct Task : Said {
  std::string title, owner;
  std::optional<Time> due;
  std::optional<Time> ended;
  bool dropped = false;
  std::string outcome;
};

struct Note : Said {
  std::string text;
  bool privileged = false;
};

struct Hypothesis : Said {
  std::string text, standing;  // "open", "supported", "ruled_out"
  std::vector<std::string> because;
};

struct Update : Said {
  std::string text, audience;
  std::optional<Time> next_due;
};

struct Pause : Said {
  model::ClockName clock = model::ClockName::kAcknowledge;
  Time until{};  // resumed or not, it has ended then
  std::string reason;
};

struct Awareness : Said {
  std::string person, why, regime;
  Time when{};
};

struct Determination : Said {  // material, classified
  std::string decision;        // "material" …; of a classification "<scheme>: <class>"
  std::string person, why;
  Time when{};
};

struct IncidentState {
  model::IncidentId id;
  std::string title, opened_by, source, description;
  bool drill = false;
  std::optional<Said> opened;  // nothing: no entry says that it was
  Time updated{};              // time of the latest entry

  model::Status status = model::Status::kNew;
  std::vector<StatusStep> steps;
  std::optional<model::Severity> severity;
  std::vector<SeverityStep> severities;  // every decision, oldest first

  std::map<std::string, JoinedFinding> findings;  // by id
  std::map<std::string, ScopedEntity> entities;   // by id
  uint64_t folded = 0;                            // findings that were only counted

  std::optional<Said> acknowledged;  // the first time since it was (re)opened
  std::optional<Said> contained;     // the first time since that, or since the last breach
  std::string assignee;
  std::map<std::string, std::string> roles;   // role -> person
  std::map<std::string, Handover> handovers;  // by role
  std::map<std::string, Task> tasks;          // by id
  std::vector<Note> notes;
  std::map<std::string, Hypothesis> hypotheses;                      // by id
  std::map<std::pair<std::string, std::string>, std::string> links;  // relation, target -> title
  std::vector<Update> updates;
  std::vector<Pause> pauses;
  std::optional<model::Tlp> tlp;
  bool restricted = false;  // to these people; to nobody known if the list was erased
  std::vector<std::string> people;
  std::vector<Awareness> aware;
  std::optional<Determination> material;
  std::map<std::string, Determination> classified;  // by scheme
  std::optional<model::Disposition> disposition;    // while it is closed
  std::string closing_reason;
  std::string merged_into;            // goes on there
  std::set<std::string> merged_from;  // came in
  std::set<std::string> split_into;
  std::vector<std::string> unknowns;  // what was stated that cannot be known

  uint64_t entries = 0;
  std::map<std::string, uint64_t> other_kinds;  // that say nothing here: how many of each
  uint64_t erased = 0;                          // payloads
  uint64_t foreign = 0;  // entries of kinds that a newer program wrote, or that make no sense

  bool exists() const { return opened.has_value(); }
  bool is_closed() const { return status == model::Status::kClosed; }
  std::optional<model::Severity> worst_severity() const;
  std::set<std::string> techniques() const;  // of findings that are not gone
  uint64_t finding_count() const;            // not gone; with those that were folded
  // One line: the title that a person gave; else that of the worst finding, the earliest of them.
  std::string headline() const;
};

// Applies entries of one incident's stream in their order. It never fails: an entry that makes no
// sense changes nothing and is counted.
class IncidentFold {
 public:
  explicit IncidentFold(model::IncidentId id);

  void apply(const model::Entry& entry);
  const IncidentState& state() const { return state_; }

 private:
  IncidentState state_;
  codec::JsonParser parser_;
};

// "stanch.incident/1" without its schema: the members of an object that the caller has begun.
// Privileged notes are in it only if asked for; else their number.
void append_json(const IncidentState& state, bool privileged, codec::JsonWriter& json);

}  // namespace stanch::triage

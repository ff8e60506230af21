#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "codec/json.h"
#include "learn/spans.h"
#include "model/entry.h"
#include "model/incident.h"

// One incident as metrics see it: when which thing happened (docs/formats/metrics.md). Read from
// its entries alone, so that it says the same today and in years.

namespace stanch::learn {

// What a metric measures. All but kDetect and the two delays are counted from the alert, the moment
// at which the ledger had the incident.
enum class Measure : uint8_t {
  kDetect,       // TTD: from the first event of the attack to the alert
  kSourceDelay,  // of the finding that opened it: from its event until the record was received
  kEngineDelay,  // and from then until the ledger had the finding
  kAcknowledge,  // TTA: until a person acknowledged
  kContain,      // TTC: until containment was verified
  kMachine,      // of the time until containment: steps were running
  kWaiting,      // no step was running, and people were waited for: to acknowledge, to approve
  kOther,        // neither: people worked
  kEradicate,    // TTE
  kRecover,      // TTR: until all was restored; never "until somebody responded"
};
inline constexpr size_t kMeasures = 10;
std::string_view name_of(Measure measure);     // "detect", "source_delay"
std::string_view caption_of(Measure measure);  // for people: "to detect"

struct Case {
  model::IncidentId id;
  bool drill = false;
  bool replayed = false;  // from logs that were read later: it was opened at the time of its events
  std::optional<model::Severity> severity;  // the worst it ever had
  std::optional<Time> first_event;          // of its findings, but those that were split off
  std::optional<Time> opened;               // the alert
  std::optional<Time> acknowledged;         // the first time
  // When these were reached and never lost again: a breach or reopening takes them back.
  std::optional<Time> contained, eradicated, recovered;
  std::optional<Time> closed;
  std::optional<model::Disposition> disposition;
  std::string merged_into;               // goes on there
  std::vector<std::string> merged_from;  // went on here
  // Of the finding that opened it.
  std::optional<Time> opening_event, opening_received, opening_joined;
  // When steps ran, and when approvals were waited for: united; without an end so far: kEndless.
  std::vector<Span> machine, approvals;

  uint64_t entries = 0, erased = 0, foreign = 0;  // foreign: a newer program's, or without sense

  // A false alarm, or what was meant to happen: nothing was attacked.
  bool was_no_attack() const;
};
inline constexpr Time kEndless = Time::max();

// Entries of one incident's stream, in their order.
class CaseFold {
 public:
  explicit CaseFold(model::IncidentId id);
  void apply(const model::Entry& entry);
  // Of what was applied so far.
  Case result() const;

 private:
  struct Asked {
    Time since{};
    uint64_t approvers = 0;
    std::set<std::string> approved;  // people
  };
  bool apply_payload(const model::Entry& entry, codec::JsonView payload);
  bool move(const std::string& from, const std::string& to, Time at);
  void lose(model::Status to);
  void end_waiting(const std::string& plan, Time at);

  Case case_;
  std::string opening_finding_;
  struct Joined {
    std::optional<Time> event, received;
    Time joined{};
  };
  std::map<std::string, Joined> findings_;  // by id, but those that left
  std::optional<Joined> opening_;
  std::map<std::pair<std::string, std::string>, Time> running_;  // plan, step: since when
  std::map<std::string, Asked> asked_;                           // by plan
  codec::JsonParser parser_;
};

// What `absorbed`, which went on in `into`, adds to it: it began when the earlier of both did.
void absorb(const Case& absorbed, Case& into);

// Of a case at `now`. Nothing: it does not apply, or nobody knows. For open ones `open` is set.
struct Measured {
  Duration time{};
  bool open = false;
  bool operator==(const Measured&) const = default;
};
std::optional<Measured> measure(const Case& of, Measure measure, Time now);

}  // namespace stanch::learn

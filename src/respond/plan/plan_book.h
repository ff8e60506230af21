#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "codec/json.h"
#include "model/entry.h"
#include "respond/plan/plan.h"

// What has become of the plans of one incident: the fold of its entries. There is no other journal:
// whoever goes on after a crash reads this.

namespace stanch::respond {

enum class CallOutcome : uint8_t {
  kOpen,     // intended, and no answer is known: it may have been done, or still be
  kUnknown,  // it left, and no answer came
  kDone,
  kNotDone,  // it certainly did nothing: throttled, unavailable
  kRefused,  // and will be again: denied, invalid
};

// A call that was about to leave.
struct SentCall {
  std::string call;  // PlannedCall::id
  uint64_t attempt = 1;
  uint64_t failures = 0;  // StepState::failures when it was sent
  Time valid_until{};     // until then it may still arrive
  CallOutcome outcome = CallOutcome::kOpen;
  codec::JsonValue answer;  // what later calls use of it
  model::EntryCitation intended;

  bool is_settled() const {
    return outcome != CallOutcome::kOpen && outcome != CallOutcome::kUnknown;
  }
};

struct StepFailure {
  Time at{};
  std::string outcome, reason;  // as in the kind step_failed
};

struct StepVerified {
  Time at{};
  codec::JsonValue state;
};

struct StepState {
  std::optional<codec::JsonValue> saved;  // as it was before the change
  bool done_already = false;
  bool begins_anew = false;      // it failed before it did anything, and returned its hold
  std::vector<SentCall> sent;    // since it was begun, or begun again after a breach
  std::optional<Time> begun_at;  // when it was begun first
  std::optional<Time> moved_at;  // when something of it was last said, but for looks
  std::optional<StepVerified> verified;
  std::optional<StepFailure> failed;
  size_t watched = 0;       // times that it was looked at since it was verified
  uint64_t failures = 0;    // times that it was given up
  uint64_t breaches = 0;    // times that it did not hold any more
  bool is_missed = false;   // evidence: it was said that containment goes on without it
  bool is_undoing = false;  // a plan that takes it back has begun, or ended
  bool is_undone = false;

  // Until then a call of it may still arrive.
  Time valid_until() const;
  // No call of it was done, or may have been.
  bool did_nothing() const;
  bool has_begun() const { return saved && !begins_anew; }
  // It took effect, and nobody takes it back.
  bool is_contained() const { return verified && !is_undoing && !is_undone; }
  // It had taken effect, was found otherwise, and was not mended.
  bool is_open() const { return breaches > 0 && !verified && !is_undoing && !is_undone; }
};

struct Approval {
  std::string person, means;
  std::set<std::string> steps;         // in force
  std::set<std::string> steps_signed;  // as they were approved
  std::string last_refusal;            // before it; PlanState::last_refusal
  codec::JsonValue proof;
  Time at{};
};

// People were asked to approve.
struct Asked {
  Time deadline{};
  model::EntryCitation entry;
  bool is_timed_out = false;  // and nobody did
};

struct PlanEnd {
  Time at{};
  std::string outcome, reason;
};

struct PlanState {
  std::string hash;
  Plan plan;
  Time at{};               // when it was made known
  uint64_t sequence = 0;   // of the entry that did
  std::string actor;       // who made it
  bool is_intact = false;  // the document is that of the hash
  bool is_paused = false;
  std::vector<Approval> approvals;  // in force: not withdrawn
  std::vector<Asked> asked;         // one after the other
  std::set<std::string> refused;    // steps that somebody refused after all approvals
  std::string last_refusal;         // id of its entry; "" if nobody refused anything
  std::map<std::string, StepState, std::less<>> steps;
  std::optional<PlanEnd> ended;

  const StepState& step(std::string_view id) const;
  // All that there is to do was done and verified.
  bool is_done() const;
};

// Of what a step takes, in entries on evidence.
std::string evidence_id(std::string_view plan_hash, std::string_view step);

// Apply the entries of one incident's stream, in their order. It never fails: what makes no sense
// changes nothing.
class PlanBook {
 public:
  void apply(const model::Entry& entry);

  const std::map<std::string, PlanState, std::less<>>& plans() const { return plans_; }
  const PlanState* find(std::string_view hash) const;
  bool is_closed() const { return is_closed_; }  // the incident is
  // In the order in which they were made.
  const std::vector<std::string>& order() const { return order_; }

 private:
  // Null if there is none.
  PlanState* plan_of(const codec::JsonValue& payload);
  StepState* step_of(const codec::JsonValue& payload);
  StepState* taken_back_by(const codec::JsonValue& payload);  // the step that this one undoes

  void take_back_no_more(PlanState& undo);

  using Payload = const codec::JsonValue&;
  void made(const model::Entry& entry, Payload payload);
  void paused(const model::Entry& entry, Payload payload);
  void ended(const model::Entry& entry, Payload payload);
  void approved(const model::Entry& entry, Payload payload);
  void refused(const model::Entry& entry, Payload payload);
  void asked(const model::Entry& entry, Payload payload);
  void saved(const model::Entry& entry, Payload payload);
  void intended(const model::Entry& entry, Payload payload);
  void answered(const model::Entry& entry, Payload payload);
  void verified(const model::Entry& entry, Payload payload);
  void failed(const model::Entry& entry, Payload payload);
  void watched(const model::Entry& entry, Payload payload);
  void closed(const model::Entry& entry, Payload payload);
  void missed(const model::Entry& entry, Payload payload);

  bool is_closed_ = false;
  std::map<std::string, PlanState, std::less<>> plans_;  // by hash
  std::vector<std::string> order_;
  struct Place {
    std::string plan, step;
    size_t sent = 0;
  };
  std::map<uint64_t, Place> intended_;  // by sequence
  codec::JsonParser parser_;
};

}  // namespace stanch::respond

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "respond/execute/executor.h"
#include "respond/execute/holds.h"

// One step, once: from the claim on its target to the proof that it took effect.
//
//   claim ── observe ── hold ── state_saved ─┬─ intended ── call ── answered ─┬─ observe ──
//   verified
//                 ▲                          └──────────── next call ─────────┘    │
//                 └──── a call without an answer: wait, look, send what is missing ┘
//
// Which calls are sent is always what follows from a look at the target in this very run, as far
// as the plan that was approved covers it.

namespace stanch::respond {

class StepRun {
 public:
  struct World {
    env::Env& env;
    ledger::Ledger& ledger;
    cloud::Caller& caller;
    const Actions& actions;
    const ExecutorOptions& options;
  };

  // `plan` and `step` of what the journal's book has.
  StepRun(const World& world, Journal& journal, const Action& action, std::string plan,
          std::string step);

  Result<StepReport> run();
  // Whether what the step contained is still so, where that is to be looked at now. Nothing if it
  // could not be looked at.
  Result<std::optional<bool>> watch();
  // The step has failed: it does not help to do it once more.
  Result<> give_up(std::string reason);

 private:
  // What a look at the target showed.
  struct Look {
    codec::JsonValue state;
    Secrets secrets;
    Computed computed;
  };
  struct Ready {  // a planned call as it goes out now
    const PlannedCall* planned = nullptr;
    CallValue with;
  };
  // The step has ended, or it goes on.
  using Ended = std::optional<StepReport>;

  const PlanState& plan() const;
  const Step& step() const;
  const StepState& state() const;
  bool is_undo() const;
  bool holds_in_vain() const;  // what it holds, as far as its calls say: it certainly did nothing
  std::string key(std::string_view number) const;
  HoldRequest hold_request(Time now) const;

  Result<Ended> prepare();
  Result<Ended> wait_for_earlier();
  Result<Ended> wait_for_seal(const Step& evidence);
  Ended mistrust() const;
  Result<Ended> look(Look& look);
  const std::optional<Check>& check() const;
  const codec::JsonValue& before() const;  // the state before the change that is verified
  Result<bool> took_effect(const codec::JsonValue& state) const;
  // Why what is verified can never come true; "": it still may.
  Result<std::string> is_lost(const codec::JsonValue& state) const;

  Result<Ended> begin(const Look& look);
  Result<Ended> begin_undo(const Look& look);
  Result<Ended> leave_to_others();
  Result<> save(const codec::JsonValue& state, bool done_already);
  Result<> save_now();  // what is not saved yet; nothing where somebody else has begun the step

  Result<Ended> send_all(std::optional<Look> first);
  Result<Ended> settle(std::optional<Look>& seen);
  Result<Ended> make_ready(const Look& look, std::vector<Ready>& ready, std::string& uncovered);
  std::optional<cloud::Refusal> refusal_in(const PlannedCall& call,
                                           const cloud::Answer& answer) const;
  Result<Ended> send(const Ready& ready);
  Duration consistent() const;
  Result<Ended> check_guard(bool writes);
  std::string_view halted() const;  // why nothing of it may go on, whatever guards say; "": it may
  Result<codec::JsonValue> fill(const CallValue::Hole& hole, const PlannedCall& call) const;

  Result<Ended> go_on();
  Result<Ended> verify();
  Result<> note_verified(const codec::JsonValue& state, int64_t reads);
  Result<> note_evidence(const std::optional<Kept>& kept);
  Result<> note_missing(const Step& evidence, std::string_view reason);
  // Appends what may have been said already, or is not so any more: false then.
  Result<bool> note(const std::string& kind, const std::string& key, const std::string& payload,
                    const std::function<Result<>(const PlanBook&)>& still = {});
  struct Claims {
    std::optional<Hold> own;    // of the step, or of the one that it takes back
    std::optional<Hold> other;  // one of the others that count
  };
  Result<Claims> claims() const;
  // Why an undo would not bring back what stood before; "": it would.
  Result<std::string> why_strange(const Step& original, const StepState& was) const;
  Result<> return_own(const Claims& claims, std::string_view reason);

  Ended ends(StepEnd end, std::string reason = {}) const;
  Ended waits(Time until, std::string reason) const;
  Ended busy() const { return ends(StepEnd::kBusy, "another executor is at this target"); }
  Result<Ended> fail(std::string_view outcome, std::string reason);
  Result<bool> claim();           // false: another executor has the target
  Result<bool> wait(Time until);  // the same, while keeping the claim

  World world_;
  Journal& journal_;
  const Action& action_;
  std::string plan_hash_, step_id_;
  std::optional<Subject> subject_;
  // What was there, while it is not in the journal yet: it goes there with the first intention.
  std::optional<Journal::Said> unsaved_;
  ledger::Lease lease_;
  Duration retry_after_{};  // for which the provider asked, with the last answer
};

}  // namespace stanch::respond

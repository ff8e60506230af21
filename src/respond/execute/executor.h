#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "cloud/call.h"
#include "env/env.h"
#include "ledger/ledger.h"
#include "respond/action/action.h"
#include "respond/execute/journal.h"
#include "respond/guard/guard.h"
#include "respond/limits.h"

// Does what a plan says: claim, observe, save what was there, say what is about to be called, call,
// say what came of it, look until it holds, watch. Any number of executors, processes and machines
// may work on one plan; any of them may end at any moment, and another goes on. What holds:
//
//   No write leaves before an entry `intended` of this very executor is durable.
//   Whoever finds a call without an answer looks at the target before it sends what is still
//   missing, and waits before that until the call's signature is worth nothing, unless a second one
//   would do the same and whoever sent the first has given it up (step_send.cc). No write leaves
//   after its time: one that slept in between looks again (cloud::Call::not_after). A target has
//   one executor at a time, by a lease, for the calls' sake; that it may be lost at any moment
//   costs nothing but time.

namespace stanch::respond {

enum class StepEnd : uint8_t {
  kDone,  // verified, now or before
  kFailed,
  kStopped,  // a guard stops it, or asks for approval
  kBlocked,  // a step before it has not ended well
  kWaits,    // for a time to come
  kBusy,     // another executor has its target
};

struct StepReport {
  std::string step;
  StepEnd end = StepEnd::kDone;
  std::optional<GuardStop> stop;
  std::string reason;  // why it is not done, for people; of what is done, what there is to know
  Time until{};        // of kWaits
};

// Where something lies that only its owner can read, and what it is told by.
struct Kept {
  std::string place;   // "file:PATH"
  std::string sha256;  // of the sealed bytes, as hex
};

struct ExecutorOptions {
  std::string holder;  // of this executor alone: nobody else ever has the same
  std::string actor;   // who says the entries
  // Entity of what signs the call; "" if nobody knows.
  std::function<std::string(const cloud::Call&)> signer;
  size_t at_once = kStepsAtOnce;  // steps of a plan; at least 1
  bool retries_failed = false;    // steps that failed are tried once more
  bool waits = true;              // for what is due later; else run() ends and says when that is
  // Whether a step may go on now; asked before it begins, and with `writes` before each write. Any
  // thread.
  std::function<Result<std::optional<GuardStop>>(const PlanState&, const Step&, bool writes)> guard;
  // Keeps what may hold secrets, sealed, and durable when it returns. Any thread. Empty: nobody
  // said for whom it is sealed, and what would be kept is not taken.
  std::function<Result<Kept>(std::string_view bytes)> keep;
  // Called after each change, for those who watch; from any thread, one at a time. May be empty.
  std::function<void(const PlanState&, const Step&)> progress;
  // Called before it waits for a step, with what was said of it. May be empty.
  std::function<void(const StepReport&)> waiting;
};

struct PlanReport {
  std::vector<StepReport> steps;  // in the plan's order
  bool is_done() const;
};

class Executor {
 public:
  // All must outlive it. Not thread-safe; it has threads of its own.
  Executor(env::Env env, ledger::Ledger& ledger, const Actions& actions, cloud::Caller& caller,
           ExecutorOptions options);

  // All steps that may go on, until each is verified or cannot be; `at_once` at once, of
  // different targets. One that waits lets others go on. They begin in their order; where the plan
  // contains first, evidence comes after the others. The error is one of the ledger: of the cloud
  // there are reports.
  Result<PlanReport> run(const model::IncidentId& incident, std::string_view plan);

  struct Open {
    std::string plan, step, action, entity, reason;  // `reason`: why it is not contained again
  };
  struct Watched {
    size_t looked = 0;         // steps that were looked at
    size_t unseen = 0;         // steps that were to be, and could not
    size_t breaches = 0;       // of these looked at, containment was gone
    size_t contained = 0;      // steps that stand contained, as far as anybody knows
    std::vector<Open> open;    // were contained, are not any more
    std::optional<Time> next;  // when the next is due; nothing: no more, unless people act
  };
  // Looks at what was contained, where that is due, and contains again what is not any more.
  Result<Watched> watch(const model::IncidentId& incident);

 private:
  Result<> watch_step(Journal& journal, const std::string& plan, const Step& step,
                      Watched& watched);

  env::Env env_;
  ledger::Ledger& ledger_;
  const Actions& actions_;
  cloud::Caller& caller_;
  ExecutorOptions options_;
};

}  // namespace stanch::respond

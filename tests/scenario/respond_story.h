#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cloud/scripted_cloud.h"
#include "codec/json_value.h"
#include "env/sim/sim.h"
#include "ledger/memory_store.h"
#include "respond/execute/executor.h"
#include "respond/execute/make_undo.h"

namespace stanch::scenario {

// An account with one of everything that the actions of content/ contain.
Things things();
inline constexpr const char* kTrail = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/main";

respond::Actions read_actions();  // those of content/
const respond::Actions& actions();

using Wishes = std::vector<respond::Wanted>;
// One action on its thing in things(); `entity` without "aws:".
respond::Wanted wish(const char* action, const char* entity);
Wishes wanted();  // all of them
inline const auto kKey = wish("aws.iam.deactivate-access-key", "access-key/AKIAEVE");
inline const auto kUser = wish("aws.iam.deny-user", "user/111122223333/eve");
inline const auto kRole = wish("aws.iam.revoke-role-sessions", "role/111122223333/deploy");
inline const auto kHost = wish("aws.ec2.isolate-instance", "instance/111122223333/i-1");
inline const auto kBucket = wish("aws.s3.block-public-access", "bucket/data");

// Whether things() has what this action leaves.
bool is_contained(const Things& now, std::string_view action);

inline const model::IncidentId kIncident{"inc-aaaaaaaaaaaaaaaaaaaaaaaaaa"};
inline const model::IncidentId kOther{"inc-bbbbbbbbbbbbbbbbbbbbbbbbbb"};

struct Planned {
  model::IncidentId incident;
  std::string hash;
};

Odds hard();  // all that a cloud does, often

// The seeds of a test: `usual` of them, or as many as STANCH_SEEDS says, or the one of STANCH_SEED.
// The test is told each; the first that fails ends it and says how it is run again.
void each_seed(uint64_t usual, const std::function<void(uint64_t seed)>& test);
// Calls `test` with a crash at 1, 2 … calls; the first that fails ends it.
void each_crash(uint64_t calls, const std::function<void(env::CrashAt)>& test);

// One world: a cloud and a ledger, which outlive the processes that work on them. Each process is a
// run of its own, in one virtual time; it may crash.
class Story {
 public:
  explicit Story(uint64_t seed, const Odds& odds = {});

  // Makes a plan known, or the plan that takes one back. Never disturbed.
  Planned plan(const Wishes& wishes = wanted(), const model::IncidentId& incident = kIncident);
  Planned undo(const Planned& plan);
  std::optional<Planned> try_undo(const Planned& plan);  // nothing: it has nothing to take back

  // One process works on the plan, `executors` threads of it at once; `last` is what they report,
  // `done` whether all of it is.
  env::Outcome work(const Planned& plan, std::optional<env::CrashAt> crash = {},
                    unsigned executors = 1);
  // Processes, one after the other, until it is done.
  void finish(const Planned& plan, unsigned executors = 1);
  // One process watches the incident until nothing more is due; `watched` counts.
  env::Outcome watch(const model::IncidentId& incident = kIncident,
                     std::optional<env::CrashAt> crash = {});

  // One turn of it, after that time.
  respond::Executor::Watched watch_once(Duration after);

  respond::ExecutorOptions options(env::Env env) const;  // of a new executor

  Time now();
  void pass(Duration time);
  // Somebody who may write the ledger adds the document of `plan` under another hash.
  void forge(const Planned& plan, const std::string& hash);
  // Somebody else does something.
  void change(const std::function<void(Things&)>& by);

  // ---- what the ledger says

  const respond::StepReport& report(std::string_view step) const;  // of `last`
  // Of a plan as it is known by now.
  respond::PlanState state(const Planned& plan);
  // Entries of this kind, of all streams, in their order.
  std::vector<codec::JsonValue> said(std::string_view kind) const;
  bool said_before(std::string_view kind, const Arrival& arrival) const;
  // All that happened, and all reports of `last`: for a failure.
  std::string tale() const;
  std::string words() const;

  // ---- what the cloud saw

  size_t writes() const;  // that arrived

  // ---- what must hold

  void check_contained() const;
  // Things are as they were at first: but for evidence, and what nobody takes back.
  void check_taken_back() const;
  // What is made without a token is made once; evidence before what needs it, or it was said.
  void check_arrivals() const;
  // No write left before the ledger had its intention, and each has one of its own.
  void check_intentions() const;

  env::SimWorld world;
  ScriptedCloud cloud;
  std::shared_ptr<ledger::MemoryState> ledger;
  bool done = false;
  respond::PlanReport last;
  respond::Executor::Watched watched;  // `looked` and `breaches` of the last watch(), added up
  // Of the executors.
  const respond::Actions* known = &actions();
  bool retries_failed = true;
  size_t at_once = respond::kStepsAtOnce;
  std::function<Result<std::optional<respond::GuardStop>>(const respond::PlanState&,
                                                          const respond::Step&, bool writes)>
      guard;

 private:
  void calmly(const std::function<void(env::Env, ledger::Ledger&, cloud::Caller&)>& body);
  std::string where() const;

  uint64_t seed_;
};

}  // namespace stanch::scenario

#include "respond/execute/executor.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "respond/execute/plan_run.h"
#include "respond/execute/step_run.h"

namespace stanch::respond {

bool PlanReport::is_done() const {
  return std::ranges::all_of(steps,
                             [](const StepReport& step) { return step.end == StepEnd::kDone; });
}

Executor::Executor(env::Env env, ledger::Ledger& ledger, const Actions& actions,
                   cloud::Caller& caller, ExecutorOptions options)
    : env_(env),
      ledger_(ledger),
      actions_(actions),
      caller_(caller),
      options_(std::move(options)) {}

Result<PlanReport> Executor::run(const model::IncidentId& incident, std::string_view plan) {
  TRY(Journal journal, Journal::open(env_.clock, ledger_, incident, options_.actor));
  const PlanState* state = journal.book().find(plan);
  if (state == nullptr) {
    return Error(ErrorCode::kNotFound, fmt::format("there is no plan {}", plan));
  }
  if (!state->is_intact) {
    return Error(ErrorCode::kCorrupt, fmt::format("plan {} is not what its hash is of", plan));
  }
  const StepRun::World world{env_, ledger_, caller_, actions_, options_};
  return PlanRun(world, incident, *state).run();
}

// ---------------------------------------------------------------- watch

Result<> Executor::watch_step(Journal& journal, const std::string& plan, const Step& step,
                              Watched& watched) {
  const auto state = [&]() -> const StepState& { return journal.book().find(plan)->step(step.id); };
  const auto soon = [&](Time due) { watched.next = std::min(watched.next.value_or(due), due); };
  const auto action = actions_.find(step.action);
  if (!state().is_contained() && !state().is_open()) return {};
  if (action == actions_.end() || !action->second.watch) {
    watched.contained += state().is_contained();
    return {};
  }
  const StepRun::World world{env_, ledger_, caller_, actions_, options_};
  const auto due = [&] { return state().verified->at + kWatchAfter[state().watched]; };
  Time again = env_.clock.now() + kWatchAgain;
  if (state().is_contained()) {
    const bool is_due = state().watched < std::size(kWatchAfter) && env_.clock.now() >= due();
    if (is_due) {
      TRY(const auto holds, StepRun(world, journal, action->second, plan, step.id).watch());
      ++(holds ? watched.looked : watched.unseen);
      watched.breaches += holds && !*holds;
    }
    if (state().is_contained()) {
      ++watched.contained;
      if (state().watched < std::size(kWatchAfter)) soon(is_due ? std::max(due(), again) : due());
      return {};
    }
  }
  if (!state().is_open()) return {};  // it was taken back meanwhile
  StepRun repair(world, journal, action->second, plan, step.id);
  StepReport ended{.step = step.id, .end = StepEnd::kFailed, .stop = {}, .reason = {}};
  if (state().failed) {
    ended.reason = state().failed->reason;
  } else if (state().breaches > kBreachesMax) {
    ended.reason =
        fmt::format("It was contained {} times, and opened again each time.", kBreachesMax + 1);
    TRY(repair.give_up(ended.reason));
  } else {
    TRY(ended, repair.run());
    if (ended.end == StepEnd::kWaits) again = std::max(again, ended.until);
  }
  if (state().is_contained()) {
    ++watched.contained;
    soon(due());
    return {};
  }
  watched.open.push_back({.plan = plan,
                          .step = step.id,
                          .action = step.action,
                          .entity = step.target.entity,
                          .reason = std::move(ended.reason)});
  // What a guard, a pause or the end of the incident stops goes on when people have acted.
  const bool is_stopped = ended.end == StepEnd::kStopped;
  if (!state().failed && !is_stopped && !journal.book().find(plan)->ended) soon(again);
  return {};
}

Result<Executor::Watched> Executor::watch(const model::IncidentId& incident) {
  TRY(Journal journal, Journal::open(env_.clock, ledger_, incident, options_.actor));
  Watched watched;
  const std::vector<std::string> order = journal.book().order();
  for (const std::string& hash : order) {
    const PlanState& plan = *journal.book().find(hash);
    if (plan.plan.mode != PlanMode::kLive || !plan.is_intact) continue;
    const std::vector<Step> steps = plan.plan.steps;
    for (const Step& step : steps) TRY(watch_step(journal, hash, step, watched));
  }
  return watched;
}

}  // namespace stanch::respond

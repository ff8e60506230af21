#include "respond/execute/executor.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "respond/execute/step_run.h"

namespace stanch::respond {

namespace {

constexpr unsigned kBusyTries = 20;
constexpr Duration kBusyPause = std::chrono::seconds(5);

}  // namespace

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
  const std::string hash = state->hash;
  const std::vector<Step> steps = state->plan.steps;
  StepRun::World world{env_, ledger_, caller_, options_};
  PlanReport report;
  for (const Step& step : steps) {
    const auto action = actions_.find(step.action);
    if (action == actions_.end()) {
      report.steps.push_back({.step = step.id,
                              .end = StepEnd::kFailed,
                              .stop = std::nullopt,
                              .reason = fmt::format("there is no action {}", step.action)});
      continue;
    }
    for (unsigned attempt = 1;; ++attempt) {
      TRY(journal.refresh());
      TRY(StepReport ended, StepRun(world, journal, action->second, hash, step.id).run());
      if (ended.end != StepEnd::kBusy || attempt == kBusyTries) {
        report.steps.push_back(std::move(ended));
        break;
      }
      env_.clock.sleep(kBusyPause);
    }
  }
  return report;
}

Result<Executor::Watched> Executor::watch(const model::IncidentId& incident) {
  TRY(Journal journal, Journal::open(env_.clock, ledger_, incident, options_.actor));
  StepRun::World world{env_, ledger_, caller_, options_};
  Watched watched;
  const std::vector<std::string> order = journal.book().order();
  for (const std::string& hash : order) {
    const PlanState& plan = *journal.book().find(hash);
    if (plan.plan.mode != PlanMode::kLive || !plan.is_intact) continue;
    const std::vector<Step> steps = plan.plan.steps;
    for (const Step& step : steps) {
      const auto action = actions_.find(step.action);
      if (action == actions_.end() || !action->second.watch) continue;
      const StepState& state = journal.book().find(hash)->step(step.id);
      if (state.is_undoing || state.is_undone || state.failed) continue;
      if (!state.verified) {
        // Containment that was gone, and whose repair was interrupted.
        if (state.breaches == 0) continue;
      } else {
        if (state.watched >= std::size(kWatchAfter)) continue;
        const Time due = state.verified->at + kWatchAfter[state.watched];
        if (env_.clock.now() < due) {
          watched.next = std::min(watched.next.value_or(due), due);
          continue;
        }
        ++watched.looked;
        TRY(const auto holds, StepRun(world, journal, action->second, hash, step.id).watch());
        if (holds.value_or(true)) continue;
        ++watched.breaches;
      }
      StepRun again(world, journal, action->second, hash, step.id);
      if (journal.book().find(hash)->step(step.id).breaches > kBreachesMax) {
        TRY(again.give_up(fmt::format("It was contained {} times, and opened again each time.",
                                      kBreachesMax + 1)));
      } else {
        TRY(again.run());
      }
    }
  }
  for (const std::string& hash : journal.book().order()) {
    const PlanState& plan = *journal.book().find(hash);
    for (const Step& step : plan.plan.steps) {
      const StepState& state = plan.step(step.id);
      const auto action = actions_.find(step.action);
      const bool goes_on =
          action != actions_.end() && action->second.watch && !state.is_undoing &&
          !state.is_undone && !state.failed && (state.verified || state.breaches > 0) &&
          state.watched < std::size(kWatchAfter) && plan.plan.mode == PlanMode::kLive;
      if (!goes_on) continue;
      // A repair that did not come to its end is tried again soon.
      const Time due = state.verified ? state.verified->at + kWatchAfter[state.watched]
                                      : env_.clock.now() + kWatchAfter[0];
      watched.next = std::min(watched.next.value_or(due), due);
    }
  }
  return watched;
}

}  // namespace stanch::respond

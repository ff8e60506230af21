#include "respond/execute/executor.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "respond/execute/step_run.h"

namespace stanch::respond {

namespace {

struct Pending {
  const Step* step = nullptr;
  unsigned busy = 0;  // times that another executor had its target
  Time due{};         // it is not tried before
  StepReport last = {};
};

std::vector<Pending> in_order(const Plan& plan) {
  std::vector<Pending> order;
  for (const Step& step : plan.steps) order.push_back({.step = &step});
  if (!plan.contain_first.empty()) {
    std::ranges::stable_partition(order,
                                  [](const Pending& each) { return !each.step->is_evidence; });
  }
  return order;
}

// Whether it is tried again in this run.
bool stays_pending(const StepReport& ended, Pending& step, const std::vector<Pending>& pending) {
  if (ended.end == StepEnd::kWaits) return true;
  if (ended.end == StepEnd::kBusy) return ++step.busy < kBusyTries;
  return ended.end == StepEnd::kBlocked && std::ranges::any_of(pending, [&](const Pending& other) {
           const bool earlier = other.step < step.step;
           return earlier &&
                  std::ranges::find(step.step->after, other.step->id) != step.step->after.end();
         });
}

void sleep_until_due(env::Clock& clock, const std::vector<Pending>& pending) {
  const Time now = clock.now();
  std::optional<Time> due;
  for (const Pending& each : pending) {
    if (each.due > now) due = std::min(due.value_or(each.due), each.due);
  }
  clock.sleep(due ? span_of(now, *due) : kBusyPause);
}

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
  const Plan of = state->plan;
  std::vector<Pending> pending = in_order(of);
  const StepRun::World world{env_, ledger_, caller_, actions_, options_};
  const auto run_step = [&](const Step& step) -> Result<StepReport> {
    const auto action = actions_.find(step.action);
    if (action != actions_.end()) {
      return StepRun(world, journal, action->second, hash, step.id).run();
    }
    return StepReport{.step = step.id,
                      .end = StepEnd::kFailed,
                      .stop = std::nullopt,
                      .reason = fmt::format("there is no action {}", step.action)};
  };
  PlanReport report;
  while (!pending.empty()) {
    const size_t before = pending.size();
    for (size_t i = 0; i < pending.size();) {
      Pending& next = pending[i];
      if (env_.clock.now() < next.due) {
        ++i;
        continue;
      }
      TRY(journal.refresh());
      TRY(StepReport ended, run_step(*next.step));
      if (stays_pending(ended, next, pending)) {
        if (ended.end == StepEnd::kBusy) next.due = env_.clock.now() + kBusyPause;
        if (ended.end == StepEnd::kWaits) next.due = ended.until;
        if (ended.end != StepEnd::kBlocked && options_.waiting) options_.waiting(ended);
        next.last = std::move(ended);
        ++i;
        continue;
      }
      report.steps.push_back(std::move(ended));
      pending.erase(pending.begin() + static_cast<ptrdiff_t>(i));
    }
    if (pending.empty() || pending.size() < before) continue;
    if (!options_.waits) {
      for (Pending& each : pending) report.steps.push_back(std::move(each.last));
      break;
    }
    sleep_until_due(env_.clock, pending);
  }
  std::ranges::sort(report.steps, {}, [&](const StepReport& each) { return of.find(each.step); });
  return report;
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

#include "respond/execute/plan_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "respond/limits.h"

namespace stanch::respond {

PlanRun::PlanRun(const StepRun::World& world, const model::IncidentId& incident,
                 const PlanState& plan)
    : world_(world),
      options_(world.options),
      own_world_{world.env, world.ledger, world.caller, world.actions, options_},
      incident_(incident),
      hash_(plan.hash),
      plan_(plan.plan),
      telling_(world.env.threads.monitor()),
      monitor_(world.env.threads.monitor()) {
  if (world.options.progress) {
    options_.progress = [this](const PlanState& state, const Step& step) {
      env::MonitorLock lock(*telling_);
      world_.options.progress(state, step);
    };
  }
  if (world.options.waiting) {
    options_.waiting = [this](const StepReport& report) {
      env::MonitorLock lock(*telling_);
      world_.options.waiting(report);
    };
  }
  for (const Step& step : plan_.steps) {
    if (plan.step(step.id).verified) {
      reports_.push_back({.step = step.id, .end = StepEnd::kDone, .stop = {}, .reason = {}});
    } else {
      pending_.push_back(std::make_unique<Pending>(Pending{.step = &step}));
    }
  }
  if (!plan_.contain_first.empty()) {
    std::ranges::stable_partition(pending_,
                                  [](const auto& each) { return !each->step->is_evidence; });
  }
}

Result<PlanReport> PlanRun::run() {
  work();
  // Only those that work start others.
  for (size_t i = 0; i < threads_.size(); ++i) threads_[i]->join();
  if (error_) return *error_;
  // What waits for a time, of an executor that does not.
  for (const auto& each : pending_) reports_.push_back(std::move(each->last));
  std::ranges::sort(reports_, {}, [&](const StepReport& each) { return plan_.find(each.step); });
  return PlanReport{std::move(reports_)};
}

void PlanRun::work() {
  auto journal = Journal::open(world_.env.clock, world_.ledger, incident_, options_.actor);
  monitor_->lock();
  if (!journal) error_ = journal.error();
  while (!error_ && !pending_.empty()) {
    Pending* const next = pick(world_.env.clock.now());
    if (next == nullptr) {
      if (!wait_for_others()) break;
      continue;
    }
    next->is_running = true;
    ++running_;
    if (threads_.size() + 1 < options_.at_once && pick(world_.env.clock.now()) != nullptr) {
      if (auto thread = world_.env.threads.start("step", [this] { work(); })) {
        threads_.push_back(std::move(thread));
      }
    }
    monitor_->unlock();
    auto ended = run_step(*journal, *next->step);
    monitor_->lock();
    --running_;
    take(*next, std::move(ended));
    monitor_->notify_all();
  }
  monitor_->notify_all();
  monitor_->unlock();
}

// Of one target one at a time, and nothing that waits for one that is on its way.
bool PlanRun::is_on_hold(const Pending& step) const {
  return std::ranges::any_of(pending_, [&](const auto& other) {
    return other->is_running &&
           (other->step->target.entity == step.step->target.entity ||
            std::ranges::find(step.step->after, other->step->id) != step.step->after.end());
  });
}

PlanRun::Pending* PlanRun::pick(Time now) {
  const auto found = std::ranges::find_if(pending_, [&](const auto& each) {
    return !each->is_running && now >= each->due && each->tried != happened_ && !is_on_hold(*each);
  });
  return found == pending_.end() ? nullptr : found->get();
}

// False: nothing is left that could go on. Requires the lock, which it gives up meanwhile.
bool PlanRun::wait_for_others() {
  Time due = Time::max();
  for (const auto& each : pending_) {
    if (!each->is_running && each->due > world_.env.clock.now()) due = std::min(due, each->due);
  }
  if (running_ == 0 && !options_.waits) return false;
  if (running_ == 0 && due == Time::max()) due = world_.env.clock.now() + kBusyPause;
  if (!options_.waits || due >= someone_wakes_) {
    monitor_->wait();
    return true;
  }
  someone_wakes_ = due;
  monitor_->unlock();
  world_.env.clock.sleep(span_of(world_.env.clock.now(), due));
  monitor_->lock();
  if (someone_wakes_ == due) someone_wakes_ = Time::max();
  ++happened_;
  monitor_->notify_all();
  return true;
}

Result<StepReport> PlanRun::run_step(Journal& journal, const Step& step) {
  TRY(journal.refresh());
  const auto action = world_.actions.find(step.action);
  if (action != world_.actions.end()) {
    return StepRun(own_world_, journal, action->second, hash_, step.id).run();
  }
  return StepReport{.step = step.id,
                    .end = StepEnd::kFailed,
                    .stop = std::nullopt,
                    .reason = fmt::format("there is no action {}", step.action)};
}

void PlanRun::take(Pending& step, Result<StepReport> ended) {
  step.is_running = false;
  if (!ended) {
    error_ = ended.error();
    return;
  }
  const bool stays = stays_pending(*ended, step);
  // What is only blocked lets nothing else go on.
  if (ended->end != StepEnd::kBlocked) ++happened_;
  step.tried = happened_;
  if (!stays) {
    reports_.push_back(std::move(*ended));
    std::erase_if(pending_, [&](const auto& each) { return each.get() == &step; });
    return;
  }
  if (ended->end == StepEnd::kBusy) step.due = world_.env.clock.now() + kBusyPause;
  if (ended->end == StepEnd::kWaits) step.due = ended->until;
  if (ended->end != StepEnd::kBlocked) step.tried = 0;  // it has a time of its own
  if (ended->end != StepEnd::kBlocked && options_.waiting) options_.waiting(*ended);
  step.last = std::move(*ended);
}

// Whether it is tried again in this run.
bool PlanRun::stays_pending(const StepReport& ended, Pending& step) const {
  if (ended.end == StepEnd::kWaits) return true;
  if (ended.end == StepEnd::kBusy) return ++step.busy < kBusyTries;
  return ended.end == StepEnd::kBlocked && std::ranges::any_of(pending_, [&](const auto& other) {
           const bool earlier = other->step < step.step;
           return earlier &&
                  std::ranges::find(step.step->after, other->step->id) != step.step->after.end();
         });
}

}  // namespace stanch::respond

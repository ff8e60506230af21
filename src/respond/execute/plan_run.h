#pragma once

#include <memory>
#include <string>
#include <vector>

#include "respond/execute/step_run.h"

namespace stanch::respond {

// A whole plan, once: several steps at once, where their targets differ and none waits for another.
// They begin in their order; where the plan contains first, evidence comes after the others. A
// step that waits lets others go on.
class PlanRun {
 public:
  // `plan` is of what the journal's book has. The world must outlive it.
  PlanRun(const StepRun::World& world, const model::IncidentId& incident, const PlanState& plan);

  Result<PlanReport> run();

 private:
  struct Pending {
    const Step* step = nullptr;
    unsigned busy = 0;   // times that another executor had its target
    Time due{};          // it is not tried before
    uint64_t tried = 0;  // when nothing else had happened since: it is not tried again
    bool is_running = false;
    StepReport last = {};
  };

  void work();
  Pending* pick(Time now);
  bool is_on_hold(const Pending& step) const;
  Result<StepReport> run_step(Journal& journal, const Step& step);
  void take(Pending& step, Result<StepReport> ended);
  bool stays_pending(const StepReport& ended, Pending& step) const;
  bool wait_for_others();

  const StepRun::World& world_;
  ExecutorOptions options_;  // the world's, whose callbacks are called by one at a time
  StepRun::World own_world_;
  const model::IncidentId incident_;
  const std::string hash_;
  const Plan plan_;
  std::unique_ptr<env::Monitor> telling_;  // of the callbacks
  std::unique_ptr<env::Monitor> monitor_;  // of all below
  std::vector<std::unique_ptr<Pending>> pending_;
  std::vector<std::unique_ptr<env::Thread>> threads_;
  std::vector<StepReport> reports_;
  std::optional<Error> error_;
  size_t running_ = 0;
  uint64_t happened_ = 1;             // counts what may let a blocked step go on
  Time someone_wakes_ = Time::max();  // the earliest time at which one that sleeps looks again
};

}  // namespace stanch::respond

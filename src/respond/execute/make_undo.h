#pragma once

#include <string>
#include <vector>

#include "cloud/call.h"
#include "ledger/ledger.h"
#include "respond/execute/journal.h"
#include "respond/plan/make.h"

namespace stanch::respond {

struct UndoRequest {
  std::string plan;                // hash of the one to take back
  std::vector<std::string> steps;  // of it; empty: all that were done
  std::vector<std::string> because = {};
  std::string guards = {};  // Plan::guards
  Time now{};
};

// A plan that takes steps back, the last first. Each is computed from the target as it is and from
// what stood before the first incident contained it. kInvalid if a step was not done, or cannot be
// undone (the text says why).
Result<Plan> make_undo(const UndoRequest& request, const Journal& journal, ledger::Ledger& ledger,
                       env::Clock& clock, const Actions& actions, cloud::Caller& caller);

// The state to go back to of a step that was begun: that before the first of the holds that stand
// now, whoever took it; of what each incident makes for itself, before the incident's first.
// kNotFound if it was erased.
Result<codec::JsonValue> state_before(ledger::Ledger& ledger, env::Clock& clock,
                                      const Journal& journal, const Action& action,
                                      const Step& step, const StepState& state);

// Makes a plan known: an entry, with its document. Returns its hash.
Result<std::string> add_plan(Journal& journal, const Plan& plan);

}  // namespace stanch::respond

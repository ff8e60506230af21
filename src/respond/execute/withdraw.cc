#include "respond/execute/withdraw.h"

#include <fmt/format.h>

#include "respond/execute/holds.h"

namespace stanch::respond {

namespace {

using codec::JsonWriter;

// A hold is taken before anything is done: whoever ended in between left it.
Result<> return_unbegun(const Journal& journal, ledger::Ledger& ledger, const PlanState& plan,
                        const Step& step, const std::string& actor) {
  const StepState& state = plan.step(step.id);
  if (state.verified || state.breaches > 0 || !state.did_nothing()) return {};
  TRY(const Holds holds, Holds::load(ledger, step.target.entity));
  const std::vector<Hold>& held = holds.of(aspect_of(step));
  for (const Hold& hold : held) {
    if (!hold.is_of(journal.incident(), plan.hash, step.id)) continue;
    const HoldRequest request{.entity = step.target.entity,
                              .aspect = aspect_of(step),
                              .incident = journal.incident(),
                              .plan = plan.hash,
                              .step = step.id,
                              .time = plan.step(step.id).failures,
                              .now = journal.now(),
                              .actor = actor};
    TRY(return_hold(ledger, request, hold, held.size() == 1, "its plan was withdrawn"));
  }
  return {};
}

}  // namespace

Result<> withdraw_plan(Journal& journal, ledger::Ledger& ledger, const std::string& plan,
                       const std::string& actor, const std::string& reason) {
  if (journal.book().find(plan) == nullptr) {
    return Error(ErrorCode::kNotFound, fmt::format("there is no plan {}", plan));
  }
  const auto ended = journal.append("plan_ended", plan, codec::json_object([&](JsonWriter& json) {
                                      json.field("plan", plan).field("outcome", "withdrawn");
                                      json.field("reason", reason);
                                    }),
                                    [&](const PlanBook& book) -> Result<> {
                                      if (!book.find(plan)->ended) return {};
                                      return Error(ErrorCode::kConflict, "it has ended");
                                    });
  if (!ended && ended.error().code() != ErrorCode::kConflict) return ended.error();
  const PlanState& state = *journal.book().find(plan);
  if (state.plan.mode == PlanMode::kUndo) return {};
  for (const Step& step : state.plan.steps) {
    TRY(return_unbegun(journal, ledger, state, step, actor));
  }
  return {};
}

}  // namespace stanch::respond

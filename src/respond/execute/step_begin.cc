// How a step begins: it takes its hold, and says what was there. What another incident holds is
// left as it is.

#include "respond/execute/step_run.h"

#include <fmt/format.h>

#include <algorithm>

namespace stanch::respond {

namespace {

using codec::JsonValue;
using codec::JsonWriter;

Result<> always(const PlanBook&) { return {}; }

}  // namespace

Result<> StepRun::save(const JsonValue& observed, bool done_already) {
  TRY(journal_.append("state_saved", key(fmt::format("{}", state().failures)),
                      codec::json_object([&](JsonWriter& json) {
                        json.field("plan", plan_hash_).field("step", step_id_);
                        json.field("target", step().target.entity);
                        append_json(observed, json.key("state"));
                        json.field("done_already", done_already);
                      }),
                      [this](const PlanBook&) -> Result<> {
                        if (!state().has_begun()) return {};
                        return Error(ErrorCode::kConflict, "somebody else has begun the step");
                      }));
  return {};
}

Result<StepRun::Ended> StepRun::begin(const Look& look) {
  if (!look.computed.lacks.empty()) {
    return fail("stopped", fmt::format("{}", fmt::join(look.computed.lacks, " ")));
  }
  if (!look.computed.done && !step().done && look.computed.calls != step().calls) {
    return fail("stale",
                "The target has changed since it was planned, so that other calls would be "
                "made. Plan it anew.");
  }
  if (!look.computed.done && step().done) {
    return fail("stale",
                "It was contained when it was planned, and is not any "
                "more. Plan it anew.");
  }
  if (action_.undo) TRY(take_hold(world_.ledger, hold_request(journal_.now())));
  TRY(save(look.state, look.computed.done));
  return Ended();
}

// What another incident holds stays as it is.
Result<StepRun::Ended> StepRun::leave_to_others() {
  TRY(std::optional<Hold> held, held_by_others());
  if (!held) return Ended();
  Look now;
  TRY(Ended ended, look(now));
  if (ended) return ended;
  if (!state().has_begun()) TRY(save(now.state, true));
  TRY(return_this_hold("another still holds it; nothing was written"));
  // The other may have gone the same way at the same moment: then this was the last.
  TRY(held, held_by_others());
  if (!held) return Ended();
  TRY(note_verified(now.state, 1));
  return ends(StepEnd::kDone,
              fmt::format("nothing was opened: {} still holds it (plan {}, step {})",
                          held->incident, held->plan.substr(0, 12), held->step));
}

Result<StepRun::Ended> StepRun::begin_undo(const Look& look) {
  const PlanState* taken_back = journal_.book().find(plan().plan.undoes);
  if (taken_back == nullptr || !action_.undo) {
    return fail("stopped", "There is nothing that could be taken back.");
  }
  // What may still arrive of the change would come after its undoing.
  if (const Time until = taken_back->step(step().undoes).valid_until(); journal_.now() < until) {
    return waits(until, "a call of what is taken back may still arrive");
  }
  TRY(Ended left, leave_to_others());
  if (left) return left;
  const auto is_same = [&](const std::string& name) {
    return look.state[name] == step().left[name] || look.state[name] == step().saved[name];
  };
  const auto changed = std::ranges::find_if_not(action_.undo->same, is_same);
  if (changed != action_.undo->same.end()) {
    const std::string reason = fmt::format(
        "{} is not what the change left: somebody else changed it since. Nothing was written.",
        *changed);
    TRY(journal_.append("undo_stopped", key(fmt::format("{}", state().failures)),
                        codec::json_object([&](JsonWriter& json) {
                          json.field("plan", plan_hash_).field("step", step_id_);
                          json.field("target", step().target.entity);
                          append_json(step().saved, json.key("saved"));
                          append_json(step().left, json.key("left"));
                          append_json(look.state, json.key("live"));
                          json.field("reason", reason);
                        }),
                        always));
    return Ended(ends(StepEnd::kFailed, reason));
  }
  if (!look.computed.done && look.computed.calls != step().calls) {
    return fail("stale",
                "The target has changed since undoing was planned. Plan "
                "it anew.");
  }
  if (!state().has_begun()) TRY(save(look.state, look.computed.done));
  return Ended();
}

// The hold that the step took, or that the step took which it takes back.
Result<std::optional<Hold>> StepRun::this_hold() const {
  TRY(const Holds held, Holds::load(world_.ledger, step().target.entity));
  for (const Hold& hold : held.of(action_.name)) {
    if (is_this(hold)) return std::optional<Hold>(hold);
  }
  return std::optional<Hold>();
}

bool StepRun::is_this(const Hold& hold) const {
  return hold.incident == journal_.incident().text() &&
         hold.plan == (is_undo() ? plan().plan.undoes : plan_hash_) &&
         hold.step == (is_undo() ? step().undoes : step_id_);
}

// What each incident makes with a name of its own is held by its own plans alone.
Result<std::optional<Hold>> StepRun::held_by_others() const {
  TRY(const Holds held, Holds::load(world_.ledger, step().target.entity));
  for (const Hold& hold : held.of(action_.name)) {
    const bool counts = !action_.makes_only_own() || hold.incident == journal_.incident().text();
    if (counts && !is_this(hold)) return std::optional<Hold>(hold);
  }
  return std::optional<Hold>();
}

Result<> StepRun::return_hold_of_this(const Hold& hold, std::string_view reason) {
  TRY(const auto others, held_by_others());
  return return_hold(world_.ledger, hold_request(journal_.now()), hold, !others, reason);
}

Result<> StepRun::return_this_hold(std::string_view reason) {
  TRY(const auto hold, this_hold());
  return hold ? return_hold_of_this(*hold, reason) : Result<>();
}

}  // namespace stanch::respond

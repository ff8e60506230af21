// How a step begins: it takes its hold, and says what was there. What another incident holds is
// left as it is.

#include "respond/execute/step_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "respond/execute/make_undo.h"

namespace stanch::respond {

namespace {

using codec::JsonValue;
using codec::JsonWriter;

}  // namespace

Result<> StepRun::save(const JsonValue& observed, bool done_already) {
  unsaved_ = {.kind = "state_saved",
              .key = key(fmt::format("{}", state().failures)),
              .payload = codec::json_object([&](JsonWriter& json) {
                json.field("plan", plan_hash_).field("step", step_id_);
                json.field("target", step().target.entity);
                append_json(observed, json.key("state"));
                json.field("done_already", done_already);
              })};
  // Of a step that was tried before it is asked for in between.
  const bool may_wait = !done_already && !is_undo() && state().sent.empty();
  return may_wait ? Result<>() : save_now();
}

Result<> StepRun::save_now() {
  if (!unsaved_) return {};
  const Journal::Said said = *std::exchange(unsaved_, std::nullopt);
  const auto saved =
      journal_.append(said.kind, said.key, said.payload, [this](const PlanBook&) -> Result<> {
        if (plan().ended) return Error(ErrorCode::kConflict, "the plan has ended");
        if (!state().has_begun()) return {};
        return Error(ErrorCode::kConflict, "somebody else has begun the step");
      });
  if (saved) return {};
  // It was not begun, and nobody will begin it: so it holds nothing either.
  if (plan().ended && !state().has_begun() && !is_undo()) {
    TRY(const Claims held, claims());
    TRY(return_own(held, "nothing was written: its plan has ended"));
  }
  return saved.error();
}

Result<StepRun::Ended> StepRun::begin(const Look& look) {
  if (!look.computed.lacks.empty()) {
    return fail("stopped", fmt::format("{}", fmt::join(look.computed.lacks, " ")));
  }
  for (const std::string& hit : look.computed.hits) {
    if (std::ranges::find(step().also_hits, hit) != step().also_hits.end()) continue;
    return fail("stale", fmt::format("It would also hit {}, of which the plan does not know. Plan "
                                     "it anew.",
                                     hit));
  }
  if (!look.computed.done && !step().done &&
      !still_follows(action_, step().calls, look.computed.calls)) {
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

// What another step holds, of whatever incident, stays as it is.
Result<StepRun::Ended> StepRun::leave_to_others() {
  TRY(Claims held, claims());
  if (!held.other) return Ended();
  Look now;
  TRY(Ended ended, look(now));
  if (ended) return ended;
  if (!state().has_begun()) TRY(save(now.state, true));
  TRY(return_own(held, "another still holds it; nothing was written"));
  // The other may have gone the same way at the same moment: then this was the last.
  TRY(held, claims());
  if (!held.other) return Ended();
  TRY(note_verified(now.state, 1));
  return ends(StepEnd::kDone,
              fmt::format("nothing was opened: {} still holds it (plan {}, step {})",
                          held.other->incident, held.other->plan.substr(0, 12), held.other->step));
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
  // A plan that takes back is made from the ledger; one that somebody wrote may say anything.
  const Step* const original = taken_back->plan.find(step().undoes);
  if (original == nullptr || original->action != step().action ||
      original->target != step().target || original->also_hits != step().also_hits ||
      !taken_back->step(step().undoes).saved) {
    return fail("stopped", "It is not what the step that it names did.");
  }
  TRY(Ended left, leave_to_others());
  if (left) return left;
  TRY(const std::string strange, why_strange(*original, taken_back->step(step().undoes)));
  if (!strange.empty()) return fail("stopped", strange);
  if (const std::string* changed =
          find_changed(*action_.undo, look.state, step().left, step().saved)) {
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
                        })));
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

Result<std::string> StepRun::why_strange(const Step& original, const StepState& was) const {
  auto before = state_before(world_.ledger, world_.env.clock, journal_, action_, original, was);
  if (!before && before.error().code() == ErrorCode::kNotFound) return before.error().message();
  if (!before) return std::move(before).error();
  const bool is_left = !was.verified || was.verified->state == step().left;
  if (*before == step().saved && is_left) return std::string();
  return std::string(
      "What stood before the change, or what it left, is not what this plan says. Plan it anew.");
}

// What each incident makes with a name of its own is held by its own plans alone.
Result<StepRun::Claims> StepRun::claims() const {
  TRY(const Holds held, Holds::load(world_.ledger, step().target.entity));
  const std::string& of_plan = is_undo() ? plan().plan.undoes : plan_hash_;
  const std::string& of_step = is_undo() ? step().undoes : step_id_;
  Claims claims;
  for (const Hold& hold : held.of(aspect_of(step()))) {
    const bool counts = !action_.makes_only_own() || hold.incident == journal_.incident().text();
    if (hold.is_of(journal_.incident(), of_plan, of_step)) {
      claims.own = hold;
    } else if (counts) {
      claims.other = hold;
    }
  }
  return claims;
}

Result<> StepRun::return_own(const Claims& claims, std::string_view reason) {
  if (!claims.own) return {};
  return return_hold(world_.ledger, hold_request(journal_.now()), *claims.own, !claims.other,
                     reason);
}

}  // namespace stanch::respond

#include "respond/execute/make_undo.h"

#include <fmt/format.h>

#include <algorithm>
#include <ranges>

#include "respond/execute/holds.h"

namespace stanch::respond {

namespace {

using codec::JsonValue;
using codec::JsonWriter;

// What the step saved that took the hold; nothing if it ended between the two, or found it
// contained when it came to look: another had done so meanwhile, and saved what was before.
Result<std::optional<JsonValue>> saved_by(const Hold& hold, ledger::Ledger& ledger,
                                          env::Clock& clock) {
  TRY(const Journal of, Journal::open(clock, ledger, model::IncidentId(hold.incident), "engine"));
  const PlanState* plan = of.book().find(hold.plan);
  const StepState* state = plan == nullptr ? nullptr : &plan->step(hold.step);
  // Payloads can be erased.
  if (state == nullptr || (!state->saved && (state->verified || !state->sent.empty()))) {
    return Error(ErrorCode::kNotFound,
                 fmt::format("what {} saved before it contained this cannot be read any more",
                             hold.incident));
  }
  return state->saved && !state->done_already ? state->saved : std::optional<JsonValue>();
}

}  // namespace

Result<JsonValue> state_before(ledger::Ledger& ledger, env::Clock& clock, const Journal& journal,
                               const Action& action, const Step& step, const StepState& state) {
  TRY(const Holds holds, Holds::load(ledger, step.target.entity));
  const std::string aspect = aspect_of(step);
  const Hold* first =
      action.makes_only_own() ? holds.first(aspect, journal.incident()) : holds.first(aspect);
  if (first == nullptr) return *state.saved;
  TRY(auto saved, saved_by(*first, ledger, clock));
  if (saved) return *std::move(saved);
  for (const Hold& next : holds.of(aspect)) {
    const bool counts = !action.makes_only_own() || next.incident == journal.incident().text();
    if (!counts) continue;
    TRY(saved, saved_by(next, ledger, clock));
    if (saved) return *std::move(saved);
  }
  return *state.saved;
}

Result<Plan> make_undo(const UndoRequest& request, const Journal& journal, ledger::Ledger& ledger,
                       env::Clock& clock, const Actions& actions, cloud::Caller& caller) {
  const PlanState* done = journal.book().find(request.plan);
  if (done == nullptr) {
    return Error(ErrorCode::kNotFound, fmt::format("there is no plan {}", request.plan));
  }
  Plan plan;
  plan.incident = journal.incident();
  plan.mode = PlanMode::kUndo;
  plan.because = request.because;
  plan.undoes = request.plan;
  plan.guards = request.guards;
  plan.made = request.now;
  const auto is_wanted = [&](const std::string& id) {
    return request.steps.empty() || std::ranges::find(request.steps, id) != request.steps.end();
  };
  for (const Step& step : std::views::reverse(done->plan.steps)) {
    if (!is_wanted(step.id)) continue;
    const bool is_named = !request.steps.empty();
    const auto action = actions.find(step.action);
    const StepState& state = done->step(step.id);
    const auto refuse = [&](std::string_view why) {
      return Error(ErrorCode::kInvalid, fmt::format("step {} ({}) {}", step.id, step.action, why));
    };
    // Of all steps those that can be undone; of steps that were named each.
    const bool can_be = action != actions.end() && action->second.undo && state.saved &&
                        !state.is_undone &&
                        (state.verified || state.breaches > 0 || !state.sent.empty());
    if (!can_be && !is_named) continue;
    if (action == actions.end()) return refuse("is of an action that is not known any more");
    if (!action->second.undo) return refuse("cannot be undone: " + action->second.irreversible);
    if (state.is_undone) return refuse("was undone already");
    if (!can_be) return refuse("was not done");
    TRY(const Subject subject, Subject::of(action->second, plan.incident, step.target));
    Step back;
    back.id = fmt::format("{}", plan.steps.size() + 1);
    back.action = step.action;
    back.action_version = action->second.version;
    back.target = step.target;
    back.undoes = step.id;
    back.restores_access = action->second.undo->restores_access;
    back.risk = step.risk;
    back.because = step.because;
    back.also_hits = step.also_hits;
    for (const Step& before : plan.steps) {
      if (before.target.entity != back.target.entity) continue;
      back.after.push_back(before.id);
      // What prepared a step is taken back when that is.
      const auto& prepared_by = actions.find(before.action)->second.prepared_by;
      if (std::ranges::find(prepared_by, step.action) != prepared_by.end()) {
        back.only_after.push_back(before.id);
      }
    }
    TRY(back.saved, state_before(ledger, clock, journal, action->second, step, state));
    TRY(back.state, observe(subject, caller));
    back.left = state.verified ? state.verified->state : back.state;
    back.is_observed = true;
    TRY(Computed computed, compute_undo(subject, back.state, back.saved));
    back.done = computed.done;
    back.calls = std::move(computed.calls);
    plan.steps.push_back(std::move(back));
  }
  if (plan.steps.empty()) {
    return Error(ErrorCode::kInvalid, "nothing of this plan was done that could be undone");
  }
  return plan;
}

Result<std::string> add_plan(Journal& journal, const Plan& plan) {
  const std::string document = plan_document(plan);
  const std::string hash = codec::to_hex(codec::sha256(document));
  if (journal.book().find(hash) != nullptr) return hash;
  const auto added = journal.append("plan_made", hash, codec::json_object([&](JsonWriter& json) {
                                      json.field("plan", hash);
                                      if (!plan.playbook.empty())
                                        json.field("playbook", plan.playbook);
                                      json.field("mode", name_of(plan.mode));
                                      append_texts("because", plan.because, json);
                                      if (!plan.contain_first.empty())
                                        json.field("contain_first", plan.contain_first);
                                      if (!plan.undoes.empty()) json.field("undoes", plan.undoes);
                                      json.key("document").raw(document);
                                    }));
  if (!added) return added.error();
  return hash;
}

}  // namespace stanch::respond

// Plans done and watched, with all guards asked before each write.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "codec/hash.h"
#include "host/envelope.h"
#include "host/incident.h"
#include "host/limits.h"
#include "host/response.h"
#include "ledger/keys.h"
#include "respond/execute/withdraw.h"
#include "respond/guard/spending.h"
#include "respond/limits.h"
#include "triage/lifecycle.h"

namespace stanch::host {

namespace {

using model::IncidentId;
using respond::GuardStop;
using respond::PlanState;
using respond::Step;

std::string new_holder(env::Random& random) {
  std::array<uint8_t, 16> bytes;
  random.fill(bytes);
  return codec::to_hex(bytes);
}

Result<std::optional<GuardStop>> ask(const Responding& with, const PlanState& plan,
                                     const Step& step, bool spends) {
  TRY(respond::Control control, respond::Control::load(with.ledger));
  // Whether it is there cannot be told: then it is taken to be.
  const auto flag = with.env.files.status(with.stop_flag);
  control.is_stopped_here = flag.has_value() || flag.error().code() != ErrorCode::kNotFound;
  respond::GuardInput input{.plan = plan,
                            .step = step,
                            .tables = with.tables.guards,
                            .control = control,
                            .protects =
                                [&](const std::string& entity) {
                                  const auto asset =
                                      with.tables.assets.find(entity, step.target.account);
                                  return asset && asset->is_protected.value_or(false);
                                },
                            .own = {},
                            .now = with.env.clock.now()};
  for (const std::string& account : respond::accounts_of(step)) {
    input.own.merge(with.identity.own_in(account));
  }
  std::optional<respond::Journal> journal;  // of the plan in whose envelope it is
  if (!step.within.empty()) {
    TRY(journal, with.open_journal(plan.plan.incident));
    TRY(const triage::IncidentState state, load_incident(with.ledger, plan.plan.incident));
    input.envelope = envelope_of(journal->book(), state, plan.hash, step);
  }
  // What a person said yes to is theirs, whoever does it.
  input.is_automatic = with.alone && !approvers_of(input).any();
  std::optional<respond::AutonomyDecision> decision;
  if (with.alone) input.alone = &decision.emplace(with.alone(control, step));
  for (unsigned attempt = 1;; ++attempt) {
    TRY(const auto spending,
        respond::Spending::load(with.ledger, plan.plan.incident, plan.hash, step.id, input.now));
    input.spent_on_incident = spending.has_step ? 0 : spending.of_incident;
    input.spent_in_hour = spending.has_step ? 0 : spending.of_all;
    auto stop = check_guards(input);
    const bool pays = spends && !stop && !spending.has_step && changes_something(plan, step);
    if (!pays) return stop;
    const uint64_t used = spending.of_incident + 1, budget = with.tables.guards.budget_of_incident;
    const auto spent = respond::spend(with.ledger, spending,
                                      {.incident = plan.plan.incident,
                                       .plan = plan.hash,
                                       .step = step.id,
                                       .actor = with.actor,
                                       .left = budget > used ? budget - used : 0,
                                       .now = input.now});
    if (spent) return std::optional<GuardStop>();
    const bool again = spent.error().code() == ErrorCode::kConflict ||
                       spent.error().code() == ErrorCode::kNotFound;
    if (!again || attempt == kAppendTriesMax) return spent.error();
  }
}

Result<respond::Kept> keep(const Responding& with, std::string_view bytes) {
  const std::string sealed = with.tables.evidence_key->seal(bytes);
  const std::string sha256 = codec::to_hex(codec::sha256(sealed));
  TRY(with.env.files.make_folders(with.evidence_folder));
  TRY(const std::string folder, with.env.files.whole_path(with.evidence_folder));
  const std::string path = fmt::format("{}/{}.cms", folder, sha256);
  TRY(ledger::replace_file(with.env.files, path, sealed));
  TRY(with.env.files.sync_folder(ledger::folder_of(folder)));
  return respond::Kept{"file:" + path, sha256};
}

respond::Executor executor_of(const Responding& with, bool retry, Progress progress) {
  return {with.env,
          with.ledger,
          with.tables.actions,
          with.caller,
          {.holder = new_holder(with.env.random),
           .actor = with.actor,
           .signer =
               [&with](const cloud::Call& call) {
                 return with.identity.signer(call.account, call.duty);
               },
           .at_once = with.at_once,
           .retries_failed = retry,
           .waits = !with.alone,
           .guard = [&with](const PlanState& plan, const Step& step,
                            bool writes) { return ask(with, plan, step, writes); },
           .keep = with.tables.evidence_key
                       ? [&with](std::string_view bytes) { return keep(with, bytes); }
                       : std::function<Result<respond::Kept>(std::string_view)>(),
           .progress = std::move(progress.changed),
           .waiting = std::move(progress.waiting)}};
}

// Whether nothing of the plan is left to do, or to watch.
bool is_over(const PlanState& plan, const respond::Actions& actions) {
  return std::ranges::all_of(plan.plan.steps, [&](const Step& step) {
    const respond::StepState& state = plan.step(step.id);
    const auto action = actions.find(step.action);
    const bool is_watched = plan.plan.mode == respond::PlanMode::kLive && action != actions.end() &&
                            action->second.watch;
    return state.is_undone ||
           (state.verified && (!is_watched || state.watched >= std::size(respond::kWatchAfter)));
  });
}

Result<> end_plans(respond::Journal& journal, const respond::Actions& actions) {
  const std::vector<std::string> order = journal.book().order();
  for (const std::string& hash : order) {
    const PlanState& plan = *journal.book().find(hash);
    if (plan.ended || !is_over(plan, actions)) continue;
    const auto ended = journal.append(
        "plan_ended", hash, json_object([&](codec::JsonWriter& json) {
          json.field("plan", hash).field("outcome", "done");
        }),
        [&](const respond::PlanBook& book) -> Result<> {
          return book.find(hash)->ended ? Error(ErrorCode::kConflict, "it has ended") : Result<>();
        });
    if (!ended && ended.error().code() != ErrorCode::kConflict) return ended.error();
  }
  return {};
}

Said moved(model::Status from, model::Status to, std::string_view reason) {
  return {"state_moved", json_object([&](codec::JsonWriter& json) {
            json.field("from", name_of(from)).field("to", name_of(to)).field("reason", reason);
          })};
}

// Once all that contained was taken back, the incident is where it was before.
Result<> say_nothing_contains(const Responding& with, const IncidentId& incident) {
  using enum model::Status;
  TRY(act(with.env, with.ledger, incident, with.actor,
          [](const triage::IncidentState& state) -> Result<std::vector<Said>> {
            std::vector<Said> moves;
            model::Status at = state.status;
            if (at != kContaining && at != kContainedWatching && at != kContained) return moves;
            for (const model::Status to : {kContaining, kTriaged}) {
              if (at == to) continue;
              moves.push_back(moved(at, to, "all that contained it was taken back"));
              at = to;
            }
            return moves;
          }));
  return {};
}

}  // namespace

Result<std::optional<GuardStop>> ask_guards(const Responding& with, const PlanState& plan,
                                            const Step& step) {
  return ask(with, plan, step, false);
}

Result<respond::PlanReport> apply_plan(const Responding& with, const IncidentId& incident,
                                       const std::string& plan, bool retry, Progress progress) {
  TRY(auto report, executor_of(with, retry, std::move(progress)).run(incident, plan));
  TRY(follow_plans(with, incident));
  return report;
}

Result<respond::Executor::Watched> watch_incident(const Responding& with,
                                                  const IncidentId& incident) {
  TRY(auto watched, executor_of(with, false, {}).watch(incident));
  TRY(follow_plans(with, incident));
  return watched;
}

Result<> withdraw_plan(const Responding& with, const IncidentId& incident, const std::string& plan,
                       const std::string& reason) {
  TRY(respond::Journal journal, with.open_journal(incident));
  return respond::withdraw_plan(journal, with.ledger, plan, with.actor, reason);
}

Result<> follow_plans(const Responding& with, const IncidentId& incident) {
  TRY(respond::Journal journal, with.open_journal(incident));
  TRY(end_plans(journal, with.tables.actions));
  const respond::PlanBook& book = journal.book();
  bool any = false, any_undone = false, all_verified = true, all_watched = true;
  for (const auto& [hash, plan] : book.plans()) {
    const bool has_begun = std::ranges::any_of(
        plan.steps, [](const auto& step) { return step.second.saved.has_value(); });
    const bool counts = has_begun && (!plan.ended || plan.ended->outcome == "done");
    if (plan.plan.mode != respond::PlanMode::kLive || !counts) continue;
    for (const Step& step : plan.plan.steps) {
      const auto action = with.tables.actions.find(step.action);
      const bool contains =
          action != with.tables.actions.end() && action->second.phase == respond::Phase::kContain;
      const respond::StepState& state = plan.step(step.id);
      any_undone |= contains && state.is_undone;
      if (!contains || state.is_undone) continue;
      any |= state.saved.has_value();
      all_verified &= state.verified.has_value();
      all_watched &= state.verified && state.watched >= std::size(respond::kWatchAfter);
    }
  }
  if (!any) return any_undone ? say_nothing_contains(with, incident) : Result<>();
  const auto wanted = !all_verified ? model::Status::kContaining
                      : all_watched ? model::Status::kContained
                                    : model::Status::kContainedWatching;
  TRY(act(with.env, with.ledger, incident, with.actor,
          [&](const triage::IncidentState& state) -> Result<std::vector<Said>> {
            std::vector<Said> moves;
            model::Status at = state.status;
            // At most by way of containing and watching.
            for (const model::Status to :
                 {model::Status::kContaining, model::Status::kContainedWatching,
                  model::Status::kContained}) {
              if (to > wanted || at == wanted) break;
              if (at >= to && !(to == wanted && wanted == model::Status::kContaining)) continue;
              if (!triage::check_move(at, to)) continue;
              moves.push_back(moved(at, to, "what the plans have come to"));
              at = to;
            }
            return moves;
          }));
  return {};
}

}  // namespace stanch::host

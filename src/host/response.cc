#include "host/response.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "codec/hash.h"
#include "host/action_set.h"
#include "host/incident.h"
#include "model/entity_parts.h"
#include "pipeline/content.h"
#include "respond/guard/spending.h"
#include "triage/lifecycle.h"

namespace stanch::host {

namespace {

using model::IncidentId;
using respond::GuardStop;
using respond::PlanState;
using respond::Step;

Result<respond::Journal> open_journal(const Responding& with, const IncidentId& incident) {
  return respond::Journal::open(with.env.clock, with.ledger, incident, with.actor);
}

std::string new_holder(env::Random& random) {
  std::array<uint8_t, 16> bytes;
  random.fill(bytes);
  return codec::to_hex(bytes);
}

// Who else acted as, or on, the target in this incident's findings, beside the one who is meant.
respond::Surroundings surroundings(const ResponseTables& tables, const respond::Target& target) {
  respond::Surroundings around;
  around.is_known = tables.assets.find(target.entity).has_value();
  return around;
}

Result<std::optional<GuardStop>> ask(const Responding& with, const PlanState& plan,
                                     const Step& step, bool spends) {
  TRY(respond::Control control, respond::Control::load(with.ledger));
  control.is_stopped_here = with.env.files.status(with.stop_flag).has_value();
  const auto asset = with.tables.assets.find(step.target.entity);
  respond::GuardInput input{.plan = plan,
                            .step = step,
                            .tables = with.tables.guards,
                            .control = control,
                            .is_protected = asset && asset->is_protected.value_or(false),
                            .own = with.identity.own,
                            .now = with.env.clock.now()};
  constexpr unsigned kTriesMax = 100;
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
    if (!again || attempt == kTriesMax) return spent.error();
  }
}

respond::Executor executor_of(const Responding& with, bool retry, Progress progress) {
  return {with.env,
          with.ledger,
          with.tables.actions,
          with.caller,
          {.holder = new_holder(with.env.random),
           .actor = with.actor,
           .credential = with.identity.entity,
           .retries_failed = retry,
           .guard = [&with](const PlanState& plan,
                            const Step& step) { return ask(with, plan, step, true); },
           .progress = std::move(progress)}};
}

}  // namespace

Result<ResponseTables> load_response_tables(env::Env& env, const std::string& overlay) {
  ResponseTables tables;
  TRY(LoadedActions actions, load_actions(env, {.content = overlay, .paths = {}}));
  tables.actions = std::move(actions.actions);
  tables.diagnostics = std::move(actions.diagnostics);
  TRY(const model::Content content, pipeline::load_content(env.files, overlay));
  for (const auto& [path, text] : content.files) {
    if (path == "guards.yaml") {
      respond::read_guards(path, text, tables.guards, tables.diagnostics);
    } else if (path == "approvers") {
      respond::read_approvers(path, text, tables.guards, tables.diagnostics);
    } else if (path.starts_with("assets/") && path.ends_with(".csv")) {
      tables.assets.add_csv(path, text, tables.diagnostics);
    } else if (path.starts_with("assets/")) {
      tables.assets.add_yaml(path, text, tables.diagnostics);
    }
  }
  return tables;
}

Result<respond::Target> place(const Wish& wish, const triage::IncidentState& state) {
  respond::Target target{wish.entity, wish.account, wish.region};
  // What names the entity says where it is; the latest counts.
  std::optional<Time> latest;
  for (const auto& [id, joined] : state.findings) {
    const triage::Finding& finding = joined.finding;
    const bool names = std::ranges::find(finding.entities, wish.entity) != finding.entities.end() ||
                       std::ranges::find(finding.targets, wish.entity) != finding.targets.end();
    if (joined.gone || !names || (latest && finding.event_time <= latest)) continue;
    latest = finding.event_time;
    if (wish.account.empty()) target.account = finding.account;
    if (wish.region.empty()) target.region = finding.region;
  }
  return respond::placed(target);
}

Result<std::string> make_plan(const Responding& with, const triage::IncidentState& state,
                              const std::vector<Wish>& wishes, const std::string& contain_first) {
  respond::PlanRequest request{.incident = state.id,
                               .wanted = {},
                               .because = {"asked for by " + with.actor},
                               .contain_first = contain_first,
                               .now = with.env.clock.now()};
  for (const Wish& wish : wishes) {
    TRY(respond::Target target, place(wish, state));
    request.wanted.push_back({wish.action, std::move(target)});
  }
  TRY(const respond::Plan plan,
      respond::make_plan(
          request, with.tables.actions,
          [&with](const respond::Target& target) { return surroundings(with.tables, target); },
          with.caller));
  TRY(respond::Journal journal, open_journal(with, state.id));
  return respond::add_plan(journal, plan);
}

Result<std::string> make_undo_plan(const Responding& with, const triage::IncidentState& state,
                                   const std::string& plan, const std::vector<std::string>& steps) {
  TRY(respond::Journal journal, open_journal(with, state.id));
  TRY(const respond::Plan undo,
      respond::make_undo({.plan = plan,
                          .steps = steps,
                          .because = {"asked for by " + with.actor},
                          .now = with.env.clock.now()},
                         journal, with.ledger, with.env.clock, with.tables.actions, with.caller));
  return respond::add_plan(journal, undo);
}

Result<PlanState> find_plan(const Responding& with, const IncidentId& incident,
                            const std::string& beginning, std::optional<respond::PlanMode> mode) {
  TRY(const respond::Journal journal, open_journal(with, incident));
  const respond::PlanBook& book = journal.book();
  std::vector<const PlanState*> found;
  for (const std::string& hash : book.order()) {
    const PlanState* plan = book.find(hash);
    const bool fits = beginning.empty() ? !plan->ended : hash.starts_with(beginning);
    if (fits && plan->plan.mode == mode.value_or(plan->plan.mode)) found.push_back(plan);
  }
  if (found.empty()) {
    return Error(ErrorCode::kNotFound,
                 beginning.empty()
                     ? fmt::format("incident {} has no plan", incident.text())
                     : fmt::format("incident {} has no plan {}", incident.text(), beginning));
  }
  if (!beginning.empty() && found.size() > 1) {
    return Error(ErrorCode::kInvalid,
                 fmt::format("{} is the beginning of several plans", beginning));
  }
  return *found.back();
}

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

Result<> follow_plans(const Responding& with, const IncidentId& incident) {
  TRY(const respond::Journal journal, open_journal(with, incident));
  const respond::PlanBook& book = journal.book();
  bool any = false, all_verified = true, all_watched = true;
  for (const auto& [hash, plan] : book.plans()) {
    if (plan.plan.mode != respond::PlanMode::kLive || plan.ended) continue;
    for (const Step& step : plan.plan.steps) {
      const auto action = with.tables.actions.find(step.action);
      const bool contains =
          action != with.tables.actions.end() && action->second.phase == respond::Phase::kContain;
      const respond::StepState& state = plan.step(step.id);
      if (!contains || state.is_undone) continue;
      any |= state.saved.has_value();
      all_verified &= state.verified.has_value();
      all_watched &= state.verified && state.watched >= std::size(respond::kWatchAfter);
    }
  }
  if (!any) return {};
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
              moves.push_back({"state_moved", json_object([&](codec::JsonWriter& json) {
                                 json.field("from", name_of(at)).field("to", name_of(to));
                                 json.field("reason", "what the plans have come to");
                               })});
              at = to;
            }
            return moves;
          }));
  return {};
}

}  // namespace stanch::host

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
                            .own = with.identity.own_in(step.target.account),
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

// What expressions of playbooks have at hand: a list, in the order of the findings' ids.
codec::JsonValue findings_value(const triage::IncidentState& state) {
  using codec::JsonValue;
  const auto texts = [](const std::vector<std::string>& list) {
    JsonValue::Array array;
    for (const std::string& each : list) array.emplace_back(each);
    return JsonValue(std::move(array));
  };
  JsonValue::Array all;
  for (const auto& [id, joined] : state.findings) {
    if (joined.gone) continue;
    const triage::Finding& finding = joined.finding;
    JsonValue::Object object;
    const auto add = [&](const char* name, std::string_view text) {
      if (!text.empty()) object.emplace(name, JsonValue(text));
    };
    add("rule", finding.rule);
    add("level", name_of(finding.level));
    add("account", finding.account);
    add("region", finding.region);
    add("actor", finding.actor);
    add("actor_type", name_of(finding.actor_type));
    add("credential", finding.credential);
    add("session", finding.session);
    add("issuer", finding.issuer);
    add("issued_to", finding.issued_to);
    add("source", finding.source);
    add("service", finding.service);
    add("action", finding.action);
    add("access", name_of(finding.access));
    add("outcome", name_of(finding.outcome));
    object.emplace("destructive", JsonValue(is_destructive(finding)));
    object.emplace("targets", texts(finding.targets));
    object.emplace("techniques", texts(finding.techniques));
    JsonValue::Array minted;
    for (const triage::Minted& each : finding.minted) {
      JsonValue::Object made;
      if (!each.entity.empty()) made.emplace("entity", JsonValue(each.entity));
      if (!each.session.empty()) made.emplace("session", JsonValue(each.session));
      if (!each.principal.empty()) made.emplace("principal", JsonValue(each.principal));
      minted.emplace_back(std::move(made));
    }
    object.emplace("minted", JsonValue(std::move(minted)));
    all.emplace_back(std::move(object));
  }
  return JsonValue(std::move(all));
}

void add(const respond::Expanded& expanded, const PlaybookChoice& choice, Wishes& all) {
  for (const respond::Expanded::Do& each : expanded.wanted) {
    const bool known = std::ranges::any_of(all.wishes, [&](const Wish& wish) {
      return wish.action == each.action && wish.entity == each.entity;
    });
    if (!known) all.wishes.push_back({each.action, each.entity, choice.account, choice.region});
  }
  for (const respond::Expanded::Task& task : expanded.tasks) {
    const bool known = std::ranges::any_of(
        all.tasks, [&](const respond::Expanded::Task& each) { return each.title == task.title; });
    if (!known) all.tasks.push_back(task);
  }
  if (all.contain_first.empty()) all.contain_first = expanded.contain_first;
}

// Those that the incident has not, by their titles.
Result<> add_tasks(const Responding& with, const IncidentId& incident,
                   const std::vector<respond::Expanded::Task>& tasks) {
  TRY(act(with.env, with.ledger, incident, with.actor,
          [&](const triage::IncidentState& state) -> Result<std::vector<Said>> {
            std::vector<Said> said;
            for (const respond::Expanded::Task& task : tasks) {
              const bool known = std::ranges::any_of(
                  state.tasks, [&](const auto& each) { return each.second.title == task.title; });
              if (known) continue;
              said.push_back(
                  {"task_added", json_object([&](codec::JsonWriter& json) {
                     json.field("task", fmt::format("t{}", state.tasks.size() + said.size() + 1));
                     json.field("title", task.title);
                     if (!task.owner.empty()) json.field("owner", task.owner);
                   })});
            }
            return said;
          }));
  return {};
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

}  // namespace

Result<ResponseTables> load_response_tables(env::Env& env, const std::string& overlay) {
  ResponseTables tables;
  TRY(LoadedActions actions, load_actions(env, {.content = overlay, .paths = {}}));
  tables.actions = std::move(actions.actions);
  tables.diagnostics = std::move(actions.diagnostics);
  TRY(const model::Content content, pipeline::load_content(env.files, overlay));
  std::vector<respond::PlaybookText> playbooks;
  for (const auto& [path, text] : content.files) {
    if (path.starts_with("playbooks/")) {
      playbooks.push_back({path, text});
    } else if (path == "guards.yaml") {
      respond::read_guards(path, text, tables.guards, tables.diagnostics);
    } else if (path == "approvers") {
      respond::read_approvers(path, text, tables.guards, tables.diagnostics);
    } else if (path.starts_with("assets/") && path.ends_with(".csv")) {
      tables.assets.add_csv(path, text, tables.diagnostics);
    } else if (path.starts_with("assets/")) {
      tables.assets.add_yaml(path, text, tables.diagnostics);
    }
  }
  tables.playbooks = respond::read_playbooks(
      playbooks, [&](std::string_view name) { return tables.actions.contains(name); },
      tables.diagnostics);
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

Result<Wishes> ask_playbooks(const ResponseTables& tables, const triage::IncidentState& state,
                             const PlaybookChoice& choice) {
  if (!choice.playbook.empty() && !tables.playbooks.contains(choice.playbook)) {
    return Error(ErrorCode::kNotFound, fmt::format("there is no playbook {}", choice.playbook));
  }
  const codec::JsonValue findings = findings_value(state);
  const auto type_for = [&](std::string_view action) -> std::string_view {
    const auto found = tables.actions.find(action);
    return found == tables.actions.end() ? "" : std::string_view(found->second.target);
  };
  Wishes all;
  for (const auto& [name, playbook] : tables.playbooks) {
    if (!choice.playbook.empty() && name != choice.playbook) continue;
    std::vector<std::string> targets;
    if (choice.target.empty()) {
      TRY(targets, respond::targets_of(playbook, findings));
    } else {
      const auto parts = model::split_entity(choice.target);
      if (parts && parts->type == playbook.target) targets.push_back(choice.target);
    }
    for (const std::string& target : targets) {
      TRY(const respond::Expanded expanded, respond::expand(playbook, target, findings, type_for));
      add(expanded, choice, all);
      all.because.push_back(fmt::format("{} ({}): {}", playbook.title, name, target));
    }
    if (targets.empty()) continue;
    if (!all.playbook.empty()) all.playbook += ", ";
    all.playbook += name;
  }
  if (all.wishes.empty()) {
    return Error(ErrorCode::kInvalid,
                 choice.target.empty()
                     ? "no playbook applies to what this incident's findings name; --do, or "
                       "--playbook with --target, says what is to be done"
                     : fmt::format("no playbook is for {}", choice.target));
  }
  return all;
}

Result<std::string> make_plan(const Responding& with, const triage::IncidentState& state,
                              const Wishes& wishes) {
  respond::PlanRequest request{.incident = state.id,
                               .wanted = {},
                               .playbook = wishes.playbook,
                               .because = wishes.because,
                               .contain_first = wishes.contain_first,
                               .now = with.env.clock.now(),
                               .is_offline = wishes.is_offline};
  request.because.push_back("asked for by " + with.actor);
  for (const Wish& wish : wishes.wishes) {
    TRY(respond::Target target, place(wish, state));
    request.wanted.push_back({wish.action, std::move(target)});
  }
  TRY(const respond::Plan plan,
      respond::make_plan(
          request, with.tables.actions,
          [&with](const respond::Target& target) { return surroundings(with.tables, target); },
          with.caller));
  TRY(respond::Journal journal, open_journal(with, state.id));
  TRY(std::string hash, respond::add_plan(journal, plan));
  TRY(add_tasks(with, state.id, wishes.tasks));
  return hash;
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
                            const std::string& beginning, WhichPlan which) {
  TRY(const respond::Journal journal, open_journal(with, incident));
  const respond::PlanBook& book = journal.book();
  std::vector<const PlanState*> found;
  for (const std::string& hash : book.order()) {
    const PlanState* plan = book.find(hash);
    const bool is_live = plan->plan.mode == respond::PlanMode::kLive;
    if (which == WhichPlan::kToUndo && (!is_live || plan->steps.empty())) continue;
    const bool is_wanted = which != WhichPlan::kOpen || !plan->ended;
    if (beginning.empty() ? is_wanted : hash.starts_with(beginning)) found.push_back(plan);
  }
  if (found.empty()) {
    return Error(ErrorCode::kNotFound,
                 !beginning.empty()
                     ? fmt::format("incident {} has no plan {}", incident.text(), beginning)
                 : which == WhichPlan::kToUndo
                     ? fmt::format("nothing was done for incident {}", incident.text())
                 : book.order().empty()
                     ? fmt::format("incident {} has no plan: stanch plan", incident.text())
                     : fmt::format("all plans of incident {} have ended", incident.text()));
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
  TRY(respond::Journal journal, open_journal(with, incident));
  TRY(end_plans(journal, with.tables.actions));
  const respond::PlanBook& book = journal.book();
  bool any = false, all_verified = true, all_watched = true;
  for (const auto& [hash, plan] : book.plans()) {
    const bool counts = !plan.ended || plan.ended->outcome == "done";
    if (plan.plan.mode != respond::PlanMode::kLive || !counts) continue;
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

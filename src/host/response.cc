#include "host/response.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "host/action_set.h"
#include "host/envelope.h"
#include "host/incident.h"
#include "host/who_else.h"
#include "pipeline/content.h"
#include "respond/action/parameters.h"
#include "respond/action/webhooks.h"

namespace stanch::host {

namespace {

using model::IncidentId;
constexpr std::string_view kParameters = "parameters.yaml";
using respond::PlanState;

// That somebody listens to all that a person said.
Result<> check_given(const respond::Actions& actions, const Wishes& wishes) {
  const auto takes = [&](const std::string& action, const std::string& name) {
    const auto found = actions.find(action);
    return found != actions.end() && find_parameter(found->second, name) != nullptr;
  };
  for (const auto& [name, value] : wishes.given) {
    const bool any = std::ranges::any_of(wishes.wishes, [&](const Wish& wish) {
      const auto action = actions.find(wish.action);
      return takes(wish.action, name) ||
             (action != actions.end() &&
              std::ranges::any_of(action->second.evidence,
                                  [&](const std::string& each) { return takes(each, name); }));
    });
    if (any) continue;
    return Error(ErrorCode::kInvalid,
                 fmt::format("no action of this plan takes '{}'; 'stanch actions show' says what "
                             "each takes",
                             name));
  }
  return {};
}

bool can_be_undone(const PlanState& plan) {
  return plan.plan.mode == respond::PlanMode::kLive &&
         std::ranges::any_of(plan.steps, [](const auto& step) {
           return step.second.saved.has_value() && !step.second.is_undone;
         });
}

std::string no_plan(const IncidentId& incident, const std::string& beginning, WhichPlan which,
                    bool has_none) {
  if (!beginning.empty()) {
    return fmt::format("incident {} has no {}plan {}", incident.text(),
                       which == WhichPlan::kToUndo ? "undoable " : "", beginning);
  }
  if (which == WhichPlan::kToUndo) {
    return fmt::format("nothing was done for incident {} that is not undone", incident.text());
  }
  return has_none ? fmt::format("incident {} has no plan: stanch plan {}", incident.text(),
                                incident.text())
                  : fmt::format("all plans of incident {} have ended", incident.text());
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
      // What an organisation protects adds to what is always protected.
      const auto& built_in = pipeline::embedded_content().files.at(path);
      if (built_in != text) {
        respond::read_guards(path, built_in, tables.guards, tables.diagnostics);
      }
      respond::read_guards(path, text, tables.guards, tables.diagnostics);
    } else if (path == "autonomy.yaml") {
      respond::read_autonomy(path, text, tables.autonomy, tables.diagnostics);
    } else if (path == "evidence.pem") {
      auto key = codec::SealingKey::parse(text);
      if (!key) return std::move(key).error().within(path);
      tables.evidence_key = std::move(*key);
    } else if (path == "webhooks.yaml") {
      tables.webhooks = respond::read_webhooks(path, text, tables.diagnostics);
    } else if (path == "approvers") {
      respond::read_approvers(path, text, tables.guards, tables.diagnostics);
    } else if (path.starts_with("assets/") && path.ends_with(".csv")) {
      tables.assets.add_csv(path, text, tables.diagnostics);
    } else if (path.starts_with("assets/")) {
      tables.assets.add_yaml(path, text, tables.diagnostics);
    }
  }
  tables.playbooks = respond::read_playbooks(playbooks, tables.actions, tables.diagnostics);
  if (const auto said = content.files.find(kParameters); said != content.files.end()) {
    std::set<std::string> asked;
    for (const auto& [name, playbook] : tables.playbooks) {
      for (const auto& [parameter, what] : playbook.parameters) asked.insert(parameter);
    }
    tables.parameters = respond::read_parameters(said->first, said->second, tables.actions, asked,
                                                 tables.diagnostics);
  }
  Diagnostics ignored;  // said when rules are loaded
  auto lists = pipeline::placeholders_of(content, ignored);
  tables.own_accounts = std::move(lists["own_accounts"]);
  tables.break_glass = std::move(lists["break_glass"]);
  return tables;
}

Result<std::string> make_plan(const Responding& with, respond::Journal& journal,
                              const triage::IncidentState& state, const Wishes& wishes) {
  respond::PlanRequest request{.incident = state.id,
                               .wanted = {},
                               .playbook = wishes.playbook,
                               .because = wishes.because,
                               .contain_first = wishes.contain_first,
                               .guards = guards_hash(with.tables.guards),
                               .envelope = wishes.envelope,
                               .parameters = with.tables.parameters,
                               .now = with.env.clock.now(),
                               .pause = [&with](Duration time) { with.env.clock.sleep(time); },
                               .is_offline = wishes.is_offline};
  request.because.push_back(with.actor == kEngineActor ? "nobody asked: the playbooks say so"
                                                       : "asked for by " + with.actor);
  TRY(check_given(with.tables.actions, wishes));
  for (const Wish& wish : wishes.wishes) {
    TRY(respond::Target target, place(wish, state, wishes.region));
    for (const auto& [name, value] : wishes.given) target.given.insert_or_assign(name, value);
    request.wanted.push_back({wish.action, std::move(target)});
  }
  TRY(respond::Plan plan,
      respond::make_plan(
          request, with.tables.actions,
          [&with](const respond::Target& target) {
            return with.tables.assets.find(target.entity, target.account).has_value();
          },
          with.caller));
  for (respond::Step& step : plan.steps) {
    const auto action = with.tables.actions.find(step.action);
    if (action->second.secret.empty() || with.tables.evidence_key) continue;
    step.lacks.emplace_back(respond::kNoKey);
    step.calls.clear();
  }
  say_who_else(with, state, request.now, plan);
  put_within(journal.book(), state, request.now, plan);
  return respond::add_plan(journal, plan);
}

Result<> add_tasks(const Responding& with, const IncidentId& incident,
                   const std::vector<respond::Expanded::Task>& tasks) {
  if (tasks.empty()) return {};
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

Result<std::string> make_undo_plan(const Responding& with, const triage::IncidentState& state,
                                   const std::string& plan, const std::vector<std::string>& steps) {
  TRY(respond::Journal journal, with.open_journal(state.id));
  TRY(const respond::Plan undo,
      respond::make_undo({.plan = plan,
                          .steps = steps,
                          .because = {"asked for by " + with.actor},
                          .guards = guards_hash(with.tables.guards),
                          .now = with.env.clock.now()},
                         journal, with.ledger, with.env.clock, with.tables.actions, with.caller));
  return respond::add_plan(journal, undo);
}

Result<PlanState> find_plan(const Responding& with, const IncidentId& incident,
                            const std::string& beginning, WhichPlan which) {
  TRY(const respond::Journal journal, with.open_journal(incident));
  const respond::PlanBook& book = journal.book();
  const bool must_be_open = which == WhichPlan::kOpen || which == WhichPlan::kToApply;
  bool latest_counts = which == WhichPlan::kAny && beginning.empty();
  std::vector<const PlanState*> found;
  for (const std::string& hash : book.order()) {
    const PlanState& plan = *book.find(hash);
    const bool fits =
        beginning.empty() ? !must_be_open || !plan.ended : hash.starts_with(beginning);
    if (fits && (which != WhichPlan::kToUndo || can_be_undone(plan))) found.push_back(&plan);
  }
  if (found.empty()) {
    return Error(ErrorCode::kNotFound, no_plan(incident, beginning, which, book.order().empty()));
  }
  if (must_be_open && beginning.empty()) {
    // One that is only watched is meant by nobody while another has something left to do.
    const bool any_left =
        std::ranges::any_of(found, [](const PlanState* plan) { return !plan->is_done(); });
    if (any_left) std::erase_if(found, [](const PlanState* plan) { return plan->is_done(); });
    latest_counts = which == WhichPlan::kToApply && !any_left;
  }
  if (found.size() > 1 && !latest_counts) {
    std::string list;
    for (const PlanState* plan : found) {
      list += fmt::format("{}{} ({})", list.empty() ? "" : ", ", plan->hash.substr(0, 12),
                          name_of(plan->plan.mode));
    }
    return Error(ErrorCode::kInvalid, fmt::format("incident {} has several such plans; --plan says "
                                                  "which: {}",
                                                  incident.text(), list));
  }
  return *found.back();
}

}  // namespace stanch::host

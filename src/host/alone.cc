#include "host/alone.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <utility>

#include "codec/timestamp.h"
#include "host/incident.h"
#include "host/limits.h"
#include "respond/limits.h"
#include "triage/confidence.h"

namespace stanch::host {

namespace {

using model::IncidentId;
using respond::PlanState;
using respond::Step;

bool is_its_own(const PlanState& plan) {
  return plan.actor == kEngineActor && plan.plan.mode == respond::PlanMode::kLive;
}

// Nothing will come of the step: it could not be looked at or done when it was planned or begun,
// its target has changed since, or it was planned under guards of before.
bool is_dead(const PlanState& plan, const Step& step, const std::string& guards) {
  const respond::StepState& state = plan.step(step.id);
  return !state.has_begun() && !state.verified &&
         (!step.lacks.empty() || state.failed || plan.plan.guards != guards);
}

// Whether the step is of the wish, as it was told.
bool is_of(const Step& step, const Wish& wish) {
  return step.action == wish.action && step.target.entity == wish.entity &&
         std::ranges::all_of(wish.given, [&](const auto& said) {
           const auto told = step.target.given.find(said.first);
           return told == step.target.given.end() || told->second == said.second;
         });
}

// What became of a wish so far.
struct Tries {
  bool is_planned = false;  // by the engine, or somebody does it; or people withdrew it
  uint64_t dead = 0;        // times that the engine planned it in vain
  bool is_given_up() const { return !is_planned && dead >= kPlanAnewMax; }
  Time last{};  // of these
  // When it is planned anew; requires that it was planned in vain.
  Time again() const { return last + kPlanAnew * (int64_t{1} << (dead - 1)); }
};
// `seen`: when the latest event was that names it. What was contained and watched to its end counts
// no more for what happened since.
Tries tries_of(const respond::PlanBook& book, const Wish& wish, std::optional<Time> seen,
               const std::string& guards) {
  Tries tries;
  for (const auto& [hash, plan] : book.plans()) {
    if (plan.plan.mode != respond::PlanMode::kLive) continue;
    for (const Step& step : plan.plan.steps) {
      if (!is_of(step, wish)) continue;
      const bool is_withdrawn = plan.ended && plan.ended->outcome == "withdrawn";
      const bool is_over = plan.ended && !is_withdrawn && seen && *seen > plan.ended->at &&
                           !plan.step(step.id).is_undone;
      if (is_its_own(plan) && !is_withdrawn && is_dead(plan, step, guards)) {
        ++tries.dead;
        tries.last = std::max(tries.last, plan.at);
      } else if ((is_its_own(plan) || plan.step(step.id).has_begun()) && !is_over) {
        tries.is_planned = true;
      }
    }
  }
  return tries;
}

std::optional<Time> last_seen(const triage::IncidentState& state, const std::string& entity) {
  std::optional<Time> seen;
  for (const auto& [id, joined] : state.findings) {
    const triage::Finding& finding = joined.finding;
    if (!joined.gone && finding.event_time && names(finding, entity)) {
      seen = std::max(seen.value_or(*finding.event_time), *finding.event_time);
    }
  }
  return seen;
}

// Plans what nobody has planned yet. Returns the tasks that go with what the playbooks say, which
// wait until what is urgent was done.
using Tasks = std::vector<respond::Expanded::Task>;
Result<Tasks> plan_news(const Responding& with, const triage::IncidentState& state,
                        respond::Journal& journal, Alone& alone) {
  const auto soon = [&](Time due) { alone.due = std::min(alone.due.value_or(due), due); };
  auto wishes = ask_playbooks(with.tables, state, {});
  if (!wishes) {
    if (wishes.error().code() != ErrorCode::kInvalid) return wishes.error();
    alone.nothing = wishes.error().message();
    return Tasks();
  }
  if (wishes->wishes.empty()) {
    alone.nothing = "what the playbooks say is for people";
    return std::move(wishes->tasks);
  }
  const Time now = with.env.clock.now();
  const std::string guards = guards_hash(with.tables.guards);
  // Nobody may be looking at a terminal.
  const auto leave_to_people = [&](const Wish& wish, std::string_view how) {
    wishes->tasks.push_back({.title = fmt::format("{}: {} on {}", how, wish.action, wish.entity),
                             .owner = "security-analyst"});
  };
  bool any_given_up = false;
  std::erase_if(wishes->wishes, [&](const Wish& wish) {
    const Tries tries = tries_of(journal.book(), wish, last_seen(state, wish.entity), guards);
    if (tries.is_given_up()) {
      leave_to_people(wish, "Contain by hand, nothing came of any plan");
      any_given_up = true;
      return true;
    }
    if (tries.is_planned || tries.dead == 0) return tries.is_planned;
    if (now >= tries.again()) return false;
    soon(tries.again());
    return true;
  });
  if (wishes->wishes.empty()) {
    alone.nothing = any_given_up ? "nothing came of the plans: it is for people"
                                 : "what the playbooks say is planned already";
    return std::move(wishes->tasks);
  }
  // One that cannot be found must not keep all others from being contained.
  std::erase_if(wishes->wishes, [&](const Wish& wish) {
    const auto placed = place(wish, state, wishes->region);
    if (placed) return false;
    alone.unplaced.push_back(placed.error().message());
    leave_to_people(wish, "Contain by hand, or say where it is");
    return true;
  });
  if (wishes->wishes.empty()) return std::move(wishes->tasks);
  // So that who has many things cannot keep the first from being contained.
  if (wishes->wishes.size() > kWishesMax) {
    wishes->wishes.resize(kWishesMax);
    soon(now);
  }
  wishes->envelope = with.tables.autonomy.envelope;
  const auto made = make_plan(with, journal, state, *wishes);
  if (made) {
    alone.made = *made;
    const PlanState& plan = *journal.book().find(*made);
    const bool any_dead = std::ranges::any_of(
        plan.plan.steps, [&](const Step& step) { return is_dead(plan, step, guards); });
    if (any_dead) soon(now + kPlanAnew);
  } else if (made.error().code() == ErrorCode::kInvalid) {
    alone.nothing = made.error().message();
    alone.is_stuck = true;
  } else {
    return made.error();
  }
  return std::move(wishes->tasks);
}

// Said once by its key, and only while it is so.
Result<> say(respond::Journal& journal, const std::string& kind, const std::string& key,
             const std::string& payload,
             const std::function<Result<>(const respond::PlanBook&)>& still = {}) {
  const auto said = journal.append(kind, key, payload, still);
  if (!said && said.error().code() != ErrorCode::kConflict) return said.error();
  return {};
}

// What was planned in vain, and is in a later plan of the engine, is that one's.
bool is_planned_anew(const respond::PlanBook& book, const PlanState& plan, const Step& step,
                     const std::string& guards) {
  if (!is_dead(plan, step, guards)) return false;
  const auto& order = book.order();
  const auto later = std::ranges::find(order, plan.hash);
  return std::any_of(
      later == order.end() ? later : later + 1, order.end(), [&](const std::string& hash) {
        const PlanState& other = *book.find(hash);
        return is_its_own(other) && std::ranges::any_of(other.plan.steps, [&](const Step& each) {
                 return each.target.entity == step.target.entity &&
                        aspect_of(each) == aspect_of(step);
               });
      });
}

// Plans of the engine of which all that is left is planned anew.
Result<> end_stale(respond::Journal& journal, const std::string& guards) {
  const std::vector<std::string> order = journal.book().order();
  for (const std::string& hash : order) {
    const PlanState& plan = *journal.book().find(hash);
    if (!is_its_own(plan) || plan.ended) continue;
    const auto check_stale = [&](const respond::PlanBook& book) -> Result<> {
      const PlanState& now = *book.find(hash);
      const bool is_stale = std::ranges::all_of(now.plan.steps, [&](const Step& step) {
        return is_planned_anew(book, now, step, guards);
      });
      return is_stale ? Result<>() : Error(ErrorCode::kConflict, "something may come of it");
    };
    if (!check_stale(journal.book())) continue;
    // Another engine may begin a step of it at this moment.
    TRY(say(journal, "plan_ended", hash, json_object([&](codec::JsonWriter& json) {
              json.field("plan", hash).field("outcome", "stale").field("reason", "planned anew");
            }),
            check_stale));
  }
  return {};
}

// How far each step goes.
class Judge {
 public:
  Judge(const Responding& with, const triage::IncidentState& state)
      : with_(with), state_(state), severity_(state.severity.value_or(model::Severity::kS4)) {}

  respond::AutonomyDecision operator()(const respond::Control& control, const Step& step) const {
    const auto asset = with_.tables.assets.find(step.target.entity, step.target.account);
    const Time now = with_.env.clock.now();
    const auto confidence = triage::confidence_in(state_, step.target.entity);
    respond::Circumstances of{
        .severity = severity_,
        .is_confirmed = confidence.is_confirmed,
        .is_recent = confidence.latest && span_of(*confidence.latest, now) < respond::kAloneWithin,
        .criticality = "",
        .environment = asset ? asset->environment : ""};
    if (asset && asset->criticality) of.criticality = name_of(*asset->criticality);
    return respond::decide_autonomy(with_.tables.autonomy, control, step, of, now);
  }

 private:
  const Responding& with_;
  const triage::IncidentState& state_;
  model::Severity severity_;
};

// What nobody but people may decide now, or never without two of them.
bool is_for_people(const respond::GuardStop& stop) {
  constexpr std::string_view kForTwo[] = {"budget", "change-freeze", "protected-list"};
  if (stop.guard == "refusal") return false;  // somebody answered
  return stop.asks != respond::GuardAsks::kNothing ||
         std::ranges::find(kForTwo, stop.guard) != std::end(kForTwo);
}

Result<> say_shadow(respond::Journal& journal, const std::string& plan,
                    const std::vector<AloneStep>& steps) {
  std::vector<std::string> ids;
  std::set<std::string> also_hit;
  for (const AloneStep& each : steps) {
    if (!each.is_shadow || each.plan != plan) continue;
    ids.push_back(each.step.id);
    also_hit.insert(each.step.also_hits.begin(), each.step.also_hits.end());
  }
  if (ids.empty()) return {};
  return say(journal, "run_in_shadow", fmt::format("{} {}", plan, fmt::join(ids, ",")),
             json_object([&](codec::JsonWriter& json) {
               json.field("plan", plan);
               append_texts("steps", ids, json);
               append_texts("also_hit", {also_hit.begin(), also_hit.end()}, json);
             }));
}

// Who has the role now, for people who are asked: "commander (alice)".
std::string role_text(const triage::IncidentState& state, const std::string& role) {
  const auto person = state.roles.find(role);
  return person == state.roles.end() || person->second.empty()
             ? role
             : fmt::format("{} ({})", role, person->second);
}

// Asks the first, and whoever comes next when nobody answered in time.
Result<> ask_people(const Responding& with, const triage::IncidentState& state,
                    respond::Journal& journal, const std::string& hash,
                    const std::vector<AloneStep>& steps) {
  const std::vector<respond::Asking>& chain = with.tables.autonomy.ask;
  std::vector<std::string> ids, because;
  bool takes_two = false;
  for (const AloneStep& each : steps) {
    const auto& stop = each.report.stop;
    if (each.plan != hash || !stop || !is_for_people(*stop)) continue;
    ids.push_back(each.step.id);
    takes_two |= stop->asks != respond::GuardAsks::kOne;
    for (const std::string& why : stop->because) {
      if (std::ranges::find(because, why) == because.end()) because.push_back(why);
    }
  }
  if (ids.empty() || chain.empty()) return {};
  const Time now = with.env.clock.now();
  const std::vector<respond::Asked> asked = journal.book().find(hash)->asked;
  const bool is_over = !asked.empty() && now >= asked.back().deadline;
  const bool has_next = asked.size() < chain.size();
  if (!asked.empty() && !is_over) return {};
  if (is_over && !asked.back().is_timed_out) {
    TRY(say(journal, "approval_timed_out", fmt::format("{} {}", hash, asked.size()),
            json_object([&](codec::JsonWriter& json) {
              json.field("plan", hash);
              append_citation("asked", asked.back().entry, json);
              if (has_next) {
                append_texts("escalated_to", {role_text(state, chain[asked.size()].role)}, json);
              }
            })));
  }
  if (!has_next) return {};
  const respond::Asking& next = chain[asked.size()];
  return say(journal, "approval_asked", fmt::format("{} {}", hash, asked.size() + 1),
             json_object([&](codec::JsonWriter& json) {
               json.field("plan", hash);
               append_texts("steps", ids, json);
               json.field("approvers", int64_t{takes_two ? 2 : 1});
               append_texts("from", {role_text(state, next.role)}, json);
               json.field("deadline", codec::format_timestamp(now + next.within));
               append_texts("because", because, json);
             }));
}

// Goes on with the engine's plans of one incident, and watches it. `state` is of the incident in
// which it goes on.
Result<> go_on(const Responding& judging, const triage::IncidentState& state, const Judge& judge,
               respond::Journal& journal, Alone& alone) {
  const IncidentId& incident = journal.incident();
  const auto soon = [&](Time due) { alone.due = std::min(alone.due.value_or(due), due); };
  const Time now = judging.env.clock.now();
  TRY(const respond::Control control, respond::Control::load(judging.ledger));
  const std::vector<std::string> order = journal.book().order();
  const std::string guards = guards_hash(judging.tables.guards);
  TRY(end_stale(journal, guards));
  for (const std::string& hash : order) {
    const PlanState& plan = *journal.book().find(hash);
    if (!is_its_own(plan) || plan.ended || plan.is_done() || !plan.is_intact) continue;
    TRY(respond::PlanReport report, apply_plan(judging, incident, hash, false, {}));
    for (respond::StepReport& each : report.steps) {
      if (each.end == respond::StepEnd::kWaits) soon(each.until);
      if (each.end == respond::StepEnd::kBusy) soon(now + respond::kBusyPause);
      // A budget is full again, and a freeze ends, without anybody saying so.
      if (each.stop && each.stop->asks == respond::GuardAsks::kNothing) soon(now + kAskAgain);
      const Step& step = *plan.plan.find(each.step);
      if (is_planned_anew(journal.book(), plan, step, guards)) continue;
      const bool is_shadow =
          each.stop && each.stop->guard == "autonomy" && judge(control, step).is_shadow;
      alone.steps.push_back({hash, step, std::move(each), is_shadow});
    }
    TRY(journal.refresh());
    // What failed just now is planned anew, or left to people.
    for (const Step& step : plan.plan.steps) {
      const auto& failed = plan.step(step.id).failed;
      if (failed && failed->at >= now && is_dead(plan, step, guards)) soon(failed->at + kPlanAnew);
    }
    TRY(say_shadow(journal, hash, alone.steps));
    TRY(ask_people(judging, state, journal, hash, alone.steps));
    TRY(journal.refresh());
  }
  for (const auto& [hash, plan] : journal.book().plans()) {
    const bool is_asked = is_its_own(plan) && !plan.ended && !plan.asked.empty();
    if (is_asked && plan.asked.back().deadline > now) soon(plan.asked.back().deadline);
  }
  TRY(respond::Executor::Watched watched, watch_incident(judging, incident));
  if (watched.next) soon(*watched.next);
  respond::Executor::Watched& all = alone.watched;
  all.looked += watched.looked;
  all.unseen += watched.unseen;
  all.breaches += watched.breaches;
  all.contained += watched.contained;
  all.open.insert(all.open.end(), watched.open.begin(), watched.open.end());
  return {};
}

}  // namespace

Result<Alone> respond_alone(const Responding& with, const IncidentId& incident) {
  Alone alone;
  TRY(const triage::IncidentState state, load_incident(with.ledger, incident));
  TRY(check_open(state));
  alone.is_restricted = state.restricted;
  TRY(respond::Journal journal, with.open_journal(incident));
  TRY(const Tasks tasks, plan_news(with, state, journal, alone));
  Responding judging = with;
  const Judge judge(with, state);
  judging.alone = judge;
  TRY(go_on(judging, state, judge, journal, alone));
  // What came in from others stays theirs: it is contained there.
  for (const std::string& absorbed : state.merged_from) {
    TRY(respond::Journal theirs, with.open_journal(IncidentId(absorbed)));
    TRY(go_on(judging, state, judge, theirs, alone));
  }
  TRY(add_tasks(with, incident, tasks));
  return alone;
}

}  // namespace stanch::host

#include "host/who_else.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "model/entity_parts.h"
#include "respond/plan/administrators.h"
#include "respond/plan/last_use.h"

namespace stanch::host {

namespace {

using respond::LastUse;
using respond::SeenUse;
using respond::Step;

bool did(const triage::Finding& finding, const std::string& identity) {
  return finding.actor == identity || finding.credential == identity;
}

// Of the console's password it is the user who does something.
std::string who_does(const std::string& entity) {
  const auto parts = model::split_entity(entity);
  if (!parts || parts->type != "aws:login-profile") return entity;
  return fmt::format("aws:user{}", entity.substr(parts->type.size()));
}

// "iam" of "iam.amazonaws.com".
std::string short_name(const std::string& service) { return service.substr(0, service.find('.')); }

bool is_of_incident(const triage::IncidentState& state, const std::string& entity) {
  return std::ranges::any_of(state.findings, [&](const auto& each) {
    return !each.second.gone && names(each.second.finding, entity);
  });
}

// A key or password that was made in the incident is no way in of ours.
bool was_made_in(const triage::IncidentState& state, const std::string& entity) {
  return std::ranges::any_of(state.findings, [&](const auto& each) {
    return !each.second.gone &&
           std::ranges::any_of(each.second.finding.minted,
                               [&](const triage::Minted& made) { return made.entity == entity; });
  });
}

SeenUse seen_of(const triage::IncidentState& state, const std::string& entity) {
  SeenUse seen;
  const std::string identity = who_does(entity);
  const auto add = [](std::set<std::string>& all, const std::string& text) {
    if (!text.empty()) all.insert(text);
  };
  for (const auto& [id, joined] : state.findings) {
    const triage::Finding& finding = joined.finding;
    if (joined.gone || !finding.event_time || !did(finding, identity)) continue;
    seen.first = std::min(seen.first.value_or(*finding.event_time), *finding.event_time);
    add(seen.services, short_name(finding.service));
    add(seen.sources, finding.source);
    add(seen.sessions, finding.session);
  }
  return seen;
}

// People are asked, and that is why.
void ask_first(std::string why, Step& step) {
  if (step.risk == respond::RiskClass::kReversible) step.risk = respond::RiskClass::kDisruptive;
  step.because.push_back(std::move(why));
}

void say_last_use(const LastUse& use, Step& step) {
  step.used.insert(step.used.end(), use.facts.begin(), use.facts.end());
  if (use.others.empty()) return;
  const size_t shown = std::min(use.others.size(), respond::kUsesShownMax);
  std::string why = fmt::format("something else may use it: {}",
                                fmt::join(use.others.begin(), use.others.begin() + shown, "; "));
  if (shown < use.others.size()) why += fmt::format("; {} more", use.others.size() - shown);
  ask_first(std::move(why), step);
}

respond::CutOff cut_off_by(const Step& step) {
  const std::string& entity = step.target.entity;
  respond::CutOff cut{step.target.account, who_does(entity), "", false};
  cut.is_password = cut.identity != entity;
  const auto parts = model::split_entity(entity);
  if (!parts || parts->type != "aws:access-key") return cut;
  cut.key = parts->name;
  // The user who has it.
  const auto user = std::ranges::find_if(
      step.also_hits, [](const std::string& hit) { return hit.starts_with("aws:user/"); });
  if (user != step.also_hits.end()) cut.identity = *user;
  return cut;
}

// `is_engine`: it plans what lacks something again in a moment, and people would only be woken.
void say_administrators(const respond::AdministratorLeft& left, bool is_engine, Step& step) {
  switch (left.left) {
    case respond::Left::kYes:
      if (!left.because.empty()) step.used.push_back(left.because);
      return;
    case respond::Left::kUnknown:
      if (!is_engine || !left.may_pass) return ask_first(left.because, step);
      [[fallthrough]];
    case respond::Left::kNo:
      step.lacks.push_back(left.because);
      step.calls.clear();
      return;
  }
}

}  // namespace

void say_who_else(const Responding& with, const triage::IncidentState& state, Time now,
                  respond::Plan& plan) {
  respond::IamReader iam(with.caller, [&with](Duration time) { with.env.clock.sleep(time); });
  std::set<std::string> targets;
  for (const Step& step : plan.steps) targets.insert(who_does(step.target.entity));
  respond::Administrators administrators(iam, {.accounts = with.tables.own_accounts,
                                               .break_glass = with.tables.break_glass,
                                               .is_suspect = [&](const std::string& entity) {
                                                 return targets.contains(entity) ||
                                                        is_of_incident(state, entity);
                                               }});
  std::map<std::string, LastUse> known;
  for (Step& step : plan.steps) {
    const respond::Action& action = with.tables.actions.at(step.action);
    const bool cuts_off = action.cuts_off != respond::CutsOff::kNothing && !step.calls.empty();
    if (!cuts_off) continue;
    const std::string& entity = step.target.entity;
    auto found = known.find(entity);
    if (found == known.end()) {
      const LastUse use = respond::look_at_last_use(iam, step.target, seen_of(state, entity), now);
      found = known.emplace(entity, use).first;
    }
    say_last_use(found->second, step);
    if (action.cuts_off != respond::CutsOff::kAll || was_made_in(state, entity)) continue;
    say_administrators(administrators.after(cut_off_by(step)), with.actor == kEngineActor, step);
  }
}

const std::vector<respond::OperationName>& who_else_reads() {
  static const std::vector<respond::OperationName> reads = {
      {"iam", "GenerateServiceLastAccessedDetails"},
      {"iam", "GetAccessKeyLastUsed"},
      {"iam", "GetAccountAuthorizationDetails"},
      {"iam", "GetLoginProfile"},
      {"iam", "GetRole"},
      {"iam", "GetServiceLastAccessedDetails"},
      {"iam", "GetUser"},
      {"iam", "ListAccessKeys"}};
  return reads;
}

}  // namespace stanch::host

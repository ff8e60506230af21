#include "host/who_else.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "model/entity_parts.h"
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

void say_last_use(const LastUse& use, Step& step) {
  step.used.insert(step.used.end(), use.facts.begin(), use.facts.end());
  if (use.others.empty()) return;
  if (step.risk == respond::RiskClass::kReversible) step.risk = respond::RiskClass::kDisruptive;
  const size_t shown = std::min(use.others.size(), respond::kUsesShownMax);
  std::string why = fmt::format("something else may use it: {}",
                                fmt::join(use.others.begin(), use.others.begin() + shown, "; "));
  if (shown < use.others.size()) why += fmt::format("; {} more", use.others.size() - shown);
  step.because.push_back(std::move(why));
}

}  // namespace

void say_who_else(const Responding& with, const triage::IncidentState& state, Time now,
                  respond::Plan& plan) {
  respond::IamReader iam(with.caller, [&with](Duration time) { with.env.clock.sleep(time); });
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
  }
}

const std::vector<respond::OperationName>& who_else_reads() {
  static const std::vector<respond::OperationName> reads = {
      {"iam", "GenerateServiceLastAccessedDetails"},
      {"iam", "GetAccessKeyLastUsed"},
      {"iam", "GetRole"},
      {"iam", "GetServiceLastAccessedDetails"},
      {"iam", "GetUser"}};
  return reads;
}

}  // namespace stanch::host

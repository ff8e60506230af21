#include <fmt/format.h>

#include <algorithm>
#include <ranges>

#include "triage/limits.h"
#include "triage/overview_parts.h"
#include "triage/words.h"

namespace stanch::triage {

namespace {

using model::Status;

bool destroys(const IncidentState& state) {
  return std::ranges::any_of(std::views::values(state.findings), [](const JoinedFinding& joined) {
    return !joined.gone && is_destructive(joined.finding);
  });
}

std::string names_of(const std::vector<ActiveIdentity>& identities) {
  std::string names;
  for (const ActiveIdentity& identity : identities | std::views::take(kNamesShown)) {
    names += (names.empty() ? "" : ", ") + identity.name;
  }
  if (identities.size() > kNamesShown) {
    names += fmt::format(" and {} more", identities.size() - kNamesShown);
  }
  return names;
}

std::vector<std::string> steps_to_contain(const IncidentState& state, const Overview& overview) {
  if (overview.identities.empty()) {
    return {"Find out which identity did it: contain that before cleaning up what it did."};
  }
  const std::string names = names_of(overview.identities);
  const ActiveIdentity& first = overview.identities[0];
  std::string contain;
  if (destroys(state) && overview.activity.may_go_on) {
    contain = fmt::format(
        "Contain {} now: something is being destroyed. Collect evidence beside it, not before.",
        names);
  } else {
    contain = fmt::format(
        "Contain {} before cleaning up: keys, sessions and what was made, together.", names);
    if (destroys(state)) contain += " Something was destroyed: look after what is left first.";
  }
  const bool has_plan = state.other_kinds.contains("plan_made");
  const std::string plan = has_plan ? "What waits for whom: stanch status " + state.id.text()
                                    : "See the exact calls: stanch plan " + state.id.text();
  return {contain, plan, "See all ways in: stanch trace " + first.entity + " --logs PATH"};
}

std::vector<std::string> next_of(const IncidentState& state, const Overview& overview) {
  const std::string id = state.id.text();
  std::vector<std::string> next;
  if (state.is_closed()) return next;
  if (!state.acknowledged) next.push_back("Take it: stanch incident ack " + id);
  switch (state.status) {
    case Status::kNew:
    case Status::kAcknowledged:
    case Status::kTriaged:
    case Status::kContaining: {
      for (std::string& step : steps_to_contain(state, overview)) next.push_back(std::move(step));
      break;
    }
    case Status::kContainedWatching:
      next.emplace_back("Watch: no successful call by what is contained, no new key, role, trust.");
      if (state.other_kinds.contains("plan_made"))
        next.push_back("See that it stays: stanch watch " + id);
      break;
    case Status::kContained:
    case Status::kEradicating:
      next.push_back(overview.persistence.empty()
                         ? std::string("Look for what was left behind; no finding shows any.")
                         : fmt::format("Remove what was left behind: {}.",
                                       counted_words(overview.persistence.size(), "thing")));
      break;
    case Status::kRecovering:
      next.emplace_back("Bring back what was cut off, and see that it stays well.");
      break;
    case Status::kRecovered:
      next.emplace_back("Review what happened and what is to change.");
      break;
    case Status::kReview:
      next.push_back("Close it: stanch incident close " + id + " --disposition WHAT --reason TEXT");
      break;
    case Status::kClosed: break;
  }
  return next;
}

// The people of the incident first, then the owners of the identities.
std::vector<std::string> people_to_ask(const IncidentState& state, const Overview& overview) {
  std::vector<std::string> ask;
  for (const std::string_view role : {"commander", "deputy"}) {
    const auto holder = state.roles.find(std::string(role));
    if (holder != state.roles.end()) ask.push_back(fmt::format("{} {}", role, holder->second));
  }
  if (ask.empty() && !state.assignee.empty()) ask.push_back(state.assignee);
  for (const ActiveIdentity& identity : overview.identities | std::views::take(kNamesShown)) {
    if (identity.owner.empty() && identity.on_call.empty()) continue;
    std::string line = "owner of " + identity.name + ": ";
    line += identity.owner.empty() ? "not named" : identity.owner;
    if (!identity.on_call.empty()) line += ", on call " + identity.on_call;
    ask.push_back(std::move(line));
  }
  if (ask.empty()) ask.emplace_back("nobody is named, here or in the inventory");
  return ask;
}

std::vector<std::string> broken_by(const Assets& assets, const Overview& overview) {
  std::vector<std::string> breaks;
  for (const ActiveIdentity& identity : overview.identities | std::views::take(kNamesShown)) {
    if (identity.is_protected) {
      breaks.push_back(identity.name + " is protected: two people must approve");
    }
    std::string others;
    for (const std::string& reached : identity.reaches | std::views::take(kNamesShown)) {
      others += (others.empty() ? "" : ", ") + entity_words(reached);
      const auto asset = assets.find(reached);
      if (asset && !asset->owner.empty()) others += " of " + asset->owner;
    }
    if (identity.reaches.size() > kNamesShown) {
      others += fmt::format(" and {} more", identity.reaches.size() - kNamesShown);
    }
    if (!others.empty()) breaks.push_back(identity.name + " works with " + others);
  }
  if (breaks.empty()) breaks.emplace_back("not known: the inventory names nobody");
  return breaks;
}

}  // namespace

void say_next(const IncidentState& state, const Assets& assets, Overview& overview) {
  overview.next = next_of(state, overview);
  if (state.is_closed()) return;
  overview.ask = people_to_ask(state, overview);
  if (!state.contained && !overview.identities.empty()) {
    overview.breaks = broken_by(assets, overview);
  }
}

std::vector<std::string> unknown_of(const IncidentState& state, const Assets& assets,
                                    const Activity& activity) {
  std::vector<std::string> unknown = state.unknowns;
  if (activity.first_event) {
    unknown.push_back(
        fmt::format("What was before {}: no finding is older. How far back the logs "
                    "go is not known here.",
                    minute_words(*activity.first_event)));
    if (!state.is_closed() && *activity.log_delay >= std::chrono::minutes(1)) {
      unknown.push_back(fmt::format("What happened in the last {}: logs are that late.",
                                    duration_words(*activity.log_delay)));
    }
  } else {
    unknown.emplace_back(
        "What the logs say: no finding with a time belongs to it, all here is by word of people.");
  }
  uint64_t told = 0, without_time = 0, of_data = 0;
  for (const JoinedFinding& joined : std::views::values(state.findings)) {
    if (joined.gone) continue;
    ++told;
    without_time += !joined.finding.event_time;
    of_data += joined.finding.plane == model::Plane::kData;
  }
  if (told > 0 && of_data == 0) {
    unknown.emplace_back(
        "What was read or changed inside buckets, tables and secrets: no finding comes from a data "
        "event, and whether these are logged is not known here.");
  }
  if (activity.first_event && without_time > 0) {
    unknown.push_back(
        fmt::format("When: {} without a time.", counted_words(without_time, "finding")));
  }
  if (state.folded > 0) {
    unknown.push_back(fmt::format("What each of {} did: they were alike, and only counted.",
                                  counted_words(state.folded, "more finding")));
  }
  uint64_t scope = 0, strangers = 0;
  for (const auto& [id, scoped] : state.entities) {
    if (!scoped.in_scope() || id.starts_with("ip/")) continue;
    ++scope;
    strangers += !assets.find(id).has_value();
  }
  if (strangers > 0) {
    unknown.push_back(
        fmt::format("Whose {} of {} are, and what they are worth: the inventory does "
                    "not have them.",
                    strangers, counted_words(scope, "thing")));
  }
  if (state.erased > 0) {
    unknown.push_back(
        fmt::format("What {} of the ledger said: erased.", counted_words(state.erased, "entry")));
  }
  if (state.foreign > 0) {
    unknown.push_back(
        fmt::format("What {} of the ledger said: of a newer program, or without sense here.",
                    counted_words(state.foreign, "entry")));
  }
  return unknown;
}

}  // namespace stanch::triage

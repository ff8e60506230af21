#include "triage/overview.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <ranges>
#include <set>
#include <tuple>

#include "triage/overview_parts.h"
#include "triage/words.h"

namespace stanch::triage {

namespace {

using model::Access;
using model::Outcome;

// ---------------------------------------------------------------- still active?

Activity activity_of(const IncidentState& state, const std::vector<const JoinedFinding*>& findings,
                     Time now) {
  Activity activity;
  std::vector<Duration> delays;
  for (const JoinedFinding* joined : findings) {
    const std::optional<Time> time = joined->finding.event_time;
    if (!time) continue;
    activity.first_event = std::min(activity.first_event.value_or(*time), *time);
    activity.last_event = std::max(activity.last_event.value_or(*time), *time);
    // One that came from another incident came to us long before it joined this one.
    if (!joined->carried) delays.push_back(std::max(Duration{}, span_of(*time, joined->at)));
  }
  if (!activity.last_event) {
    activity.words = findings.empty() ? "No finding yet: whether it goes on is not known."
                                      : "No finding has a time: whether it goes on is not known.";
    return activity;
  }
  Duration delay{};
  if (!delays.empty()) {
    const auto middle = delays.begin() + static_cast<ptrdiff_t>(delays.size() / 2);
    std::ranges::nth_element(delays, middle);
    activity.log_delay = delay = *middle;
  }
  activity.age = std::max(Duration{}, span_of(*activity.last_event, now));
  activity.words = fmt::format("The last event was {} ago", duration_words(*activity.age));
  if (delay >= std::chrono::minutes(1)) {
    activity.words += fmt::format("; logs reach us about {} late", duration_words(delay));
  }
  // Silence shorter than that says nothing: it may be on its way.
  if (state.is_closed()) {
    activity.words += ".";
  } else if (*activity.age <=
             std::max<Duration>(std::chrono::minutes(15),
                                3 * std::min<Duration>(delay, std::chrono::days(365)))) {
    activity.may_go_on = true;
    activity.words += ": it may be going on now.";
  } else {
    activity.words += ": nothing was seen since, which does not prove that it ended.";
  }
  return activity;
}

// ---------------------------------------------------------------- who

void add_word(std::string& words, std::string_view word) {
  if (words.find(word) != words.npos) return;
  if (!words.empty()) words += "; ";
  words += word;
}

class Identities {
 public:
  explicit Identities(const Assets& assets) : assets_(assets) {}

  void add(const Finding& finding) {
    if (finding.actor.empty()) return;
    const auto [at, added] = by_id_.try_emplace(finding.actor);
    ActiveIdentity& identity = at->second;
    if (added) {
      identity.entity = finding.actor;
      if (const auto asset = assets_.find(finding.actor)) {
        identity.owner = asset->owner;
        identity.on_call = asset->on_call;
        identity.privilege = asset->privilege;
        identity.is_protected = asset->is_protected.value_or(false);
        identity.reaches = asset->reaches;
      }
    }
    if (identity.name.empty()) identity.name = short_words(finding.actor_name);
    ++identity.findings;
    identity.level = std::max(identity.level, finding.level);
    if (finding.actor_type == model::ActorType::kRoot) add_word(identity.privilege, "root");
    if (finding.outcome == Outcome::kOk && finding.level >= model::Level::kMedium &&
        has_tactic(finding, {"privilege-escalation"})) {
      add_word(identity.privilege, "gave or gained rights");
    }
  }

  std::vector<ActiveIdentity> take() {
    std::vector<ActiveIdentity> identities;
    for (ActiveIdentity& identity : std::views::values(by_id_)) {
      if (identity.name.empty()) identity.name = short_words(entity_words(identity.entity));
      identities.push_back(std::move(identity));
    }
    std::ranges::stable_sort(identities, [](const ActiveIdentity& a, const ActiveIdentity& b) {
      return std::tuple(b.level, b.findings) < std::tuple(a.level, a.findings);
    });
    return identities;
  }

 private:
  const Assets& assets_;
  std::map<std::string, ActiveIdentity> by_id_;
};

// ---------------------------------------------------------------- what came of it

// "iam:CreateAccessKey"
std::string action_of(const Finding& finding) {
  const std::string service = finding.service.substr(0, finding.service.find('.'));
  return service.empty() ? finding.action : service + ":" + finding.action;
}

// One event may lead to several findings.
std::string event_of(const Finding& finding) {
  return finding.events.empty() ? finding.id : finding.events.front();
}

class Deeds {
 public:
  void add(const Finding& finding) {
    if (finding.action.empty()) return;
    Gathered& gathered = by_action_[action_of(finding)];
    Deed& deed = gathered.deed;
    deed.action = action_of(finding);
    deed.calls += gathered.events.insert(event_of(finding)).second;
    for (const std::string& target : finding.targets) {
      if (!gathered.targets.insert(target).second) continue;
      ++deed.targets_all;
      if (deed.targets.size() < kTargetsShown) deed.targets.push_back(target);
    }
    if (!finding.event_time) return;
    deed.first = std::min(deed.first.value_or(*finding.event_time), *finding.event_time);
    deed.last = std::max(deed.last.value_or(*finding.event_time), *finding.event_time);
  }

  std::vector<Deed> take() {
    std::vector<Deed> deeds;
    for (Gathered& gathered : std::views::values(by_action_)) {
      deeds.push_back(std::move(gathered.deed));
    }
    std::ranges::stable_sort(deeds, {}, &Deed::first);
    return deeds;
  }

 private:
  struct Gathered {
    Deed deed;
    std::set<std::string> events, targets;
  };
  std::map<std::string, Gathered> by_action_;
};

bool is_sensitive(const Finding& finding, const Assets& assets) {
  return has_tactic(finding, {"collection", "exfiltration", "credential-access"}) ||
         std::ranges::any_of(finding.targets, [&](const std::string& target) {
           const auto asset = assets.find(target);
           return asset && (asset->data == "confidential" || asset->data == "restricted");
         });
}

// What no call can make, and nobody can remove: accounts and their roots, the provider's policies.
bool is_nothing_made(std::string_view entity) {
  return entity.starts_with("aws:account/") || entity.starts_with("aws:root/") ||
         entity.starts_with("aws:policy/aws/");
}

// A session that was handed out ends by itself; what a write made does not.
void add_persistence(const Finding& finding, std::set<std::string>& persistence) {
  if (finding.access != Access::kWrite) return;
  for (const Minted& minted : finding.minted) {
    const std::string& made = !minted.entity.empty() ? minted.entity : minted.session;
    if (!made.empty()) {
      persistence.insert(made + (minted.principal.empty() ? "" : " for " + minted.principal));
    }
  }
  if (!has_tactic(finding, {"persistence"})) return;
  for (const std::string& target : finding.targets) {
    if (!is_nothing_made(target)) persistence.insert(target);
  }
}

// ---------------------------------------------------------------- what happened

std::string sentence_of(const IncidentState& state, const Overview& overview) {
  std::string sentence = state.headline();
  if (sentence.empty()) sentence = "Nothing is told of it";
  if (!overview.identities.empty()) {
    sentence += " by " + overview.identities[0].name;
    if (overview.identities.size() > 1) {
      sentence += fmt::format(" and {} more", overview.identities.size() - 1);
    }
  } else if (!state.source.empty()) {
    sentence += ", reported by " + state.source;
  }
  if (const uint64_t count = state.finding_count(); count > 1) {
    sentence += "; " + counted_words(count, "finding");
  }
  const Activity& activity = overview.activity;
  if (activity.last_event && *activity.last_event > *activity.first_event) {
    sentence += " within " + duration_words(span_of(*activity.first_event, *activity.last_event));
  }
  return sentence + '.';
}

}  // namespace

bool has_tactic(const Finding& finding, std::initializer_list<std::string_view> tactics) {
  return std::ranges::any_of(finding.tactics, [&](const std::string& tactic) {
    return std::ranges::find(tactics, tactic) != tactics.end();
  });
}

Overview overview_of(const IncidentState& state, const SeverityMatrix& matrix, const Assets& assets,
                     Time now) {
  // By time, so that of more targets than are shown the first ones are.
  std::vector<const JoinedFinding*> joined;
  for (const JoinedFinding& each : std::views::values(state.findings)) {
    if (!each.gone) joined.push_back(&each);
  }
  std::ranges::stable_sort(joined, {},
                           [](const JoinedFinding* each) { return each->finding.event_time; });
  Overview overview;
  Identities identities(assets);
  Deeds writes, reads;
  std::set<std::string> persistence, denied;
  for (const JoinedFinding* each : joined) {
    const Finding& finding = each->finding;
    identities.add(finding);
    if (finding.outcome == Outcome::kDenied) denied.insert(event_of(finding));
    if (finding.outcome != Outcome::kOk) continue;
    if (finding.access == Access::kWrite) {
      writes.add(finding);
    } else if (is_sensitive(finding, assets)) {
      reads.add(finding);
    }
    add_persistence(finding, persistence);
  }
  overview.activity = activity_of(state, joined, now);
  overview.identities = identities.take();
  overview.writes = writes.take();
  overview.reads = reads.take();
  overview.persistence.assign(persistence.begin(), persistence.end());
  overview.denied = denied.size();
  overview.sentence = sentence_of(state, overview);
  overview.clocks = clocks_of(state, matrix, now);
  say_next(state, assets, overview);
  overview.unknown = unknown_of(state, assets, overview.activity);
  return overview;
}

}  // namespace stanch::triage

#include "triage/overview.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <ranges>
#include <set>

#include "model/entity.h"

namespace stanch::triage {

namespace {

using model::Access;
using model::Outcome;
using model::Plane;

bool has_tactic(const Finding& finding, std::initializer_list<std::string_view> tactics) {
  return std::ranges::any_of(finding.tactics, [&](const std::string& tactic) {
    return std::ranges::find(tactics, tactic) != tactics.end();
  });
}

// "svc-metrics" of "aws:user/444455556666/svc-metrics"
std::string short_name(const std::string& entity) { return entity.substr(entity.rfind('/') + 1); }

// "iam:CreateAccessKey"
std::string action_of(const Finding& finding) {
  return finding.service.substr(0, finding.service.find('.')) + ":" + finding.action;
}

std::string duration_text(Duration duration) {
  using namespace std::chrono;
  const auto count = [](int64_t number, std::string_view one) {
    return fmt::format("{} {}{}", number, one, number == 1 ? "" : "s");
  };
  if (duration >= hours(48)) return count(duration / hours(24), "day");
  if (duration >= hours(2)) return count(duration / hours(1), "hour");
  if (duration >= minutes(1)) return count(duration / minutes(1), "minute");
  return count(duration / seconds(1), "second");
}

class Gathering {
 public:
  Gathering(const IncidentState& state, const Assets& assets) : state_(state), assets_(assets) {}

  void add(const Finding& finding) {
    if (finding.event_time) {
      out_.first_event =
          std::min(out_.first_event.value_or(*finding.event_time), *finding.event_time);
      out_.last_event =
          std::max(out_.last_event.value_or(*finding.event_time), *finding.event_time);
    }
    tactics_.insert(finding.tactics.begin(), finding.tactics.end());
    data_events_ = data_events_ || finding.plane == Plane::kData;
    if (!finding.actor.empty()) add_identity(finding);
    if (finding.outcome == Outcome::kDenied) ++out_.denied;
    if (finding.outcome != Outcome::kOk) return;
    // One event leads to several findings, and is one deed.
    if (finding.access == Access::kWrite) {
      add_deed(writes_, finding);
    } else if (has_tactic(finding, {"collection", "exfiltration", "credential-access"})) {
      add_deed(reads_, finding);
    }
    for (const Minted& minted : finding.minted) {
      const std::string& made = !minted.entity.empty() ? minted.entity : minted.session;
      if (!made.empty()) {
        persistence_.insert(made + (minted.principal.empty() ? "" : " for " + minted.principal));
      }
    }
    if (finding.access == Access::kWrite && has_tactic(finding, {"persistence"})) {
      for (const std::string& target : finding.targets) {
        if (!target.starts_with("aws:account/")) persistence_.insert(target);
      }
    }
  }

  Overview take() {
    for (const auto& [entity, identity] : identities_) out_.identities.push_back(identity);
    std::ranges::stable_sort(out_.identities, std::ranges::greater(), &ActiveIdentity::findings);
    for (const auto& [action, deed] : writes_) out_.writes.push_back(deed.deed);
    for (const auto& [action, deed] : reads_) out_.reads.push_back(deed.deed);
    for (std::vector<Deed>* deeds : {&out_.writes, &out_.reads}) {
      std::ranges::stable_sort(*deeds, {}, &Deed::first);
    }
    out_.persistence.assign(persistence_.begin(), persistence_.end());
    say_sentence();
    say_unknown();
    return std::move(out_);
  }

 private:
  struct Gathered {
    Deed deed;
    std::set<std::string> events, targets;
  };

  void add_identity(const Finding& finding) {
    ActiveIdentity& identity = identities_[finding.actor];
    ++identity.findings;
    if (identity.findings > 1) return;
    identity.entity = finding.actor;
    identity.name = finding.actor_name.empty() ? short_name(finding.actor) : finding.actor_name;
    if (finding.actor_type == model::ActorType::kRoot) identity.privilege = "root";
    if (const auto asset = assets_.find(finding.actor)) {
      identity.owner = asset->owner;
      identity.on_call = asset->on_call;
      if (!asset->privilege.empty()) identity.privilege = asset->privilege;
    }
  }

  static void add_deed(std::map<std::string, Gathered>& deeds, const Finding& finding) {
    Gathered& gathered = deeds[action_of(finding)];
    bool added = finding.events.empty();
    for (const std::string& event : finding.events) added = gathered.events.insert(event).second;
    if (!added) return;
    Deed& deed = gathered.deed;
    deed.action = action_of(finding);
    ++deed.calls;
    for (const std::string& target : finding.targets) {
      if (!gathered.targets.insert(target).second) continue;
      ++deed.targets_all;
      if (deed.targets.size() < kTargetsShown) deed.targets.push_back(target);
    }
    if (!finding.event_time) return;
    deed.first = std::min(deed.first.value_or(*finding.event_time), *finding.event_time);
    deed.last = std::max(deed.last.value_or(*finding.event_time), *finding.event_time);
  }

  void say_sentence() {
    std::string& sentence = out_.sentence;
    sentence = state_.headline();
    if (!out_.identities.empty()) {
      sentence += " by " + out_.identities[0].name;
      if (out_.identities.size() > 1) {
        sentence += fmt::format(" and {} more", out_.identities.size() - 1);
      }
    }
    const uint64_t count = state_.finding_count();
    if (count > 1) sentence += fmt::format("; {} findings", count);
    if (out_.first_event && *out_.last_event > *out_.first_event) {
      sentence += " within " + duration_text(*out_.last_event - *out_.first_event);
    }
    sentence += '.';
  }

  void say_unknown() {
    std::vector<std::string>& unknown = out_.unknown;
    unknown = state_.unknowns;
    if (!state_.findings.empty() && !data_events_) {
      unknown.push_back(
          "Whether data was read or changed: no finding comes from a data event. Where data events "
          "are not logged, reading leaves no trace.");
    }
    if (out_.first_event) {
      unknown.push_back(
          "What came before the logs that were read, and in accounts and regions "
          "without logs: 'stanch trace' says which.");
    }
    if (state_.folded > 0) {
      unknown.push_back(fmt::format("{} findings of floods were only counted.", state_.folded));
    }
    if (state_.erased > 0) {
      unknown.push_back(fmt::format("The text of {} entries was erased.", state_.erased));
    }
    if (state_.foreign > 0) {
      unknown.push_back(fmt::format("{} entries were written by a newer program, or make no sense.",
                                    state_.foreign));
    }
  }

  const IncidentState& state_;
  const Assets& assets_;
  Overview out_;
  std::map<std::string, ActiveIdentity> identities_;
  std::map<std::string, Gathered> writes_, reads_;
  std::set<std::string> persistence_, tactics_;
  bool data_events_ = false;
};

// No plan exists in this version: what people can do.
std::vector<std::string> next_of(const IncidentState& state, const Overview& overview) {
  std::vector<std::string> next;
  if (state.is_closed()) return next;
  const std::string id = state.id.text();
  if (!state.acknowledged) next.push_back("Take it: stanch incident ack " + id);
  if (!overview.identities.empty() && !state.contained) {
    const ActiveIdentity& identity = overview.identities[0];
    next.push_back(fmt::format(
        "Contain {} before cleaning up what it did; ask {} who else it breaks.", identity.name,
        identity.owner.empty() ? "its owner (not in the inventory)" : identity.owner));
    next.push_back("See all its ways in: stanch trace " + identity.entity + " --logs PATH");
  }
  return next;
}

}  // namespace

Overview overview_of(const IncidentState& state, const SeverityMatrix& matrix, const Assets& assets,
                     Time now) {
  Gathering gathering(state, assets);
  // By time, so that of more targets than are shown the first ones are.
  std::vector<const Finding*> findings;
  for (const JoinedFinding& joined : std::views::values(state.findings)) {
    if (!joined.gone) findings.push_back(&joined.finding);
  }
  std::ranges::stable_sort(findings, {},
                           [](const Finding* finding) { return finding->event_time; });
  for (const Finding* finding : findings) gathering.add(*finding);
  Overview overview = gathering.take();
  overview.next = next_of(state, overview);
  overview.clocks = clocks_of(state, matrix, now);
  return overview;
}

}  // namespace stanch::triage

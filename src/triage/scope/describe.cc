#include <algorithm>
#include <map>

#include "triage/scope/observe.h"
#include "triage/scope/tracing.h"

namespace stanch::triage::scope {

namespace {

using Number = Links::Number;

constexpr EdgeKind kGroups[] = {EdgeKind::kWrote, EdgeKind::kRead, EdgeKind::kDid,
                                EdgeKind::kDenied, EdgeKind::kFailed};

void merge(Tally& into, const Tally& tally) {
  if (into.count == 0) {
    into = tally;
    return;
  }
  into.count += tally.count;
  into.first = std::min(into.first, tally.first);
  into.last = std::max(into.last, tally.last);
}

// The most used first, then by text; at most `most`, and how many more there are.
template <typename Use>
uint64_t keep_most(std::vector<Use>& uses, size_t most, std::string Use::* text) {
  std::ranges::sort(uses, [text](const Use& a, const Use& b) {
    return a.tally.count != b.tally.count ? a.tally.count > b.tally.count : a.*text < b.*text;
  });
  if (uses.size() <= most) return 0;
  const uint64_t more = uses.size() - most;
  uses.resize(most);
  return more;
}

// One entry a target, where several keys of one session used it.
void merge_same(std::vector<TargetUse>& uses) {
  std::ranges::sort(uses, {}, &TargetUse::id);
  size_t kept = 0;
  for (size_t i = 1; i < uses.size(); ++i) {
    if (uses[i].id == uses[kept].id) {
      merge(uses[kept].tally, uses[i].tally);
    } else if (++kept != i) {
      uses[kept] = std::move(uses[i]);
    }
  }
  if (!uses.empty()) uses.resize(kept + 1);
}

class Describing {
 public:
  Describing(const Tracing& tracing, Holder& holder)
      : tracing_(tracing),
        links_(tracing.links),
        holder_(holder),
        members_(tracing.lineage.units().members(holder.unit)) {}

  void identity() {
    for (const Number member : members_) holder_.ids.emplace_back(links_.text(member));
    std::ranges::stable_partition(holder_.ids, [this](const std::string& id) {
      return !links_.is(*links_.find(id), "session");
    });
    holder_.id = holder_.ids.back();
    const Lineage& lineage = tracing_.lineage;
    const Number principal = lineage.principal_of(holder_.unit);
    holder_.principal = links_.text(principal);
    holder_.principal_type = says("type");
    if (holder_.principal_type.empty()) holder_.principal_type = links_.says(principal, "type");
    holder_.account = says("account");
    if (holder_.account.empty()) holder_.account = links_.says(principal, "account");
    if (holder_.account.empty() && holder_.kind != HolderKind::kPerson) {
      holder_.account = scope_of(links_.text(principal != 0 ? principal : holder_.unit));
    }
    holder_.name = says("name");
    if (holder_.name.empty()) holder_.name = links_.says(principal, "name");
    holder_.session_name = says("session-name");
    holder_.source_identity = says("source-identity");
    holder_.issued = says("issued");
    holder_.expires = says("expires");
    holder_.kind_of_credential = says("kind");
    holder_.mfa = says("mfa");
    holder_.behind = says(kBehind);
    holder_.console = says("console") == "yes";
    holder_.long_lived =
        says("lifetime") == name_of(model::CredentialLifetime::kLongLived) ||
        holder_.kind_of_credential == name_of(model::MintedKind::kAccessKey) ||
        holder_.kind_of_credential == name_of(model::MintedKind::kServiceAccountKey);
    holder_.person = target_of(EdgeKind::kOnBehalfOf);
    const auto person = links_.find(holder_.person);
    // A workload is told of as what it is, not as a person.
    if (person && (lineage.kind_of(lineage.units().of(*person)) == HolderKind::kWorkload ||
                   !links_.says(*person, kBehind).empty())) {
      holder_.person.clear();
    }
    holder_.given_to = target_of(EdgeKind::kGivenTo);
  }

  void activity() {
    for (const EdgeKind kind : kGroups) {
      ActivityGroup group{.kind = kind, .tally = {}, .actions = {}};
      std::map<Number, ActionUse> actions = uses(kind);
      for (auto& [what, use] : actions) {
        merge(group.tally, use.tally);
        merge_same(use.targets);
        use.targets_more = keep_most(use.targets, kTargetsListedMax, &TargetUse::id);
        group.actions.push_back(std::move(use));
      }
      if (group.tally.count == 0) continue;
      group.actions_more = keep_most(group.actions, kActionsListedMax, &ActionUse::action);
      holder_.activity.push_back(std::move(group));
    }
  }

  void sources() {
    std::map<Number, SourceUse> sources;
    each(EdgeKind::kUsedFrom, [&](const Links::Edge& edge) {
      SourceUse& use = sources[edge.to];
      use.source = links_.text(edge.to);
      use.is_address = links_.is(edge.to, "address");
      merge(use.tally, *edge.tally);
      const std::string agent(links_.text(edge.what));
      if (!agent.empty() && std::ranges::find(use.user_agents, agent) == use.user_agents.end()) {
        use.user_agents.push_back(agent);
      }
    });
    for (auto& [number, use] : sources) {
      std::ranges::sort(use.user_agents);
      holder_.sources.push_back(std::move(use));
    }
    holder_.sources_more = keep_most(holder_.sources, kSourcesListedMax, &SourceUse::source);
    std::map<Number, PlaceUse> places;
    each(EdgeKind::kActedIn, [&](const Links::Edge& edge) {
      places[edge.to].place = links_.text(edge.to);
      merge(places[edge.to].tally, *edge.tally);
    });
    for (auto& [number, use] : places) holder_.places.push_back(std::move(use));
  }

  void touched() {
    for (const EdgeKind kind : {EdgeKind::kCreated, EdgeKind::kWrote, EdgeKind::kRead,
                                EdgeKind::kDid, EdgeKind::kDenied, EdgeKind::kFailed}) {
      std::map<Number, ActionUse> actions;
      each(kind, [&](const Links::Edge& edge) {
        if (edge.to != tracing_.subject) return;
        ActionUse& use = actions[edge.what];
        use.action = std::string(name_of(kind)) + ' ' + std::string(links_.text(edge.what));
        merge(use.tally, *edge.tally);
      });
      for (auto& [what, use] : actions) holder_.touched.push_back(std::move(use));
    }
  }

 private:
  template <typename Visit>
  void each(EdgeKind kind, Visit visit) {
    for (const Number member : members_) {
      for (const Links::Edge& edge : links_.out(member, kind)) {
        if (tracing_.in_window(*edge.tally)) visit(edge);
      }
    }
  }

  std::string says(std::string_view word) const {
    return std::string(tracing_.lineage.says(holder_.unit, word));
  }

  std::string target_of(EdgeKind kind) const {
    for (const Number member : members_) {
      const auto edges = links_.out(member, kind);
      if (!edges.empty()) return std::string(links_.text(edges.front().to));
    }
    return {};
  }

  // By action, with its targets. What is created counts among the writes.
  std::map<Number, ActionUse> uses(EdgeKind kind) {
    std::map<Number, ActionUse> actions;
    const auto note = [&](const Links::Edge& edge) {
      ActionUse& use = actions[edge.what];
      use.action = links_.text(edge.what);
      if (edge.to == 0) {
        merge(use.tally, *edge.tally);
      } else {
        add_target(use, edge);
      }
    };
    each(kind, note);
    if (kind == EdgeKind::kWrote) {
      each(EdgeKind::kCreated, [&](const Links::Edge& edge) {
        if (const auto use = actions.find(edge.what); use != actions.end()) {
          add_target(use->second, edge);
        }
      });
    }
    return actions;
  }

  void add_target(ActionUse& use, const Links::Edge& edge) {
    use.targets.push_back({std::string(links_.text(edge.to)), *edge.tally});
  }

  const Tracing& tracing_;
  const Links& links_;
  Holder& holder_;
  std::span<const Number> members_;
};

}  // namespace

void describe(const Tracing& tracing, Holder& holder) {
  Describing describing(tracing, holder);
  describing.identity();
  describing.activity();
  describing.sources();
}

void describe_touch(const Tracing& tracing, Holder& holder) {
  Describing(tracing, holder).touched();
}

}  // namespace stanch::triage::scope

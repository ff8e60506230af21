// Everything to cut, the highest lever first: what stops most is named before what stops one key.
// Along one lever, whoever is nearer to the origin comes first.

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "triage/scope/tracing.h"

namespace stanch::triage::scope {

namespace {

using Number = Links::Number;

class Cutting {
 public:
  explicit Cutting(Tracing& tracing)
      : tracing_(tracing), links_(tracing.links), holders_(tracing.trace.holders) {}

  void run() {
    for (const Holder& holder : holders_) cut(holder);
    from_above();
    std::vector<Cut>& cuts = tracing_.trace.cuts;
    std::vector<std::tuple<CutKind, unsigned, std::string>> order;
    for (auto& [key, entry] : cuts_) order.emplace_back(key.first, entry.hops, key.second);
    std::ranges::sort(order);
    for (const auto& [kind, hops, id] : order) {
      cuts.push_back(std::move(cuts_.at({kind, id}).cut));
      std::ranges::sort(cuts.back().stops);
    }
  }

 private:
  struct Entry {
    Cut cut;
    unsigned hops = 0;  // of the nearest to its origin
  };

  void add(CutKind kind, const std::string& id, const Holder& holder, const std::string& words) {
    if (id.empty()) return;
    const auto [at, fresh] = cuts_.emplace(std::pair(kind, id), Entry{});
    Entry& entry = at->second;
    if (fresh) {
      entry.cut = {.kind = kind, .id = id, .words = words, .others = 0, .stops = {}};
      entry.hops = holder.hops;
      if (kind != CutKind::kDeactivateKey && kind != CutKind::kRemoveCredential) {
        entry.cut.others = others(id);
      }
    }
    entry.hops = std::min(entry.hops, holder.hops);
    if (std::ranges::find(entry.cut.stops, holder.id) == entry.cut.stops.end()) {
      entry.cut.stops.push_back(holder.id);
    }
  }

  // Who else acts as this principal, in the window and outside of the trace.
  uint64_t others(const std::string& principal) const {
    const auto number = links_.find(principal);
    if (!number) return 0;
    std::set<Number> units;
    for (const Links::Edge& edge : links_.in(*number, EdgeKind::kActsAs)) {
      const Number unit = tracing_.lineage.units().of(edge.from);
      if (tracing_.index.contains(unit) ||
          tracing_.lineage.kind_of(unit) != HolderKind::kCredential) {
        continue;
      }
      const auto places = links_.out(edge.from, EdgeKind::kActedIn);
      if (std::ranges::any_of(
              places, [&](const auto& place) { return tracing_.in_window(*place.tally); })) {
        units.insert(unit);
      }
    }
    return units.size();
  }

  void cut(const Holder& holder) {
    if (holder.beyond_host) {
      const std::string& who = holder.principal.empty() ? holder.id : holder.principal;
      if (holder.kind == HolderKind::kService || holder.kind == HolderKind::kUnknown) return;
      return add(CutKind::kReviewMaker, who, holder,
                 "it stands behind the host that was given the credential; cut it too if making "
                 "the host was part of the attack");
    }
    switch (holder.kind) {
      case HolderKind::kPerson:
        return add(CutKind::kDisablePerson, holder.id, holder,
                   holder.behind.empty()
                       ? "where it signs in, and end its sessions there"
                       : "by taking it out of whom the role or account there trusts; until then "
                         "each of its pods gets new credentials");
      case HolderKind::kHost:
        return add(CutKind::kIsolateHost, holder.id, holder,
                   "it is given new credentials as long as it runs");
      case HolderKind::kForeign:
        return add(CutKind::kAskOwner, holder.id, holder,
                   "to cut it; until then take away the trust in that account");
      case HolderKind::kPrincipal:
      case HolderKind::kWorkload: return cut_user(holder.id, holder);
      case HolderKind::kService:
      case HolderKind::kUnknown: return;
      case HolderKind::kCredential: return cut_credential(holder);
    }
  }

  // Whether it signs in elsewhere as well, where other names of it are.
  bool is_elsewhere(const std::string& user) const {
    const auto number = links_.find(user);
    if (!number) return false;
    const auto children = tracing_.lineage.children(tracing_.lineage.units().of(*number));
    return std::ranges::any_of(
        children, [](const Lineage::Link& link) { return link.kind == LinkKind::kSamePerson; });
  }

  // Who signs in elsewhere as well is disabled where that begins.
  void cut_user(const std::string& user, const Holder& holder) {
    if (is_elsewhere(user)) {
      return add(
          CutKind::kDisablePerson, user, holder,
          "where it signs in, and end its sessions there; those that it has elsewhere go on");
    }
    add(CutKind::kDenyPrincipal, user, holder,
        is_workload(holder) ? "stops its keys and its tokens, whoever holds them"
                            : "stops its keys, its console sessions and what they issued for it");
  }

  static bool is_workload(const Holder& holder) {
    constexpr model::ActorType kTypes[] = {model::ActorType::kServiceAccount,
                                           model::ActorType::kServicePrincipal,
                                           model::ActorType::kManagedIdentity};
    return holder.kind == HolderKind::kWorkload ||
           holder.kind_of_credential == name_of(model::MintedKind::kServiceAccountKey) ||
           std::ranges::any_of(kTypes,
                               [&](auto type) { return holder.principal_type == name_of(type); });
  }

  void cut_credential(const Holder& holder) {
    if (!holder.person.empty()) {
      add(CutKind::kDisablePerson, holder.person, holder,
          "where it signs in, and end its sessions there");
    }
    const bool role =
        holder.principal_type == name_of(model::ActorType::kRole) || holder.principal_type.empty();
    const bool service = holder.principal_type == name_of(model::ActorType::kService);
    if (is_password(holder)) {
      add(CutKind::kRemoveCredential, holder.id, holder, "a password");
    } else if (is_other(holder)) {
      add(CutKind::kRemoveCredential, holder.id, holder,
          fmt::format("a credential of the kind {}", holder.kind_of_credential));
    }
    if (holder.long_lived && !is_other(holder)) {
      for (const std::string& id : holder.ids) {
        add(CutKind::kDeactivateKey, id, holder, "do not delete it yet: it tells who used it");
      }
    }
    if (service || holder.principal.empty()) return;
    const bool user = !role || is_workload(holder) || holder.long_lived || is_password(holder) ||
                      is_other(holder);
    if (user) return cut_user(holder.principal, holder);
    if (!holder.given_to.empty()) {
      add(CutKind::kConfineToHost, holder.principal, holder,
          fmt::format("deny its use outside of {}; revoking the role cuts every host on it",
                      holder.given_to));
    }
    add(CutKind::kRevokeSessions, holder.principal, holder, "all that were issued before now");
  }

  static bool is_password(const Holder& holder) {
    return holder.kind_of_credential == name_of(model::MintedKind::kPassword);
  }

  // A certificate, an SSH key, a service's credential: what can be removed and not switched off.
  static bool is_other(const Holder& holder) {
    const std::string& kind = holder.kind_of_credential;
    return !kind.empty() && kind != name_of(model::MintedKind::kSession) &&
           kind != name_of(model::MintedKind::kAccessKey) &&
           kind != name_of(model::MintedKind::kServiceAccountKey) && !is_password(holder);
  }

  // Whoever can change identities can undo what is set beside it.
  void from_above() {
    const std::vector<Remains>& remains = tracing_.trace.remains;
    for (const Remains& r : remains) {
      const auto number = links_.find(r.id);
      const bool identity =
          r.how == Remains::How::kMinted || (number && is_identity(links_, *number));
      if (!identity) continue;
      const Holder& by = holders_[r.by];
      const std::string& who = by.principal.empty() ? by.id : by.principal;
      add(CutKind::kDenyFromAbove, who, by,
          fmt::format("where it cannot reach, by a policy of the organisation: it changes "
                      "identities ({})",
                      r.action));
    }
  }

  Tracing& tracing_;
  const Links& links_;
  const std::vector<Holder>& holders_;
  std::map<std::pair<CutKind, std::string>, Entry> cuts_;
};

}  // namespace

void find_cuts(Tracing& tracing) { Cutting(tracing).run(); }

}  // namespace stanch::triage::scope

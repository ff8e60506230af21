// What follows from who is in scope and what they did: where it began, what is still there, what to
// cut, and what cannot be known.

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "codec/timestamp.h"
#include "triage/scope/tracing.h"

namespace stanch::triage::scope {

namespace {

using Number = Links::Number;

bool is_upstream(const Holder& holder) {
  return holder.relation == Relation::kStart || holder.relation == Relation::kAncestor;
}

// What all share is not cut, and what it made is not the attack's.
bool is_shared(HolderKind kind) {
  return kind == HolderKind::kService || kind == HolderKind::kForeign ||
         kind == HolderKind::kUnknown;
}

std::string_view type_of(std::string_view entity) {
  const size_t colon = entity.find(':'), slash = entity.find('/');
  if (slash == entity.npos) return {};
  const size_t begin = colon == entity.npos || colon > slash ? 0 : colon + 1;
  return entity.substr(begin, slash - begin);
}

bool is_type(std::string_view entity, std::initializer_list<std::string_view> types) {
  return std::ranges::find(types, type_of(entity)) != types.end();
}

std::string name_in(const Holder& holder) {
  if (!holder.name.empty()) return holder.name;
  return holder.principal.empty() ? holder.id : holder.principal;
}

Origin origin_of(size_t index, const Holder& holder) {
  Origin origin{.holder = index, .kind = OriginKind::kNotRecorded, .words = {}};
  switch (holder.kind) {
    case HolderKind::kCredential:
      if (holder.console) {
        origin.kind = OriginKind::kSignIn;
        origin.words = fmt::format("a sign-in to the console as {}", name_in(holder));
      } else if (holder.long_lived) {
        origin.kind = OriginKind::kFirstKey;
        origin.words = fmt::format("a long-lived key of {}, which was there before the logs begin",
                                   name_in(holder));
      } else {
        origin.words = fmt::format("what issued {} is not in the logs", holder.id);
      }
      break;
    case HolderKind::kPrincipal:
      origin.kind = OriginKind::kSignIn;
      origin.words = fmt::format("{} signed in", name_in(holder));
      break;
    case HolderKind::kPerson:
      origin.kind = OriginKind::kPerson;
      origin.words = fmt::format("{}, whom another system vouched for", name_in(holder));
      break;
    case HolderKind::kHost:
      origin.kind = OriginKind::kHost;
      origin.words = fmt::format("{}, to which the provider gave the credential", holder.id);
      break;
    case HolderKind::kForeign:
      origin.kind = OriginKind::kElsewhere;
      origin.words =
          fmt::format("a caller of another account, of which there are no logs: {}", holder.id);
      break;
    case HolderKind::kService:
      origin.kind = OriginKind::kProvider;
      origin.words = fmt::format("the provider itself: {}", holder.id);
      break;
    case HolderKind::kUnknown:
      origin.kind = OriginKind::kAnonymous;
      origin.words = "the record does not say who called";
      break;
  }
  return origin;
}

// ---------------------------------------------------------------- what remains

// A call that takes something away. The graph knows the words of actions only as texts; all
// providers name such calls so.
bool takes_away(std::string_view action) {
  const std::string_view name = action.substr(action.find(':') + 1);
  for (const std::string_view verb :
       {"Delete", "Terminate", "Remove", "Detach", "Deactivate", "Revoke", "Deregister"}) {
    if (name.starts_with(verb)) return true;
  }
  return false;
}

std::optional<Moment> gone_after(const Links& links, Number entity, const Moment& since) {
  std::optional<Moment> gone;
  for (const Links::Edge& edge : links.in(entity, EdgeKind::kWrote)) {
    const std::string_view action = links.text(edge.what);
    if (!takes_away(action) || action.find(":Detach") != action.npos) continue;
    if (edge.tally->last.time < since.time) continue;
    if (!gone || edge.tally->last < *gone) gone = edge.tally->last;
  }
  return gone;
}

class Remaining {
 public:
  explicit Remaining(Tracing& tracing) : tracing_(tracing), links_(tracing.links) {}

  void run() {
    for (size_t i = 0; i < tracing_.trace.holders.size(); ++i) {
      const Holder& holder = tracing_.trace.holders[i];
      if (is_shared(holder.kind) || holder.kind == HolderKind::kHost) continue;
      for (const Number member : tracing_.lineage.units().members(holder.unit)) {
        for (const EdgeKind kind : {EdgeKind::kCreated, EdgeKind::kMinted, EdgeKind::kWrote}) {
          for (const Links::Edge& edge : links_.out(member, kind)) look(i, edge);
        }
      }
    }
    auto& remains = tracing_.trace.remains;
    std::ranges::sort(remains, [](const Remains& a, const Remains& b) {
      return std::tie(a.when, a.id, a.action) < std::tie(b.when, b.id, b.action);
    });
  }

 private:
  void look(size_t holder, const Links::Edge& edge) {
    if (edge.to == 0 || !tracing_.in_window(*edge.tally)) return;
    const std::string_view action = links_.text(edge.what);
    if (takes_away(action)) return;
    Remains::How how = Remains::How::kCreated;
    if (edge.kind == EdgeKind::kMinted) {
      if (links_.is(edge.to, "session") || links_.is(edge.to, "key")) return;  // they end
      how = Remains::How::kMinted;
    } else if (edge.kind == EdgeKind::kWrote) {
      // A policy that is attached is not changed by it.
      if (!is_identity(links_, edge.to) || is_type(links_.text(edge.to), {"policy"})) return;
      how = Remains::How::kChanged;
    }
    if (!seen_.emplace(edge.to, edge.what, how).second) return;
    tracing_.trace.remains.push_back({.how = how,
                                      .id = std::string(links_.text(edge.to)),
                                      .action = std::string(action),
                                      .by = holder,
                                      .when = edge.tally->first,
                                      .gone = gone_after(links_, edge.to, edge.tally->first)});
  }

  Tracing& tracing_;
  const Links& links_;
  std::set<std::tuple<Number, Number, Remains::How>> seen_;
};

// ---------------------------------------------------------------- what to cut

class Cutting {
 public:
  explicit Cutting(Tracing& tracing) : tracing_(tracing), links_(tracing.links) {}

  void run() {
    for (const Holder& holder : tracing_.trace.holders) {
      if (is_shared(holder.kind)) {
        if (is_upstream(holder)) ask(holder);
        continue;
      }
      add(holder);
    }
    for (const Remains& remains : tracing_.trace.remains) {
      if (remains.how == Remains::How::kMinted && !remains.gone) {
        put(CutKind::kRemoveCredential, remains.id,
            fmt::format("remove {}, made by {}", remains.id, remains.action), remains.id);
      }
    }
    for (auto& [key, cut] : cuts_) {
      std::ranges::sort(cut.stops);
      cut.stops.erase(std::ranges::unique(cut.stops).begin(), cut.stops.end());
      tracing_.trace.cuts.push_back(std::move(cut));
    }
  }

 private:
  void put(CutKind kind, const std::string& id, std::string words, const std::string& stops) {
    Cut& cut = cuts_[{kind, id}];
    cut.kind = kind;
    cut.id = id;
    if (cut.words.empty()) cut.words = std::move(words);
    cut.stops.push_back(stops);
  }

  void ask(const Holder& holder) {
    put(CutKind::kAskOwner, holder.id,
        fmt::format("ask whoever owns {}: it lies outside of these logs", holder.id), holder.id);
  }

  void add(const Holder& holder) {
    const std::string& principal = holder.principal.empty() ? holder.id : holder.principal;
    if (!holder.person.empty() || holder.kind == HolderKind::kPerson) {
      const std::string& person = holder.person.empty() ? holder.id : holder.person;
      put(CutKind::kDisablePerson, person,
          fmt::format("disable {} where the person signs in, and end the sessions there", person),
          holder.id);
    }
    if (holder.kind == HolderKind::kHost) {
      put(CutKind::kIsolateHost, holder.id,
          fmt::format("isolate {}: it is given new credentials as long as it runs", holder.id),
          holder.id);
      return;
    }
    if (holder.kind == HolderKind::kPerson) return;
    const bool is_root = is_type(principal, {"root"});
    if (is_type(principal, {"user", "role", "root"})) {
      if (is_root || writes_identities(holder)) {
        put(CutKind::kDenyFromAbove, principal,
            fmt::format("deny {} from above (an SCP on its account): it can undo what is done "
                        "inside",
                        principal),
            holder.id);
      }
      if (!is_root) {
        put(CutKind::kDenyPrincipal, principal,
            fmt::format("deny {} everything: that stops its sessions too", principal), holder.id);
        cuts_[{CutKind::kDenyPrincipal, principal}].others = others_of(principal);
      }
    }
    for (const std::string& id : holder.ids) {
      if (holder.long_lived && is_type(id, {"access-key"})) {
        put(CutKind::kDeactivateKey, id, fmt::format("deactivate {}", id), holder.id);
      }
    }
    if (!holder.given_to.empty()) {
      put(CutKind::kConfineToHost, principal,
          fmt::format("deny {} from anywhere but {}, to which it was given", principal,
                      holder.given_to),
          holder.id);
    }
    if (!holder.long_lived && is_type(principal, {"role"})) {
      put(CutKind::kRevokeSessions, principal,
          fmt::format("revoke the sessions of {} that were issued until now", principal),
          holder.id);
      cuts_[{CutKind::kRevokeSessions, principal}].others = others_of(principal);
    }
  }

  bool writes_identities(const Holder& holder) {
    for (const Number member : tracing_.lineage.units().members(holder.unit)) {
      for (const EdgeKind kind : {EdgeKind::kWrote, EdgeKind::kCreated, EdgeKind::kMinted}) {
        for (const Links::Edge& edge : links_.out(member, kind)) {
          if (edge.to != 0 && kind != EdgeKind::kMinted && is_identity(links_, edge.to))
            return true;
          if (kind == EdgeKind::kMinted && !links_.is(edge.to, "session") &&
              !links_.is(edge.to, "key")) {
            return true;
          }
        }
      }
    }
    return false;
  }

  // Holders outside of the trace that act as the principal, and would be hit.
  uint64_t others_of(const std::string& principal) {
    const auto number = links_.find(principal);
    if (!number) return 0;
    std::set<Number> others;
    for (const Links::Edge& edge : links_.in(*number, EdgeKind::kActsAs)) {
      const Number unit = tracing_.lineage.units().of(edge.from);
      if (!tracing_.index.contains(unit)) others.insert(unit);
    }
    return others.size();
  }

  Tracing& tracing_;
  const Links& links_;
  std::map<std::pair<CutKind, std::string>, Cut> cuts_;
};

// ---------------------------------------------------------------- what cannot be known

class Unknowing {
 public:
  explicit Unknowing(Tracing& tracing) : tracing_(tracing), links_(tracing.links) {}

  void run() {
    const Trace& trace = tracing_.trace;
    if (trace.logs_from) {
      say("horizon", fmt::format("What was before {}: the logs begin there.",
                                 codec::format_timestamp(*trace.logs_from)));
    }
    planes();
    accounts();
    size_t inferred = 0;
    for (const Hop& hop : trace.hops) inferred += hop.confidence != Confidence::kProven;
    if (inferred > 0) {
      say("inferred", fmt::format("{} of {} links are inferred: each says how sure and why.",
                                  inferred, trace.hops.size()));
    }
    for (const Origin& origin : trace.origins) {
      if (origin.kind == OriginKind::kNotRecorded) {
        say("origin", fmt::format("Where {} came from: no event of these logs issued it.",
                                  trace.holders[origin.holder].id));
      }
    }
    const Dropped& dropped = links_.graph().dropped();
    if (dropped.edges() > 0) {
      say("limits", fmt::format("{} details went beyond the limits of the graph and are missing.",
                                dropped.edges()));
    }
    if (dropped.without_time > 0) {
      say("time", fmt::format("{} events without a time are not in it.", dropped.without_time));
    }
    if (dropped.targets_omitted > 0) {
      say("targets", fmt::format("{} targets of events that name very many are missing.",
                                 dropped.targets_omitted));
    }
    if (trace.starts_more > 0 || trace.holders_more > 0) {
      say("width", fmt::format("{} more credentials belong to this trace and are not shown.",
                               trace.starts_more + trace.holders_more));
    }
  }

 private:
  void say(std::string code, std::string words) {
    tracing_.trace.unknowns.push_back({std::move(code), std::move(words)});
  }

  // Places where somebody of the trace was at work, and no data event was ever logged.
  void planes() {
    std::set<std::string> places;
    for (const Holder& holder : tracing_.trace.holders) {
      for (const PlaceUse& use : holder.places) places.insert(use.place);
    }
    std::string without;
    for (const std::string& place : places) {
      const auto number = links_.find(place);
      if (!number) continue;
      const auto logged = links_.out(*number, EdgeKind::kLogged);
      const bool data = std::ranges::any_of(
          logged, [&](const Links::Edge& edge) { return links_.text(edge.what) == "data"; });
      if (!data) without += (without.empty() ? "" : ", ") + place;
    }
    if (without.empty()) return;
    say("data-events",
        fmt::format(
            "Whether data was read: no data event is logged in {}. Reading objects, rows or "
            "messages leaves no trace there.",
            without));
  }

  // Accounts that are named and of which there are no logs.
  void accounts() {
    std::set<std::string> logged, named;
    for (const Links::Edge& edge : links_.edges()) {
      if (edge.kind != EdgeKind::kLogged) continue;
      const std::string place(links_.text(edge.from));
      const size_t begin = place.find(' ') + 1, end = place.find(' ', begin);
      logged.insert(place.substr(begin, end - begin));
    }
    for (const Holder& holder : tracing_.trace.holders) {
      if (!holder.account.empty()) named.insert(holder.account);
      for (const ActivityGroup& group : holder.activity) {
        for (const ActionUse& use : group.actions) {
          for (const TargetUse& target : use.targets) {
            const std::string account(scope_of(target.id));
            if (account.size() == 12 && account.find_first_not_of("0123456789") == account.npos) {
              named.insert(account);
            }
          }
        }
      }
    }
    std::string without;
    for (const std::string& account : named) {
      if (!logged.contains(account)) without += (without.empty() ? "" : ", ") + account;
    }
    if (!without.empty()) {
      say("accounts", fmt::format("What happened in {}: there are no logs of it here.", without));
    }
  }

  Tracing& tracing_;
  const Links& links_;
};

}  // namespace

bool is_identity(const Links& links, Number entity) {
  return links.is(entity, "principal") || links.is(entity, "person") ||
         is_type(links.text(entity), {"user", "role", "group", "policy", "instance-profile",
                                      "saml-provider", "oidc-provider", "login-profile"});
}

void find_origins(Tracing& tracing) {
  std::set<size_t> with_parent;
  for (const Hop& hop : tracing.trace.hops) with_parent.insert(hop.child);
  for (size_t i = 0; i < tracing.trace.holders.size(); ++i) {
    const Holder& holder = tracing.trace.holders[i];
    if (is_upstream(holder) && !with_parent.contains(i)) {
      tracing.trace.origins.push_back(origin_of(i, holder));
    }
  }
}

void find_remains(Tracing& tracing) { Remaining(tracing).run(); }
void find_cuts(Tracing& tracing) { Cutting(tracing).run(); }
void find_unknowns(Tracing& tracing) { Unknowing(tracing).run(); }

}  // namespace stanch::triage::scope

// Which holders belong to a trace: those that touched what is traced, where they came from, all
// that came from them, and all that came from where they came from.

#include <algorithm>
#include <deque>
#include <tuple>

#include "triage/scope/tracing.h"

namespace stanch::triage::scope {

namespace {

using Number = Links::Number;

constexpr EdgeKind kTouches[] = {EdgeKind::kCreated, EdgeKind::kWrote,  EdgeKind::kRead,
                                 EdgeKind::kDid,     EdgeKind::kDenied, EdgeKind::kFailed};

// What everybody comes from says nothing of one of them.
bool is_shared(HolderKind kind) {
  return kind == HolderKind::kService || kind == HolderKind::kForeign ||
         kind == HolderKind::kUnknown;
}

bool has_acted(const Tracing& tracing, Number unit) {
  for (const Number member : tracing.lineage.units().members(unit)) {
    const auto places = tracing.links.out(member, EdgeKind::kActedIn);
    const bool acted = std::ranges::any_of(
        places, [&](const Links::Edge& edge) { return tracing.in_window(*edge.tally); });
    if (acted) return true;
  }
  return false;
}

class Reach {
 public:
  explicit Reach(Tracing& tracing) : tracing_(tracing), lineage_(tracing.lineage) {}

  void run() {
    find_starts();
    for (const Number start : tracing_.starts) add(start, Relation::kStart);
    climb();
    const size_t above = tracing_.trace.holders.size();
    for (size_t i = 0; i < above; ++i) {
      if (holder(i).relation == Relation::kStart) descend(i, Relation::kDescendant);
    }
    for (size_t i = 0; i < above; ++i) {
      const Holder& above_start = holder(i);
      if (above_start.relation == Relation::kAncestor && !is_shared(above_start.kind) &&
          !above_start.beyond_host) {
        descend(i, Relation::kSibling);
      }
    }
    measure();
  }

 private:
  Holder& holder(size_t i) { return tracing_.trace.holders[i]; }

  // Units that touched it, those that changed it first.
  void find_starts() {
    const Links& links = tracing_.links;
    const Number subject = tracing_.subject, unit = lineage_.units().of(subject);
    const HolderKind kind = lineage_.kind_of(unit);
    std::map<Number, std::pair<unsigned, Moment>> found;  // how much it tells, and when
    const auto note = [&](Number number, unsigned rank, const Tally& tally) {
      if (!tracing_.in_window(tally)) return;
      const Number of = lineage_.units().of(number);
      const auto [entry, fresh] = found.emplace(of, std::pair(rank, tally.first));
      if (!fresh) entry->second = std::min(entry->second, std::pair(rank, tally.first));
    };
    const bool is_principal = links.is(subject, "principal");
    // A user is a holder only where it signed in; else its keys are.
    const bool holds = kind != HolderKind::kUnknown && kind != HolderKind::kPrincipal &&
                       kind != HolderKind::kWorkload;
    if (holds || has_acted(tracing_, unit) || is_known_elsewhere(unit)) found[unit] = {};
    for (const Links::Edge& edge : links.in(subject, EdgeKind::kActsAs)) {
      const Number of = lineage_.units().of(edge.from);
      if (has_acted(tracing_, of) || tracing_.in_window(*edge.tally)) note(of, 1, *edge.tally);
    }
    if (kind != HolderKind::kCredential) {
      for (const Links::Edge& edge : links.in(subject, EdgeKind::kUsedFrom)) {
        note(edge.from, 1, *edge.tally);
      }
      for (size_t i = 0; i < std::size(kTouches); ++i) {
        if (is_principal && i > 1) break;  // who only read of a principal did not act as it
        for (const Links::Edge& edge : links.in(subject, kTouches[i])) {
          note(edge.from, static_cast<unsigned>(2 + i), *edge.tally);
        }
      }
    }
    std::vector<std::pair<std::pair<unsigned, Moment>, Number>> ordered;
    for (const auto& [of, rank] : found) ordered.emplace_back(rank, of);
    std::ranges::sort(ordered);
    if (ordered.size() > kStartsMax) {
      tracing_.trace.starts_more = ordered.size() - kStartsMax;
      ordered.resize(kStartsMax);
    }
    for (const auto& [rank, of] : ordered) tracing_.starts.push_back(of);
  }

  // Whether it has other names in other clouds, so that what these did is its doing.
  bool is_known_elsewhere(Number unit) const {
    return std::ranges::any_of(lineage_.children(unit), [](const Lineage::Link& link) {
      return link.kind == LinkKind::kSamePerson || link.kind == LinkKind::kSameAccount;
    });
  }

  // Its index, if there is room.
  std::optional<size_t> add(Number unit, Relation relation) {
    const auto known = tracing_.index.find(unit);
    if (known != tracing_.index.end()) return known->second;
    std::vector<Holder>& holders = tracing_.trace.holders;
    if (holders.size() == kNodesMax) {
      left_out_.insert(unit);
      tracing_.trace.holders_more = left_out_.size();
      return std::nullopt;
    }
    tracing_.index[unit] = holders.size();
    holders.push_back({});
    holders.back().unit = unit;
    holders.back().kind = lineage_.kind_of(unit);
    holders.back().relation = relation;
    return holders.size() - 1;
  }

  void add_hop(const Lineage::Link& link, size_t parent, size_t child, bool primary) {
    if (!hops_.emplace(parent, child, link.kind, link.action).second) return;
    Hop hop{.parent = parent,
            .child = child,
            .kind = link.kind,
            .action = std::string(tracing_.links.text(link.action)),
            .proof = {},
            .confidence = link.confidence,
            .why = std::string(link.why),
            .primary = primary};
    if (!link.proof.event.empty()) hop.proof = link.proof;
    tracing_.trace.hops.push_back(std::move(hop));
  }

  // Whether a parent beside the likeliest is followed as well.
  bool is_followed(const Lineage::Link& link, const Lineage::Link& first) const {
    if (&link == &first) return true;
    if (link.kind == LinkKind::kOnBehalfOf || link.kind == LinkKind::kSamePerson ||
        link.kind == LinkKind::kSameAccount) {
      return true;
    }
    return link.confidence == first.confidence && !is_shared(lineage_.kind_of(link.parent)) &&
           lineage_.kind_of(link.parent) != HolderKind::kPrincipal &&
           lineage_.kind_of(link.parent) != HolderKind::kWorkload;
  }

  void climb() {
    climb_all();
    // Whoever made a host on one way and is no maker on another counts as the latter.
    while (!again_.empty()) {
      const size_t at = again_.back();
      again_.pop_back();
      if (!holder(at).beyond_host) continue;
      holder(at).beyond_host = false;
      for (const Hop& hop : tracing_.trace.hops) {
        if (hop.child == at && hop.kind != LinkKind::kCreated) again_.push_back(hop.parent);
      }
    }
  }

  void climb_all() {
    for (size_t i = 0; i < tracing_.trace.holders.size(); ++i) {
      const auto parents = lineage_.parents(holder(i).unit);
      for (const Lineage::Link& link : parents) {
        if (!is_followed(link, parents.front())) continue;
        const bool beyond = holder(i).beyond_host || link.kind == LinkKind::kCreated;
        const bool known = tracing_.index.contains(link.parent);
        if (const auto parent = add(link.parent, Relation::kAncestor)) {
          add_hop(link, *parent, i, &link == &parents.front());
          if (!known) holder(*parent).beyond_host = beyond;
          if (known && !beyond && holder(*parent).beyond_host) again_.push_back(*parent);
        }
      }
    }
  }

  void descend(size_t from, Relation relation) {
    std::deque<size_t> open = {from};
    while (!open.empty()) {
      const size_t parent = open.front();
      open.pop_front();
      for (const Lineage::Link& link : lineage_.children(holder(parent).unit)) {
        const bool known = tracing_.index.contains(link.child);
        const bool seen = (!link.proof.event.empty() && tracing_.window.has(link.proof.time)) ||
                          has_acted(tracing_, link.child);
        if (!known && !seen) continue;
        const auto parents = lineage_.parents(link.child);
        const bool primary = !parents.empty() && parents.front().parent == link.parent;
        if (!primary && (parents.empty() || !is_followed(link, parents.front()))) continue;
        const auto child = add(link.child, relation);
        if (!child) continue;
        add_hop(link, parent, *child, primary);
        if (!known) open.push_back(*child);
      }
    }
  }

  // How many hops each is from its origin, along the likeliest chain.
  void measure() {
    std::map<size_t, size_t> parent_of;
    for (const Hop& hop : tracing_.trace.hops) {
      if (hop.primary) parent_of.emplace(hop.child, hop.parent);
    }
    for (size_t i = 0; i < tracing_.trace.holders.size(); ++i) {
      unsigned hops = 0;
      for (auto at = parent_of.find(i); at != parent_of.end() && hops < kHopsMax;
           at = parent_of.find(at->second)) {
        ++hops;
      }
      holder(i).hops = hops;
    }
  }

  Tracing& tracing_;
  const Lineage& lineage_;
  std::set<std::tuple<size_t, size_t, LinkKind, Number>> hops_;
  std::set<Number> left_out_;
  std::vector<size_t> again_;
};

}  // namespace

void find_scope(Tracing& tracing) { Reach(tracing).run(); }

}  // namespace stanch::triage::scope

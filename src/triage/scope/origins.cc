// Where each chain begins, in a sentence.

#include <fmt/format.h>

#include <algorithm>

#include "triage/scope/tracing.h"

namespace stanch::triage::scope {

namespace {

OriginKind kind_of(const Holder& holder) {
  switch (holder.kind) {
    case HolderKind::kPerson: return OriginKind::kPerson;
    case HolderKind::kHost: return OriginKind::kHost;
    case HolderKind::kPrincipal: return OriginKind::kSignIn;
    case HolderKind::kWorkload: return OriginKind::kNotRecorded;
    case HolderKind::kForeign: return OriginKind::kElsewhere;
    case HolderKind::kService: return OriginKind::kProvider;
    case HolderKind::kUnknown: return OriginKind::kAnonymous;
    case HolderKind::kCredential: break;
  }
  return holder.long_lived ? OriginKind::kFirstKey : OriginKind::kNotRecorded;
}

std::string words_of(const Holder& holder, OriginKind kind) {
  const std::string& whose = holder.principal.empty() ? holder.id : holder.principal;
  switch (kind) {
    case OriginKind::kFirstKey:
      return fmt::format("the first key: {} of {}, made before these logs begin", holder.id, whose);
    case OriginKind::kSignIn: return fmt::format("a sign-in of {}", holder.id);
    case OriginKind::kPerson: {
      const std::string name = holder.name.empty() ? "" : fmt::format(" ({})", holder.name);
      return fmt::format("{}{}, vouched for by another system", holder.id, name);
    }
    case OriginKind::kProvider: return fmt::format("the provider itself: {}", holder.id);
    case OriginKind::kHost:
      return fmt::format("the provider gave it to {}, which was there before these logs begin",
                         holder.id);
    case OriginKind::kElsewhere:
      return fmt::format("a caller in account {}, known by its number only", holder.account);
    case OriginKind::kNotRecorded: {
      if (holder.kind == HolderKind::kWorkload) {
        if (holder.activity.empty()) return fmt::format("{}, by its name", holder.id);
        return fmt::format("unknown: no record says with which credential {} acted", holder.id);
      }
      std::string words = fmt::format("unknown: the call that issued {}", holder.id);
      if (!holder.issued.empty()) words += fmt::format(" at {}", holder.issued);
      words += " is not in these logs";
      if (!holder.source_identity.empty()) {
        words += fmt::format("; its source identity says {}", holder.source_identity);
      }
      return words;
    }
    case OriginKind::kAnonymous:
      return fmt::format("unknown: the records do not say who {} is", holder.id);
  }
  return {};
}

}  // namespace

namespace {

// Holders that no origin leads to: they came from each other in a ring, which only records that
// somebody made up can say.
void add_rings(Trace& trace) {
  std::vector<std::vector<size_t>> children(trace.holders.size());
  for (const Hop& hop : trace.hops) children[hop.parent].push_back(hop.child);
  std::vector<bool> reached(trace.holders.size());
  const auto reach = [&](size_t from) {
    std::vector<size_t> open = {from};
    while (!open.empty()) {
      const size_t at = open.back();
      open.pop_back();
      if (reached[at]) continue;
      reached[at] = true;
      open.insert(open.end(), children[at].begin(), children[at].end());
    }
  };
  for (const Origin& origin : trace.origins) reach(origin.holder);
  for (size_t i = 0; i < trace.holders.size(); ++i) {
    if (reached[i]) continue;
    trace.origins.push_back({i, OriginKind::kNotRecorded,
                             fmt::format("unknown: the records say that {} came, in the end, from "
                                         "itself",
                                         trace.holders[i].id)});
    reach(i);
  }
}

}  // namespace

void find_origins(Tracing& tracing) {
  Trace& trace = tracing.trace;
  std::vector<bool> has_parent(trace.holders.size());
  for (const Hop& hop : trace.hops) has_parent[hop.child] = true;
  for (size_t i = 0; i < trace.holders.size(); ++i) {
    if (has_parent[i]) continue;
    const OriginKind kind = kind_of(trace.holders[i]);
    trace.origins.push_back({i, kind, words_of(trace.holders[i], kind)});
  }
  add_rings(trace);
}

}  // namespace stanch::triage::scope

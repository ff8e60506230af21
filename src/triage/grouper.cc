// Each finding has keys: the entities that it shares with others of one attack. A key is remembered
// with the incidents that met it, each with the span of time in which it did. A finding joins every
// incident that met one of its keys within kJoinWithin of its span; if these are several, they are
// one. Spans that touch grow together, so what ends up together does not depend on the order in
// which findings come, but for three things, which only live intake can see, since files are
// sorted: what was rare when an early finding came and is common when a late one does; what was
// forgotten; and what people did meanwhile.
//
//   key                    joins                                   unless
//   credential, session    whatever was done with it               -
//   person behind a role   whatever they do                        -
//   principal              whatever it does, or is done to it      a role with many sessions
//   what a call minted     whatever is done with it                -
//   target                 whatever is done to it                  many principals touch it
//   address                whatever comes from it                  it is ours, or many come from it
//
// Accounts, regions, services, their addresses and user agents are no keys.

#include "triage/grouper.h"

#include <algorithm>
#include <deque>
#include <utility>

#include "model/entity.h"
#include "triage/limits.h"

namespace stanch::triage {

namespace {

using model::IncidentId;

enum class KeyKind : uint8_t { kCredential, kPerson, kPrincipal, kMinted, kTarget, kAddress };

struct Key {
  std::string entity;
  KeyKind kind;
};

std::string_view words_of(KeyKind kind) {
  switch (kind) {
    case KeyKind::kCredential: return "the same credential was used";
    case KeyKind::kPerson: return "the same person is behind it";
    case KeyKind::kPrincipal: return "the same principal is involved";
    case KeyKind::kMinted: return "a credential was made and used";
    case KeyKind::kTarget: return "the same rare resource was touched";
    case KeyKind::kAddress: return "it came from the same rare address";
  }
  return "";
}

// What is shared by all, or is the provider itself, says nothing about an attack.
bool is_everybodys(std::string_view entity) {
  const std::string_view type = model::entity_type({entity});
  const std::string_view name = type.substr(type.find(':') + 1);
  for (const std::string_view shared : {"account", "service", "organization", "organization-root",
                                        "organizational-unit", "region"}) {
    if (name == shared) return true;
  }
  return false;
}

bool is_principal(std::string_view entity) {
  const std::string_view type = model::entity_type({entity});
  const std::string_view name = type.substr(type.find(':') + 1);
  for (const std::string_view principal : {"user", "role", "root", "federated-user",
                                           "identity-center-user", "web-identity", "saml-user"}) {
    if (name == principal) return true;
  }
  return false;
}

std::vector<Key> keys_of(const Finding& finding) {
  std::vector<Key> keys;
  const auto add = [&](const std::string& entity, KeyKind kind) {
    if (entity.empty() || is_everybodys(entity)) return;
    const bool known =
        std::ranges::any_of(keys, [&](const Key& key) { return key.entity == entity; });
    if (!known) keys.push_back({entity, kind});
  };
  const auto principal_or = [](const std::string& entity, KeyKind kind) {
    return is_principal(entity) ? KeyKind::kPrincipal : kind;
  };
  add(finding.credential, KeyKind::kCredential);
  add(finding.session, KeyKind::kCredential);
  if (!finding.on_behalf_of.empty()) add("person/" + finding.on_behalf_of, KeyKind::kPerson);
  add(finding.actor, KeyKind::kPrincipal);
  add(finding.issuer, KeyKind::kPrincipal);
  add(finding.issued_to, KeyKind::kCredential);
  for (const Minted& minted : finding.minted) {
    add(minted.entity, KeyKind::kMinted);
    add(minted.session, KeyKind::kMinted);
    add(minted.principal, KeyKind::kPrincipal);
  }
  for (const std::string& target : finding.targets) {
    add(target, principal_or(target, KeyKind::kTarget));
  }
  add(finding.source, KeyKind::kAddress);
  return keys;
}

// Who makes a key common: of a role, its sessions' people; of all else, the principals.
std::string user_of(const Finding& finding, const Key& key) {
  if (key.entity == finding.actor || key.entity == finding.issuer) {
    if (!finding.on_behalf_of.empty()) return finding.on_behalf_of;
    return finding.session_name;
  }
  return finding.actor.empty() ? finding.source : finding.actor;
}

struct Span {
  IncidentId incident;
  Time first, last;
  uint64_t findings = 1;  // that met it
};

struct EntityState {
  std::vector<Span> spans;
  std::vector<std::pair<std::string, Time>> users;  // the latest, kCommonFrom of them at most
  bool met_again = false;                           // since it was last up for being forgotten
};

struct IncidentInfo {
  std::optional<Time> first;  // of its findings
  std::set<std::string> principals;
  std::map<std::string, uint64_t> rules;  // findings by rule
  std::set<IncidentId> apart;             // a person split them
  bool closed = false;
  bool met_again = false;  // since it was last up for being forgotten
};

bool is_low(const Finding& finding) { return finding.level < model::Level::kMedium; }

}  // namespace

struct Grouper::State {
  GroupingContext context;
  std::unordered_map<std::string, EntityState> entities;
  std::deque<std::string> entities_in_order;  // as they were first met
  std::map<IncidentId, IncidentInfo> incidents;
  std::deque<IncidentId> incidents_in_order;
  std::map<IncidentId, IncidentId> merged;    // absorbed -> into
  std::map<std::string, IncidentId> leaving;  // finding -> whence; until it is learnt elsewhere
  struct Flood {
    std::vector<Time> opened;
    IncidentId last;
  };
  std::map<std::string, Flood> floods;  // by rule
  uint64_t forgotten = 0;

  IncidentId root_of(IncidentId incident) const {
    for (auto at = merged.find(incident); at != merged.end(); at = merged.find(incident)) {
      incident = at->second;
    }
    return incident;
  }

  bool is_closed(const IncidentId& incident) const {
    const auto found = incidents.find(incident);
    return found == incidents.end() || found->second.closed;
  }

  // Forgets the one that was met first, but for those that were met again since their last turn:
  // they go to the end. So a flood of new ones does not push out what is still active.
  template <typename Map, typename Key>
  Key forget_one(Map& map, std::deque<Key>& in_order) {
    for (;;) {
      Key oldest = std::move(in_order.front());
      in_order.pop_front();
      const auto found = map.find(oldest);
      if (found != map.end() && std::exchange(found->second.met_again, false)) {
        in_order.push_back(std::move(oldest));
        continue;
      }
      if (found != map.end()) map.erase(found);
      ++forgotten;
      return oldest;
    }
  }

  IncidentInfo& info(const IncidentId& incident) {
    const auto [at, added] = incidents.try_emplace(incident);
    if (!added) return at->second;
    if (incidents_in_order.size() >= kIncidentsRemembered) {
      merged.erase(forget_one(incidents, incidents_in_order));
    }
    incidents_in_order.push_back(incident);
    return at->second;
  }

  bool is_common(const Key& key, Time time) const {
    if (key.kind == KeyKind::kCredential || key.kind == KeyKind::kMinted ||
        key.kind == KeyKind::kPerson) {
      return false;
    }
    if (key.kind == KeyKind::kAddress && context.is_own_egress &&
        context.is_own_egress(key.entity)) {
      return true;
    }
    const auto found = entities.find(key.entity);
    if (found == entities.end()) return false;
    size_t users = 0;
    for (const auto& [user, seen] : found->second.users) {
      users += time - seen <= kRarityWithin && seen - time <= kRarityWithin;
    }
    return users >= kCommonFrom;
  }

  EntityState& entity(const std::string& id) {
    const auto [at, added] = entities.try_emplace(id);
    if (!added) return at->second;
    if (entities_in_order.size() >= kEntitiesRemembered) forget_one(entities, entities_in_order);
    entities_in_order.push_back(id);
    return at->second;
  }

  void see_user(const Finding& finding, const Key& key, Time time) {
    const std::string user = user_of(finding, key);
    if (user.empty()) return;
    auto& users = entity(key.entity).users;
    const auto known = std::ranges::find(users, user, &std::pair<std::string, Time>::first);
    if (known != users.end()) {
      known->second = std::max(known->second, time);
    } else if (users.size() < kCommonFrom) {
      users.emplace_back(user, time);
    } else {
      *std::ranges::min_element(users, {}, &std::pair<std::string, Time>::second) = {user, time};
    }
  }

  // Incidents that met this key near that time; open ones.
  std::vector<IncidentId> near(const Key& key, Time time) const {
    std::vector<IncidentId> result;
    const auto found = entities.find(key.entity);
    if (found == entities.end()) return result;
    for (const Span& span : found->second.spans) {
      if (time < span.first - kJoinWithin || time > span.last + kJoinWithin) continue;
      const IncidentId root = root_of(span.incident);
      if (!is_closed(root) && std::ranges::find(result, root) == result.end()) {
        result.push_back(root);
      }
    }
    return result;
  }

  void add_span(const std::string& id, const IncidentId& incident, Time time) {
    EntityState& known = entity(id);
    std::vector<Span>& spans = known.spans;
    known.met_again = !spans.empty();
    for (Span& span : spans) {
      if (root_of(span.incident) != incident) continue;
      span.incident = incident;
      span.first = std::min(span.first, time);
      span.last = std::max(span.last, time);
      ++span.findings;
      return;
    }
    if (spans.size() == kSpansPerEntity) {
      spans.erase(std::ranges::min_element(spans, {}, &Span::last));
      ++forgotten;
    }
    spans.push_back({incident, time, time});
  }

  // The finding is no more of that incident. How far its spans reached stays as it was.
  void leave(const Finding& finding, const IncidentId& incident) {
    for (const Key& key : keys_of(finding)) {
      const auto found = entities.find(key.entity);
      if (found == entities.end()) continue;
      std::erase_if(found->second.spans, [&](Span& span) {
        return root_of(span.incident) == incident && --span.findings == 0;
      });
    }
  }

  void remember(const Finding& finding, const std::vector<Key>& keys, const IncidentId& incident,
                Time time) {
    IncidentInfo& known = info(incident);
    known.met_again = known.first.has_value();
    known.first = std::min(known.first.value_or(time), time);
    if (!finding.actor.empty() && known.principals.size() <= kPrincipalsUnasked) {
      known.principals.insert(finding.actor);
    }
    ++known.rules[finding.rule];
    for (const Key& key : keys) {
      add_span(key.entity, incident, time);
      see_user(finding, key, time);
    }
  }

  // Whether telling it would say nothing new: many of its rule were told, and all that it touches
  // was met, lately.
  bool is_one_of_many(const Finding& finding, const std::vector<Key>& keys,
                      const IncidentId& incident, Time time) {
    if (finding.level >= model::Level::kHigh) return false;
    const auto& rules = info(incident).rules;
    const auto told = rules.find(finding.rule);
    if (told == rules.end() || told->second < kToldOfOneRule) return false;
    return std::ranges::all_of(keys, [&](const Key& key) {
      const auto found = entities.find(key.entity);
      return found != entities.end() &&
             std::ranges::any_of(found->second.spans, [&](const Span& span) {
               return root_of(span.incident) == incident && time >= span.first - kToldAgainAfter &&
                      time <= span.last + kToldAgainAfter;
             });
    });
  }

  void absorb(const IncidentId& absorbed, const IncidentId& into) {
    if (absorbed == into) return;
    IncidentInfo& from = info(absorbed);
    const IncidentInfo copy = std::exchange(from, {});
    from.closed = true;
    IncidentInfo& to = info(into);
    if (copy.first) to.first = std::min(to.first.value_or(*copy.first), *copy.first);
    to.principals.insert(copy.principals.begin(), copy.principals.end());
    for (const auto& [rule, count] : copy.rules) to.rules[rule] += count;
    to.apart.insert(copy.apart.begin(), copy.apart.end());
    merged[absorbed] = into;
  }

  bool are_apart(const IncidentId& a, const IncidentId& b) {
    const auto holds = [&](const IncidentId& one, const IncidentId& other) {
      return std::ranges::any_of(info(one).apart,
                                 [&](const IncidentId& apart) { return root_of(apart) == other; });
    };
    return holds(a, b) || holds(b, a);
  }
};

Grouper::Grouper(GroupingContext context) : state_(std::make_unique<State>()) {
  state_->context = std::move(context);
}
Grouper::~Grouper() = default;
Grouper::Grouper(Grouper&&) noexcept = default;
Grouper& Grouper::operator=(Grouper&&) noexcept = default;

Assignment Grouper::decide(const Finding& finding, Time now) {
  State& state = *state_;
  const Time time = finding.event_time.value_or(now);
  const std::vector<Key> keys = keys_of(finding);

  // Which incidents, and by which keys; the strongest key first, since keys are in that order.
  std::vector<std::pair<IncidentId, std::string>> met;
  for (const Key& key : keys) {
    if (state.is_common(key, time)) continue;
    for (const IncidentId& incident : state.near(key, time)) {
      const auto known =
          std::ranges::find(met, incident, &std::pair<IncidentId, std::string>::first);
      if (known == met.end()) {
        met.emplace_back(incident,
                         "joined because " + std::string(words_of(key.kind)) + ": " + key.entity);
      }
    }
  }

  Assignment assignment;
  if (met.empty()) {
    State::Flood* flood = nullptr;
    if (is_low(finding)) {
      flood = &state.floods[finding.rule];
      std::erase_if(flood->opened, [&](Time opened) {
        return opened + kFloodWithin < time || time + kFloodWithin < opened;
      });
      const IncidentId last = state.root_of(flood->last);
      if (flood->opened.size() >= kOpenedByLowRule && !state.is_closed(last)) {
        assignment.incident = last;
        assignment.folded = true;
        assignment.because = {"one of very many findings of this rule, each on its own"};
        return assignment;
      }
    }
    assignment.incident = model::incident_id(finding.id);
    assignment.opens = true;
    assignment.because = {"opens the incident: nothing open shares anything rare with it"};
    if (flood != nullptr) {
      flood->opened.push_back(time);
      flood->last = assignment.incident;
    }
  } else {
    // The oldest goes on; of those that began together, the first by id. So the one that is left
    // does not depend on who was found first.
    const auto oldest = std::ranges::min_element(met, {}, [&](const auto& candidate) {
      return std::pair(*state.info(candidate.first).first, candidate.first);
    });
    assignment.incident = oldest->first;
    assignment.because = {oldest->second};
    for (const auto& [incident, because] : met) {
      if (incident == assignment.incident) continue;
      if (state.are_apart(incident, assignment.incident)) {
        assignment.because.push_back("also touches " + incident.text() +
                                     ", which a person split off");
        continue;
      }
      assignment.merges.push_back(
          {incident, assignment.incident, {"a finding belongs to both: " + finding.id, because}});
      state.absorb(incident, assignment.incident);
    }
  }
  assignment.folded =
      assignment.merges.empty() && state.is_one_of_many(finding, keys, assignment.incident, time);
  // What is only counted is not in the ledger, and so teaches nothing.
  if (!assignment.folded) state.remember(finding, keys, assignment.incident, time);
  assignment.asks = state.info(assignment.incident).principals.size() > kPrincipalsUnasked;
  return assignment;
}

void Grouper::learn(const Finding& finding, const IncidentId& incident, Time at) {
  const IncidentId root = state_->root_of(incident);
  if (const auto leaves = state_->leaving.find(finding.id); leaves != state_->leaving.end()) {
    const IncidentId from = state_->root_of(leaves->second);
    if (from != root) state_->leave(finding, from);
    state_->leaving.erase(leaves);
  }
  const Time time = finding.event_time.value_or(at);
  if (is_low(finding) && incident == model::incident_id(finding.id)) {
    State::Flood& flood = state_->floods[finding.rule];
    std::erase_if(flood.opened, [&](Time opened) { return opened + kFloodWithin < time; });
    flood.opened.push_back(time);
    flood.last = incident;
  }
  state_->remember(finding, keys_of(finding), root, time);
}

void Grouper::learn_merged(const IncidentId& absorbed, const IncidentId& into) {
  const IncidentId from = state_->root_of(absorbed), to = state_->root_of(into);
  state_->absorb(from, to);
}

void Grouper::learn_split(const IncidentId& from, const IncidentId& into,
                          std::span<const std::string> findings) {
  const IncidentId root = state_->root_of(from);
  state_->info(root).apart.insert(into);
  for (const std::string& finding : findings) {
    if (state_->leaving.size() < kLeavingRemembered) state_->leaving[finding] = root;
  }
}

void Grouper::learn_closed(const IncidentId& incident) { state_->info(incident).closed = true; }
void Grouper::learn_reopened(const IncidentId& incident) { state_->info(incident).closed = false; }

uint64_t Grouper::forgotten() const { return state_->forgotten; }

}  // namespace stanch::triage

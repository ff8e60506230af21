// An entity is remembered with spans. A finding that joins an incident puts its time into the
// incident's span of each of its keys; a time further than kJoinWithin from every span begins a
// new one. So a time is within kJoinWithin of a span exactly if it is that near to a finding in it:
// nothing else needs to be kept of the findings, however many there are.
//
//   key      |--A--|        |-A-|            |------B------|
//        ----+-----+--------+---+------------+------+------+----> time
//
// Merging does not touch spans: whose they are is looked up when they are met.

#include "triage/group_memory.h"

#include <algorithm>
#include <functional>

#include "base/check.h"

namespace stanch::triage {

namespace {

// Times come from outside: their difference may be more than a Duration holds.
bool are_within(Time a, Time b, Duration distance) {
  const auto [low, high] = std::minmax(a, b);
  return static_cast<uint64_t>(high.time_since_epoch().count()) -
             static_cast<uint64_t>(low.time_since_epoch().count()) <=
         static_cast<uint64_t>(distance.count());
}

// The value of `key`, if there is one or room for one.
template <typename Value>
Value* find_or_add(std::map<std::string, Value>& map, const std::string& key, size_t size_max) {
  const auto found = map.find(key);
  if (found != map.end()) return &found->second;
  return map.size() < size_max ? &map[key] : nullptr;
}

size_t hash_of(const std::string& finding) { return std::hash<std::string>()(finding); }

}  // namespace

IncidentNumber GroupMemory::number_of(const model::IncidentId& incident) {
  if (const auto known = numbers_.find(incident.text()); known != numbers_.end()) {
    return known->second;
  }
  const IncidentNumber number = ++last_number_;
  incidents_
      .at(number, [&](const RememberedIncident& forgotten) { numbers_.erase(forgotten.id.text()); })
      .id = incident;
  numbers_[incident.text()] = number;
  return number;
}

IncidentNumber GroupMemory::root_of(const model::IncidentId& incident) {
  const IncidentNumber number = number_of(incident);
  if (const IncidentNumber root = root_of(number)) return root;
  this->incident(number).goes_on_in = 0;  // nobody knows where
  return number;
}

IncidentNumber GroupMemory::root_of(IncidentNumber incident) {
  RememberedIncident* found = incidents_.find(incident);
  if (found == nullptr || found->goes_on_in == 0) return found == nullptr ? 0 : incident;
  IncidentNumber root = found->goes_on_in;
  for (const RememberedIncident* next = incidents_.find(root); next != nullptr;
       next = incidents_.find(root)) {
    if (next->goes_on_in == 0) {
      found->goes_on_in = root;  // the next way is short
      return root;
    }
    root = next->goes_on_in;
  }
  return 0;
}

RememberedIncident& GroupMemory::incident(IncidentNumber number) {
  RememberedIncident* found = incidents_.find(number);
  CHECK(found != nullptr);
  return *found;
}

std::vector<IncidentNumber> GroupMemory::near(const GroupKey& key, Time time) {
  std::vector<IncidentNumber> roots;
  const Entity* entity = entities_.find(key.entity);
  if (entity == nullptr) return roots;
  for (const Span& span : entity->spans) {
    if (!are_within(time, std::clamp(time, span.first, span.last), kJoinWithin)) continue;
    const IncidentNumber root = root_of(span.incident);
    if (root != 0 && std::ranges::find(roots, root) == roots.end()) roots.push_back(root);
  }
  return roots;
}

bool GroupMemory::has_met(IncidentNumber root, const GroupKey& key, Time time, Duration distance) {
  const Entity* entity = entities_.find(key.entity);
  return entity != nullptr && std::ranges::any_of(entity->spans, [&](const Span& span) {
           return are_within(time, std::clamp(time, span.first, span.last), distance) &&
                  root_of(span.incident) == root;
         });
}

bool GroupMemory::is_common(const GroupKey& key, Time time) {
  if (key.kind < KeyKind::kPrincipal) return false;
  const Entity* entity = entities_.find(key.entity);
  if (entity == nullptr) return false;
  const auto count = [&](const Users& users, const std::string& user) {
    size_t others = 0;
    for (const Seen& seen : users) {
      others += seen.user != user && are_within(seen.last, time, kRarityWithin);
    }
    return others + !user.empty();
  };
  // A role that many act as is common, whoever touches it.
  if (count(entity->acting, key.touched ? "" : key.user) >= kCommonFrom) return true;
  return key.touched && count(entity->touching, key.user) >= kCommonFrom;
}

IncidentNumber GroupMemory::incident_of(const std::string& finding) {
  const IncidentNumber* known = findings_.find(hash_of(finding));
  return known == nullptr ? 0 : root_of(*known);
}

void GroupMemory::remember(const std::string& finding, IncidentNumber root) {
  findings_.at(hash_of(finding)) = root;
}

void GroupMemory::join(const Finding& finding, const std::vector<GroupKey>& keys,
                       const std::vector<GroupKey>& linking, IncidentNumber root, Time time) {
  remember(finding.id, root);
  RememberedIncident& joined = incident(root);
  joined.first = std::min(joined.first.value_or(time), time);
  if (!finding.actor.empty()) {
    if (auto* findings = find_or_add(joined.principals, finding.actor, kPrincipalsPerIncident)) {
      ++*findings;
    }
  }
  if (ToldRule* told = find_or_add(joined.rules, finding.rule, kRulesPerIncident)) {
    ++told->findings;
    told->worst = std::max(told->worst, finding.level);
  }
  for (const GroupKey& key : keys) {
    if (key.user.empty()) continue;
    Entity& entity = entities_.at(key.entity);
    see_user(key.touched ? entity.touching : entity.acting, key.user, time);
  }
  for (const GroupKey& key : linking) add_span(entities_.at(key.entity), root, time);
}

void GroupMemory::leave(const Finding& finding, const std::vector<GroupKey>& linking,
                        IncidentNumber root, Time time) {
  findings_.erase(hash_of(finding.id));
  RememberedIncident& left = incident(root);
  const auto principal = left.principals.find(finding.actor);
  if (principal != left.principals.end() && --principal->second == 0) {
    left.principals.erase(principal);
  }
  const auto told = left.rules.find(finding.rule);
  if (told != left.rules.end() && --told->second.findings == 0) left.rules.erase(told);
  for (const GroupKey& key : linking) {
    Entity* entity = entities_.find(key.entity);
    if (entity == nullptr) continue;
    std::erase_if(entity->spans, [&](Span& span) {
      return std::clamp(time, span.first, span.last) == time && root_of(span.incident) == root &&
             --span.findings == 0;
    });
  }
}

void GroupMemory::merge(IncidentNumber absorbed, IncidentNumber into) {
  if (absorbed == into) return;
  RememberedIncident& from = incident(absorbed);
  RememberedIncident& to = incident(into);
  if (from.first) to.first = std::min(to.first.value_or(*from.first), *from.first);
  for (const auto& [principal, findings] : from.principals) {
    auto* both = find_or_add(to.principals, principal, kPrincipalsPerIncident);
    if (both != nullptr) *both += findings;
  }
  for (const auto& [rule, told] : from.rules) {
    ToldRule* both = find_or_add(to.rules, rule, kRulesPerIncident);
    if (both == nullptr) continue;
    both->findings += told.findings;
    both->worst = std::max(both->worst, told.worst);
  }
  from.principals.clear();
  from.rules.clear();
  from.goes_on_in = into;
  for (const IncidentNumber apart : std::vector<IncidentNumber>(std::move(from.apart))) {
    set_apart(into, apart);
  }
  from.apart.clear();
}

void GroupMemory::set_apart(IncidentNumber one, IncidentNumber other) {
  for (const auto& [here, there] : {std::pair(one, other), std::pair(other, one)}) {
    const IncidentNumber root = root_of(here);
    if (root == 0 || root == root_of(there)) continue;
    std::vector<IncidentNumber>& apart = incident(root).apart;
    if (std::ranges::find(apart, there) != apart.end()) continue;
    if (apart.size() == kApartPerIncident) {
      apart.erase(apart.begin());
      ++forgotten_;
    }
    apart.push_back(there);
  }
}

bool GroupMemory::are_apart(IncidentNumber one, IncidentNumber other) {
  if (one == other) return false;
  const auto keeps = [&](IncidentNumber here, IncidentNumber there) {
    return std::ranges::any_of(incident(here).apart,
                               [&](IncidentNumber apart) { return root_of(apart) == there; });
  };
  return keeps(one, other) || keeps(other, one);
}

uint64_t GroupMemory::forgotten() const {
  return forgotten_ + entities_.forgotten() + incidents_.forgotten() + findings_.forgotten();
}

void GroupMemory::see_user(Users& users, const std::string& user, Time time) {
  const auto known = std::ranges::find(users, user, &Seen::user);
  if (known != users.end()) {
    known->last = std::max(known->last, time);
  } else if (users.size() < kCommonFrom) {
    users.push_back({user, time});
  } else {
    const auto oldest = std::ranges::min_element(users, {}, &Seen::last);
    if (oldest->last < time) *oldest = {user, time};
  }
}

void GroupMemory::add_span(Entity& entity, IncidentNumber root, Time time) {
  Span grown{.incident = root, .first = time, .last = time, .findings = 1};
  std::erase_if(entity.spans, [&](const Span& span) {
    if (!are_within(time, std::clamp(time, span.first, span.last), kJoinWithin)) return false;
    if (root_of(span.incident) != root) return false;
    grown.first = std::min(grown.first, span.first);
    grown.last = std::max(grown.last, span.last);
    grown.findings += span.findings;
    return true;
  });
  entity.spans.push_back(grown);
  if (entity.spans.size() > kSpansPerEntity) make_room(entity);
}

void GroupMemory::make_room(Entity& entity) {
  if (std::erase_if(entity.spans, [&](const Span& span) { return root_of(span.incident) == 0; })) {
    return;
  }
  entity.spans.erase(std::ranges::min_element(entity.spans, {}, &Span::last));
  ++forgotten_;
}

}  // namespace stanch::triage

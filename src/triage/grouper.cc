// Each finding has keys (group_keys.h): the entities that it shares with others of one attack. A
// key that is common when its event happens does not link; nor, of a low finding, one that is not
// lineage. A finding joins every incident that met one of its linking keys within kJoinWithin; if
// these are several, they are one, unless people keep them apart. So incidents are the connected
// components of findings, and what ends up together does not depend on the order in which they
// come, but for what docs/formats/grouping.md names.
//
// What is refused: scores. "Rare enough together" depends on what was seen before, cannot be said
// in a sentence, and joins two incidents that no single thing connects.

#include "triage/grouper.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "triage/group_keys.h"
#include "triage/group_memory.h"
#include "triage/limits.h"
#include "triage/recent_map.h"

namespace stanch::triage {

namespace {

constexpr std::string_view kFindingPrefix = "fnd-";

bool is_low(const Finding& finding) { return finding.level < model::Level::kMedium; }
bool is_high(const Finding& finding) { return finding.level >= model::Level::kHigh; }

model::IncidentId opened_by(const Finding& finding) {
  return finding.id.starts_with(kFindingPrefix) ? model::incident_id(finding.id)
                                                : model::incident_id_of_act(finding.id);
}

// An incident that the finding shares something with.
struct Met {
  IncidentNumber incident;
  std::string because;  // the strongest that it shares
  size_t shared = 1;    // keys
};

}  // namespace

struct Grouper::State {
  struct Opening {
    IncidentNumber incident;
    Time time;
  };

  explicit State(GroupingContext with)
      : context(std::move(with)),
        memory(context.limits.entities, context.limits.incidents, context.limits.findings) {}

  GroupingContext context;
  GroupMemory memory;
  // What low findings of a rule opened on a day, "<day> <rule>".
  RecentTexts<std::vector<Opening>> floods{kFloodDaysRemembered};
  uint64_t forgotten = 0;

  std::vector<GroupKey> linking(const Finding& finding, const std::vector<GroupKey>& keys,
                                Time time);
  std::vector<Met> meet(const std::vector<GroupKey>& linking, Time time, bool closed);
  // The oldest begins first; of those that began together, the first by id.
  std::pair<Time, model::IncidentId> age(IncidentNumber root);
  std::vector<Opening>& flood(const Finding& finding, Time time);
  std::optional<IncidentNumber> flooded(const Finding& finding, Time time);
  void note_opening(const Finding& finding, IncidentNumber incident, Time time);
  bool says_nothing_new(const Finding& finding, const std::vector<GroupKey>& linking,
                        IncidentNumber root, Time time);
  IncidentNumber choose(const Finding& finding, const std::vector<Met>& met,
                        Assignment& assignment);
  void open(const Finding& finding, const std::vector<GroupKey>& linking, Time time,
            Assignment& assignment);
};

std::vector<GroupKey> Grouper::State::linking(const Finding& finding,
                                              const std::vector<GroupKey>& keys, Time time) {
  std::vector<GroupKey> linking;
  for (const GroupKey& key : keys) {
    if (is_low(finding) && !key.lineage) continue;
    const bool ours =
        key.kind == KeyKind::kAddress && context.is_own_egress && context.is_own_egress(key.entity);
    if (!ours && !memory.is_common(key, time)) linking.push_back(key);
  }
  return linking;
}

// By the strongest of the keys first, since these are in that order; of those that it shares the
// same one with, first who shares more, then the older.
std::vector<Met> Grouper::State::meet(const std::vector<GroupKey>& linking, Time time,
                                      bool closed) {
  std::vector<Met> met;
  std::vector<std::pair<size_t, size_t>> same_key;  // from, to
  for (const GroupKey& key : linking) {
    const size_t begin_of_key = met.size();
    for (const IncidentNumber incident : memory.near(key, time)) {
      if (memory.incident(incident).closed != closed) continue;
      const auto known = std::ranges::find(met, incident, &Met::incident);
      if (known == met.end()) {
        met.push_back({.incident = incident, .because = words_of(key)});
      } else {
        ++known->shared;
      }
    }
    if (met.size() > begin_of_key + 1) same_key.emplace_back(begin_of_key, met.size());
  }
  for (const auto& [begin, end] : same_key) {
    std::sort(met.begin() + static_cast<ptrdiff_t>(begin),
              met.begin() + static_cast<ptrdiff_t>(end), [&](const Met& a, const Met& b) {
                if (a.shared != b.shared) return a.shared > b.shared;
                return age(a.incident) < age(b.incident);
              });
  }
  return met;
}

std::pair<Time, model::IncidentId> Grouper::State::age(IncidentNumber root) {
  const RememberedIncident& incident = memory.incident(root);
  return {incident.first.value_or(Time::max()), incident.id};
}

std::vector<Grouper::State::Opening>& Grouper::State::flood(const Finding& finding, Time time) {
  const auto day = std::chrono::floor<std::chrono::days>(time).time_since_epoch().count();
  return floods.at(std::to_string(day) + " " + finding.rule);
}

// Where it is counted, if low findings of its rule opened as many incidents as they may that day:
// in the latest one before it, or in the first one after it.
std::optional<IncidentNumber> Grouper::State::flooded(const Finding& finding, Time time) {
  if (!is_low(finding)) return std::nullopt;
  const std::vector<Opening>& openings = flood(finding, time);
  if (openings.size() < kOpenedByLowRule) return std::nullopt;
  const Opening* best = nullptr;
  // Of those of one moment the first by id: a ledger tells them in another order than they came in.
  const auto is_better = [&](const Opening& one, const Opening& other) {
    if ((one.time <= time) != (other.time <= time)) return one.time <= time;
    if (one.time == other.time) {
      return memory.incident(memory.root_of(one.incident)).id <
             memory.incident(memory.root_of(other.incident)).id;
    }
    return one.time <= time ? one.time > other.time : one.time < other.time;
  };
  for (const Opening& opening : openings) {
    const IncidentNumber root = memory.root_of(opening.incident);
    if (root == 0 || memory.incident(root).closed) continue;
    if (best == nullptr || is_better(opening, *best)) best = &opening;
  }
  if (best == nullptr) return std::nullopt;
  return memory.root_of(best->incident);
}

void Grouper::State::note_opening(const Finding& finding, IncidentNumber incident, Time time) {
  if (!is_low(finding)) return;
  std::vector<Opening>& openings = flood(finding, time);
  if (openings.size() == kOpenedPerFloodDay) {
    openings.erase(openings.begin());
    ++forgotten;
  }
  openings.push_back({incident, time});
}

// Whether telling it would say nothing new: its incident has many of its rule, none less bad.
bool Grouper::State::says_nothing_new(const Finding& finding, const std::vector<GroupKey>& linking,
                                      IncidentNumber root, Time time) {
  const auto& rules = memory.incident(root).rules;
  const auto told = rules.find(finding.rule);
  if (told == rules.end() || told->second.worst < finding.level) return false;
  const uint64_t findings = told->second.findings;
  if (findings < (is_high(finding) ? kToldOfOneHighRule : kToldOfOneRule)) return false;
  const auto met_within = [&](Duration distance) {
    return [this, root, time, distance](const GroupKey& key) {
      return memory.has_met(root, key, time, distance);
    };
  };
  if (findings >= (is_high(finding) ? kToldHighWithNews : kToldWithNews)) {
    return std::ranges::any_of(linking, met_within(kToldAgainAfter));
  }
  return std::ranges::all_of(linking, met_within(kToldAgainAfter));
}

// Of the incidents that it shares something with: those that nobody keeps apart from the first,
// which shares the strongest, become one. The oldest goes on, so which one is left does not depend
// on who was found first.
IncidentNumber Grouper::State::choose(const Finding& finding, const std::vector<Met>& met,
                                      Assignment& assignment) {
  std::vector<const Met*> one;
  std::vector<std::string> kept_apart;
  for (const Met& candidate : met) {
    const bool apart = std::ranges::any_of(one, [&](const Met* other) {
      return memory.are_apart(candidate.incident, other->incident);
    });
    if (!apart) {
      one.push_back(&candidate);
      continue;
    }
    kept_apart.push_back("does not join " + memory.incident(candidate.incident).id.text() +
                         ", which people keep apart, though " + candidate.because);
  }
  const Met* oldest = *std::ranges::min_element(
      one, {}, [&](const Met* candidate) { return age(candidate->incident); });
  assignment.incident = memory.incident(oldest->incident).id;
  assignment.because = {"joined because " + oldest->because};
  assignment.because.insert(assignment.because.end(), kept_apart.begin(), kept_apart.end());
  for (const Met* candidate : one) {
    if (candidate == oldest) continue;
    assignment.merges.push_back({memory.incident(candidate->incident).id,
                                 assignment.incident,
                                 {"a finding belongs to both: " + finding.id,
                                  "it joins this one because " + candidate->because,
                                  "it joins the other because " + oldest->because}});
    memory.merge(candidate->incident, oldest->incident);
  }
  return oldest->incident;
}

void Grouper::State::open(const Finding& finding, const std::vector<GroupKey>& linking, Time time,
                          Assignment& assignment) {
  assignment.incident = opened_by(finding);
  assignment.opens = true;
  assignment.because = {"opens the incident: nothing open shares anything rare with it"};
  for (const Met& closed : meet(linking, time, true)) {
    assignment.because.push_back(memory.incident(closed.incident).id.text() +
                                 " would have been joined, but is closed: " + closed.because);
  }
}

Grouper::Grouper(GroupingContext context) : state_(std::make_unique<State>(std::move(context))) {}
Grouper::~Grouper() = default;
Grouper::Grouper(Grouper&&) noexcept = default;
Grouper& Grouper::operator=(Grouper&&) noexcept = default;

Assignment Grouper::decide(const Finding& finding, Time now, bool may_open) {
  State& state = *state_;
  GroupMemory& memory = state.memory;
  const Time time = finding.event_time.value_or(now);
  Assignment assignment;
  if (const IncidentNumber known = memory.incident_of(finding.id)) {
    assignment.incident = memory.incident(known).id;
    assignment.because = {"was in the incident already"};
    return assignment;
  }
  const std::vector<GroupKey> keys = group_keys(finding);
  const std::vector<GroupKey> linking = state.linking(finding, keys, time);
  const std::vector<Met> met = state.meet(linking, time, false);
  if (met.empty() && !may_open) return assignment;

  IncidentNumber root = 0;
  if (!met.empty()) {
    root = state.choose(finding, met, assignment);
    assignment.folded =
        assignment.merges.empty() && state.says_nothing_new(finding, linking, root, time);
  } else if (const auto flooded = state.flooded(finding, time)) {
    root = *flooded;
    assignment.incident = memory.incident(root).id;
    assignment.folded = true;
    assignment.because = {"one of very many findings of this rule, each on its own"};
  } else {
    state.open(finding, linking, time, assignment);
    root = memory.root_of(assignment.incident);
    state.note_opening(finding, root, time);
  }
  // What is only counted is not in the ledger, and so teaches nothing.
  if (!assignment.folded) memory.join(finding, keys, linking, root, time);
  return assignment;
}

std::vector<std::string> Grouper::linking_entities(const Finding& finding, Time now) {
  std::vector<std::string> entities;
  const Time time = finding.event_time.value_or(now);
  for (GroupKey& key : state_->linking(finding, group_keys(finding), time)) {
    entities.push_back(std::move(key.entity));
  }
  return entities;
}

void Grouper::learn(const Finding& finding, const model::IncidentId& incident, Time now) {
  State& state = *state_;
  GroupMemory& memory = state.memory;
  const IncidentNumber root = memory.root_of(incident);
  const IncidentNumber known = memory.incident_of(finding.id);
  if (known == root) return;
  const Time time = finding.event_time.value_or(now);
  const std::vector<GroupKey> keys = group_keys(finding);
  const std::vector<GroupKey> linking = state.linking(finding, keys, time);
  if (known != 0) memory.leave(finding, linking, known, time);
  if (incident == opened_by(finding)) state.note_opening(finding, root, time);
  memory.join(finding, keys, linking, root, time);
}

void Grouper::learn_merged(const model::IncidentId& absorbed, const model::IncidentId& into) {
  const IncidentNumber from = state_->memory.root_of(absorbed);
  state_->memory.merge(from, state_->memory.root_of(into));
}

void Grouper::learn_split(const model::IncidentId& from, const model::IncidentId& into,
                          std::span<const std::string> findings) {
  GroupMemory& memory = state_->memory;
  const IncidentNumber root = memory.root_of(from);
  memory.set_apart(root, memory.number_of(into));
  for (const std::string& finding : findings) memory.remember(finding, root);
}

void Grouper::learn_closed(const model::IncidentId& incident) {
  state_->memory.incident(state_->memory.number_of(incident)).closed = true;
}
void Grouper::learn_reopened(const model::IncidentId& incident) {
  state_->memory.incident(state_->memory.number_of(incident)).closed = false;
}

bool Grouper::is_too_wide(const model::IncidentId& incident) {
  GroupMemory& memory = state_->memory;
  return memory.incident(memory.root_of(incident)).principals.size() > kPrincipalsUnasked;
}

uint64_t Grouper::forgotten() const { return state_->forgotten + state_->memory.forgotten(); }

}  // namespace stanch::triage

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/time.h"
#include "model/incident.h"
#include "model/rule.h"
#include "triage/finding.h"
#include "triage/group_keys.h"
#include "triage/limits.h"
#include "triage/recent_map.h"

// What grouping remembers, in bounded memory: which entity was met when, by which incident and by
// whom. It decides nothing.

namespace stanch::triage {

using IncidentNumber = uint64_t;  // of this memory, from 1 on; never given out again

// Findings of one rule that an incident has.
struct ToldRule {
  uint64_t findings = 0;
  model::Level worst = model::Level::kInformational;
};

struct RememberedIncident {
  model::IncidentId id;
  std::optional<Time> first;                   // of its findings
  std::map<std::string, uint64_t> principals;  // findings of each, kPrincipalsPerIncident at most
  std::map<std::string, ToldRule> rules;       // kRulesPerIncident at most
  std::vector<IncidentNumber> apart;           // people keep these apart from it
  IncidentNumber goes_on_in = 0;               // it was merged
  bool closed = false;
};

class GroupMemory {
 public:
  GroupMemory(size_t entities_max, size_t incidents_max, size_t findings_max)
      : entities_(entities_max), incidents_(incidents_max), findings_(findings_max) {}

  // The incident of that id, be it merged or not. Anew if it is not remembered.
  IncidentNumber number_of(const model::IncidentId& incident);
  // Where that goes on.
  IncidentNumber root_of(const model::IncidentId& incident);
  // Where it goes on now; 0 if that is forgotten.
  IncidentNumber root_of(IncidentNumber incident);
  // One that is remembered.
  RememberedIncident& incident(IncidentNumber number);

  // Incidents that met `key` within kJoinWithin of `time`, closed ones too; roots, each once.
  std::vector<IncidentNumber> near(const GroupKey& key, Time time);
  // Whether `incident` met `key` within `distance` of `time`.
  bool has_met(IncidentNumber root, const GroupKey& key, Time time, Duration distance);
  // Whether kCommonFrom others, with this one, are met with it in kRarityWithin. Of credentials,
  // people and what was minted: never.
  bool is_common(const GroupKey& key, Time time);

  // The incident that has this finding; 0 if none is known.
  IncidentNumber incident_of(const std::string& finding);
  // That the finding is there; nothing of its keys.
  void remember(const std::string& finding, IncidentNumber root);
  // It joins `root`: by `linking`, while `keys` are all that it has.
  void join(const Finding& finding, const std::vector<GroupKey>& keys,
            const std::vector<GroupKey>& linking, IncidentNumber root, Time time);
  // It leaves `root`, which it had joined by `linking`.
  void leave(const Finding& finding, const std::vector<GroupKey>& linking, IncidentNumber root,
             Time time);

  void merge(IncidentNumber absorbed, IncidentNumber into);  // roots
  void set_apart(IncidentNumber one, IncidentNumber other);
  bool are_apart(IncidentNumber one, IncidentNumber other);  // roots

  uint64_t forgotten() const;

 private:
  // A time in which an incident met an entity again and again, never kJoinWithin apart.
  struct Span {
    IncidentNumber incident;
    Time first, last;
    uint64_t findings;
  };
  struct Seen {
    std::string user;
    Time last;
  };
  using Users = std::vector<Seen>;  // the latest, kCommonFrom of them at most
  struct Entity {
    std::vector<Span> spans;
    Users acting, touching;
  };

  void see_user(Users& users, const std::string& user, Time time);
  void add_span(Entity& entity, IncidentNumber root, Time time);
  void make_room(Entity& entity);

  RecentTexts<Entity> entities_;
  RecentMap<IncidentNumber, RememberedIncident> incidents_;
  std::unordered_map<std::string, IncidentNumber> numbers_;  // of these, by their ids
  RecentMap<size_t, IncidentNumber> findings_;               // by hash of their id
  IncidentNumber last_number_ = 0;
  uint64_t forgotten_ = 0;
};

}  // namespace stanch::triage

#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "model/incident.h"
#include "triage/finding.h"
#include "triage/limits.h"

// Which findings are one attack (docs/formats/grouping.md).

namespace stanch::triage {

// How much is remembered; what was not met for longest is forgotten first.
struct GroupingLimits {
  size_t entities = kEntitiesRemembered;
  size_t incidents = kIncidentsRemembered;
  size_t findings = kFindingsRemembered;
};

struct GroupingContext {
  // Whether an address (an entity id, "ip/203.0.113.7") is one that our own people and machines
  // are seen from. May be empty: none is known.
  std::function<bool(std::string_view)> is_own_egress = {};
  GroupingLimits limits = {};
};

// Two incidents turned out to be one.
struct Merge {
  model::IncidentId absorbed, into;
  std::vector<std::string> because;
};

struct Assignment {
  model::IncidentId incident;  // empty: none
  bool opens = false;
  bool folded = false;               // one of a flood: counted there, not told one by one
  std::vector<std::string> because;  // printable, whatever the finding says
  std::vector<Merge> merges;         // to be done first
};

// Remembers, in bounded memory, which entities which incident has met and when.
// Deterministic: the same calls give the same answers. Not thread-safe.
class Grouper {
 public:
  explicit Grouper(GroupingContext context);
  ~Grouper();
  Grouper(Grouper&&) noexcept;
  Grouper& operator=(Grouper&&) noexcept;

  // Decides, and remembers it unless it is folded. In the order of the events' time where that is
  // possible: what then depends on the order, docs/formats/grouping.md says. A finding that an
  // incident has already stays where it is. One that may not open and meets nothing has no
  // incident, and is not remembered.
  Assignment decide(const Finding& finding, Time now, bool may_open = true);
  // The entities by which it joins others, or others join it.
  std::vector<std::string> linking_entities(const Finding& finding, Time now);

  // What the ledger says, in its order. That `finding` joined `incident`, which was decided at
  // `now`; if it was in one that this was split off, it moved.
  void learn(const Finding& finding, const model::IncidentId& incident, Time now);
  void learn_merged(const model::IncidentId& absorbed, const model::IncidentId& into);
  // These are never merged with each other by themselves. What the findings that left had met is
  // no more of `from`, unless others of it met it too, once `into` is learnt with them.
  void learn_split(const model::IncidentId& from, const model::IncidentId& into,
                   std::span<const std::string> findings);
  // Nothing joins it any more.
  void learn_closed(const model::IncidentId& incident);
  void learn_reopened(const model::IncidentId& incident);

  // More people are in it than in one attack: somebody is to split it, or to say that it is one.
  bool is_too_wide(const model::IncidentId& incident);

  uint64_t forgotten() const;  // entities, incidents and findings, to stay within the limits

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace stanch::triage

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "ledger/ledger.h"
#include "model/incident.h"

// Which incidents want an aspect of a target to stay contained: the fold of target/<entity>.
// Undoing one incident's containment never opens what another still holds.

namespace stanch::respond {

struct Hold {
  std::string incident, plan, step;  // the step that took it
  model::EntryCitation taken;
};

// A claim, or what is given back.
struct HoldRequest {
  std::string entity, aspect;
  model::IncidentId incident;
  std::string plan, step;
  uint64_t time = 0;  // how often the step was tried before
  Time now{};
  std::string actor;
};

class Holds {
 public:
  static Result<Holds> load(ledger::Ledger& ledger, const std::string& entity);

  // Those in force, the earliest first.
  const std::vector<Hold>& of(std::string_view aspect) const;
  bool is_held_by_others(std::string_view aspect, const model::IncidentId& incident) const;
  // The first of an unbroken line of holds up to now: what stood before it is what stood before all
  // containment. Null if nobody holds, and nobody held last.
  const Hold* first(std::string_view aspect) const;

 private:
  struct Aspect {
    std::vector<Hold> holds;
    std::optional<Hold> first;
  };
  std::map<std::string, Aspect, std::less<>> aspects_;
};

inline constexpr Duration kHoldLasts = std::chrono::days(30);  // then somebody is asked about it

// Durable when they return; repeating one does nothing. Its time and actor count the first time.
Result<> take_hold(ledger::Ledger& ledger, const HoldRequest& request);
// `is_last`: nobody else holds it.
Result<> return_hold(ledger::Ledger& ledger, const HoldRequest& request, const Hold& hold,
                     bool is_last, std::string_view reason);

}  // namespace stanch::respond

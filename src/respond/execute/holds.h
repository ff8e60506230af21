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

// Which steps of which incidents want an aspect of a target to stay contained: the fold of
// target/<entity>. Taking one back never opens what another still holds.

namespace stanch::respond {

struct Hold {
  std::string incident, plan, step;  // the step that took it
  model::EntryCitation taken;

  bool is_of(const model::IncidentId& of, std::string_view of_plan,
             std::string_view of_step) const {
    return incident == of.text() && plan == of_plan && step == of_step;
  }
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
  // The first of an unbroken line of holds up to now: what stood before it is what stood before all
  // containment. Null if nobody holds, and nobody held last.
  const Hold* first(std::string_view aspect) const;
  // The same, of the holds of that incident alone.
  const Hold* first(std::string_view aspect, const model::IncidentId& incident) const;

 private:
  struct Aspect {
    std::vector<Hold> holds;
    std::optional<Hold> first;
    std::map<std::string, Hold> first_of;  // by incident
  };
  std::map<std::string, Aspect, std::less<>> aspects_;
};

// Durable when they return; repeating one does nothing. Its time and actor count the first time.
Result<> take_hold(ledger::Ledger& ledger, const HoldRequest& request);
// `is_last`: nobody else holds it.
Result<> return_hold(ledger::Ledger& ledger, const HoldRequest& request, const Hold& hold,
                     bool is_last, std::string_view reason);

}  // namespace stanch::respond

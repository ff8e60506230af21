#pragma once

#include <optional>

#include "respond/guard/guard.h"
#include "respond/plan/plan.h"
#include "respond/plan/plan_book.h"
#include "triage/state.h"

// Steps that nobody is asked about again, since an approval of an earlier plan of the incident lets
// them go (docs/formats/plan.md, envelope).

namespace stanch::host {

// Says of the steps of a new plan in whose envelope they are: the latest that has room for them.
void put_within(const respond::PlanBook& book, const triage::IncidentState& state, Time now,
                respond::Plan& plan);

// Of a step that says so, as things stand now; nothing if there is no such plan. `book` must
// outlive it.
std::optional<respond::Enveloped> envelope_of(const respond::PlanBook& book,
                                              const triage::IncidentState& state,
                                              const std::string& plan, const respond::Step& step);

}  // namespace stanch::host

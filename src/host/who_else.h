#pragma once

#include <vector>

#include "host/response.h"
#include "respond/action/permissions.h"

// Whom a plan hits beside whom it is for (docs/formats/plan.md).

namespace stanch::host {

// Says of each step that cuts off an identity who else works with it. Where that is more than the
// incident shows, what is reversible becomes disruptive: people are asked first. So it does where
// nobody knows whether another administrator of the account is left; where none is, the step cannot
// be done. Reads IAM; what cannot be read is said.
void say_who_else(const Responding& with, const triage::IncidentState& state, Time now,
                  respond::Plan& plan);

// What of AWS it reads, for the policies of Stanch's roles.
const std::vector<respond::OperationName>& who_else_reads();

}  // namespace stanch::host

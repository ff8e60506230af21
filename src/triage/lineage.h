#pragma once

#include <set>
#include <string>
#include <string_view>

#include "triage/state.h"

namespace stanch::triage {

// Whether the findings of an incident say that `entity` was made by one of `makers`, or by what
// these made: a credential, a session, or a principal of their own. Whom they only made something
// for was not made by them.
bool is_minted_by(const IncidentState& state, std::string_view entity,
                  std::set<std::string, std::less<>> makers);

}  // namespace stanch::triage

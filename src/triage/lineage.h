#pragma once

#include <set>
#include <string>
#include <string_view>

#include "base/time.h"
#include "triage/state.h"

namespace stanch::triage {

// Whether findings that joined the incident after `since` say that `entity`, a credential or a
// session, was made by one of `makers`, or by what these made. Whom or for what host it was made
// was not made by anybody.
bool is_minted_by(const IncidentState& state, std::string_view entity,
                  std::set<std::string, std::less<>> makers, Time since);

}  // namespace stanch::triage

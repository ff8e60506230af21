#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>

#include "triage/state.h"

namespace stanch::triage {

// Whether findings that joined the incident after the entry `since` of its stream say that
// `entity`, a credential or a session, was made by one of `makers`, or by what these made. Whom or
// for what host it was made was not made by anybody.
bool is_minted_by(const IncidentState& state, std::string_view entity,
                  std::set<std::string, std::less<>> makers, uint64_t since);

}  // namespace stanch::triage

#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/entry.h"
#include "model/incident.h"

// The findings that an incident has now, as entries of another one may repeat them when it goes on
// there.

namespace stanch::triage {

struct JoinedEntry {
  std::string finding;  // id
  std::string payload;  // of its latest finding_joined
};

// Of an incident's entries from the first on: those that are not split off, each once, in the order
// in which they came. What makes no sense, or was erased, is none.
std::vector<JoinedEntry> joined_now(std::span<const model::Entry> entries);

// The key of the entry by which a finding joins where its incident goes on. Its own id will not do:
// a finding that was split off and comes back has an entry of that key there already.
std::string joined_key(std::string_view finding, const model::IncidentId& absorbed);

}  // namespace stanch::triage

#pragma once

#include <optional>
#include <string_view>

#include "model/entry.h"
#include "model/incident.h"

// The names of streams that more than one module knows.

namespace stanch::model {

inline constexpr std::string_view kIncidentStreams = "incident/";  // what their names begin with

StreamId incident_stream(const IncidentId& incident);
// Whose stream it is; nothing if it is no incident's.
std::optional<IncidentId> find_incident_of(const StreamId& stream);

inline const StreamId kTriageStream("triage");    // which finding belongs where, what was merged
inline const StreamId kControlStream("control");  // keys, kill switch, settings

}  // namespace stanch::model

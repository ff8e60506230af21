#include "model/streams.h"

#include <string>

namespace stanch::model {

StreamId incident_stream(const IncidentId& incident) {
  return StreamId(std::string(kIncidentStreams) + incident.text());
}

std::optional<IncidentId> find_incident_of(const StreamId& stream) {
  if (!stream.text().starts_with(kIncidentStreams)) return std::nullopt;
  return IncidentId(stream.text().substr(kIncidentStreams.size()));
}

}  // namespace stanch::model

#pragma once

#include <memory>
#include <optional>
#include <string>

#include "cli/context.h"
#include "ledger/store.h"
#include "triage/state.h"

// What the commands of `stanch incident` share.

namespace stanch::cli {

// The ledger, and the incident that the argument INCIDENT names.
struct OpenedIncident {
  std::unique_ptr<ledger::Store> store;
  model::IncidentId id;
};
Result<OpenedIncident> open_incident_argument(Context& context);

// A person is named as entries name them: what the system says, which nobody has checked.
std::string own_name(Context& context);

// "12 min ago", "in 3 h"; for people, beside the time itself.
std::string age_text(Time time, Time now);
std::string span_text(Duration duration);  // "12 min"

// Says what went wrong with an incident, and what to do about it; the exit code that fits.
int fail_incident(Context& context, const Error& error);

// A time as people write it: RFC 3339, or how long from now on ("4h", "90m", "2d").
Result<Time> time_of(const std::string& text, Time now);
// The same of what was: RFC 3339, a day (its beginning in UTC), or how long ago ("4h", "30d").
Result<Time> past_time_of(const std::string& text, Time now);

// --since and --until of a command, if they are given.
struct Period {
  std::optional<Time> since, until;
};
Result<Period> period_of(Context& context);

// kDenied if it is restricted to named people and --restricted does not say that one may see it.
Result<> check_restricted(Context& context, const triage::IncidentState& state);
// The same of a stream, if it is an incident's.
Result<> check_seen(Context& context, ledger::Ledger& ledger, const model::StreamId& stream);

}  // namespace stanch::cli

#pragma once

#include <map>
#include <string>

#include "base/result.h"
#include "codec/json_value.h"
#include "model/incident.h"

// What expressions of actions have at hand beside what was observed.

namespace stanch::respond {

// What a step is about. Names that are unique everywhere carry no account, and hosts no region:
// where they are comes from the events that named them, or from a person.
struct Target {
  std::string entity;  // id
  std::string account = {}, region = {};
  // What its action was told beside: the values of its parameters, by name.
  std::map<std::string, std::string> given = {};

  bool operator==(const Target&) const = default;
};

// The one spelling of an entity that somebody named by id or by ARN: guards, holds and the
// inventory compare ids byte by byte. kInvalid.
Result<std::string> entity_named(std::string_view typed);

// With its entity in its one spelling, and the account and region that the id or ARN names, which
// count more than those given. kInvalid if it is no id, or if what must be known of its place is
// not.
Result<Target> placed(Target target);

// `target`: id, type ("aws:role"), name, account, region, partition, parent (the cluster of a
// task, the identity store of a user, the instance of a permission set), and arn of those that AWS
// asks for by it. Requires a placed target.
codec::JsonValue target_value(const Target& target);

// `given`: the values of parameters.
codec::JsonValue given_value(const Target& target);

// `incident`: id.
codec::JsonValue incident_value(const model::IncidentId& incident);

// `own`: what we make bears names of this incident, this action and this target alone, so that two
// incidents never undo each other.
//   name   "stanch-deny-user-7kq2m4…", at most 64 characters
//   shared_name   the same for all incidents: of what contains one field of the target, which they
//          hold together. With a name each, they would contain it from one another
//   mark   {key, value}: the tag that is looked for before something is made again
//   tags   [{Key, Value}]: the mark, and the incident for people
codec::JsonValue own_value(const model::IncidentId& incident, const std::string& action,
                           const Target& target);

}  // namespace stanch::respond

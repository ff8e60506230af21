#pragma once

#include <fmt/format.h>

#include <string>

#include "triage/finding.h"

namespace stanch::triage {

using std::chrono::hours;
using std::chrono::minutes;

inline std::string id_of(int number) { return fmt::format("fnd-{:026}", number); }
inline Time at(Duration since) { return Time(hours(24 * 365 * 50)) + since; }

// A finding of some rule by user `actor` with a key of theirs, from an address of theirs.
inline Finding finding(int number, const std::string& actor, Duration time = {}) {
  Finding made;
  made.id = id_of(number);
  made.rule = "rule";
  made.level = model::Level::kMedium;
  made.event_time = at(time);
  made.actor = "aws:user/1/" + actor;
  made.actor_type = model::ActorType::kUser;
  made.credential = "aws:access-key/" + actor;
  made.source = "ip/10.0.0." + std::to_string(number % 200);
  return made;
}

}  // namespace stanch::triage

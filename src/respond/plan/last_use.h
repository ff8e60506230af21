#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/time.h"
#include "respond/plan/iam_reader.h"
#include "respond/target.h"

// Who else works with an identity that a step would cut off, as far as IAM and the incident tell.
// IAM keeps of each service the last use alone, and tells it up to 4 hours late; so it never says
// that nobody else does, and what it does not say is unknown, not unused.

namespace stanch::respond {

// What an incident saw the identity do.
struct SeenUse {
  std::optional<Time> first;       // nothing: it did nothing there
  std::set<std::string> services;  // "iam"
  std::set<std::string> sources, sessions;
};

struct LastUse {
  std::vector<std::string> facts;   // sentences for people, with their times
  std::vector<std::string> others;  // uses of the last 30 days that the incident does not explain
};

// Of an aws:user, aws:role, aws:access-key or aws:login-profile; of anything else nothing is asked.
// A use is explained where the incident saw the identity use that service, and not before that.
LastUse look_at_last_use(IamReader& iam, const Target& target, const SeenUse& seen, Time now);

}  // namespace stanch::respond

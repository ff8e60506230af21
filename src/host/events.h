#pragma once

#include <functional>
#include <string>

#include "base/result.h"
#include "codec/json.h"
#include "detect/detect.h"
#include "env/env.h"
#include "model/record.h"
#include "normalize/normalize.h"

// One event after the other, for commands that look at few of them.

namespace stanch::host {

struct EventsRead {
  uint64_t events = 0;    // visited
  uint64_t rejected = 0;  // records that are no JSON
};

// Calls `visit` for each event in the files at `path`, envelopes opened, until it returns
// false. Of a rule's test file ({"expect": …, "event": …}, or "events") those inside are.
// Fails if something could not be read, after all that could.
Result<EventsRead> each_event(
    env::Files& files, const std::string& path,
    const std::function<bool(codec::JsonView event, const model::Origin& origin)>& visit);

}  // namespace stanch::host

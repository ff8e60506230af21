#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "ledger/ledger.h"

// What people said about response as a whole: the fold of the stream `control`.

namespace stanch::respond {

struct PulledSwitch {
  std::string scope;  // "all", or the cloud, account or action that stops
  std::string by, reason;
  model::EntryCitation entry;
};

struct Control {
  std::vector<PulledSwitch> switches;  // in force
  bool is_stopped_here = false;        // by the flag of this machine, which needs no ledger

  static Result<Control> load(ledger::Ledger& ledger);
};

}  // namespace stanch::respond

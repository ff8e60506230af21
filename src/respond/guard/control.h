#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "ledger/ledger.h"

// What people said about response as a whole: the fold of the stream `control`.

namespace stanch::respond {

struct PulledSwitch {
  std::string scope;  // "all", or the cloud, account or action that stops
  std::string by, reason;
  model::EntryCitation entry;
};

// How far a step goes that nobody asked for.
enum class Autonomy : uint8_t {
  kRun,
  kOne,
  kTwo,
  kNever
};  // now; with so many people; with people
std::string_view name_of(Autonomy autonomy);  // "run", "one", "two", "never"
std::optional<Autonomy> find_autonomy(std::string_view name);

// What a person said may run alone, or not: the latest that fits counts.
struct AutonomySetting {
  std::string action, account, environment;  // "*": any
  std::string autonomy;                      // name_of(Autonomy), or "shadow"
  std::optional<Time> until;                 // then it does not count any more
  std::string by, reason;
  Time at{};
};

struct Control {
  std::vector<PulledSwitch> switches;     // in force
  std::vector<AutonomySetting> autonomy;  // in the order in which they were said
  bool is_stopped_here = false;           // by the flag of this machine, which needs no ledger

  // The latest that fits and still counts; null: nobody said anything.
  const AutonomySetting* find_autonomy(std::string_view action, std::string_view account,
                                       std::string_view environment, Time now) const;

  static Result<Control> load(ledger::Ledger& ledger);
};

}  // namespace stanch::respond

#pragma once

#include <array>
#include <cstddef>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/text_arena.h"
#include "codec/json.h"
#include "model/event.h"
#include "normalize/normalize.h"

// A log of one's own, read with the map that somebody wrote for it (docs/formats/sources.md): what
// such a map says, and how events are read with it. Inside normalize/ only.

namespace stanch::normalize {

// The facts that a map may name a place for.
enum class OwnFact : size_t {
  kTime,
  kId,
  kAction,
  kService,
  kActor,
  kSession,
  kAddress,
  kUserAgent,
  kAccount,
  kRegion,
  kOutcome,
  kError,
};
inline constexpr std::string_view kOwnFactNames[] = {"time",    "id",      "action",  "service",
                                                     "actor",   "session", "address", "user_agent",
                                                     "account", "region",  "outcome", "error"};
inline constexpr size_t kOwnFacts = std::size(kOwnFactNames);

struct OwnSource {
  struct Says {
    std::string path;
    std::vector<std::string> values;
  };
  struct Target {
    std::string type, path;
  };

  std::string name;  // also the first word of its entities' ids
  std::string product, service, category;
  std::vector<std::string> needs;            // paths of what must be there
  std::vector<Says> says;                    // paths of texts that must be one of these
  std::array<std::string, kOwnFacts> facts;  // paths; empty: not told
  std::vector<Target> targets;
  std::vector<std::string> denied, failed;  // words of the outcome, in lower case

  const std::string& path_of(OwnFact fact) const { return facts[static_cast<size_t>(fact)]; }

  bool is_one(codec::JsonView event) const;
  // With the name of the log before it, as all such logs are one family.
  std::string_view event_id(codec::JsonView event, std::string& scratch) const;
  void extract(codec::JsonView event, TextArena& arena, model::Facts& out) const;
};

// All maps that were read.
struct OwnSources {
  std::vector<OwnSource> all;  // kOwnSourcesMax at most, asked in this order
};

// RFC 3339, without a zone UTC; or seconds, milliseconds … since 1970, by their number of digits.
std::optional<Time> own_time(std::string_view text);

}  // namespace stanch::normalize

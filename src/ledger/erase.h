#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "ledger/store.h"

// Erasing a payload, for privacy law: first an entry says so, with authority and
// reason, then the text goes. The chain still verifies, and shows the gap.

namespace stanch::ledger {

struct Erasure {
  model::StreamId stream;
  uint64_t sequence = 0;
  std::string authority, reason;
  std::string actor;
  Time time{};
};

// The entry that says so. May be repeated until it succeeds. kDenied if a legal hold is in force
// (on the stream, or on "control" for all), or the kind is never erased; kInvalid for a kind of a
// newer program, which alone knows whether it may be.
Result<model::EntryCitation> erase(Store& store, const Erasure& erasure);

// Holds in force on a stream, by name.
Result<std::vector<std::string>> legal_holds(Ledger& ledger, const model::StreamId& stream);

struct Expired {
  model::StreamId stream;
  uint64_t sequence = 0;
  std::string kind;
  std::string authority, reason;  // of the retention_set that it is older than
};

// Payloads that `retention_set` entries no longer keep at `now`, and no hold keeps; at most
// `limit` of them.
Result<std::vector<Expired>> expired(Store& store, Time now, size_t limit);

}  // namespace stanch::ledger

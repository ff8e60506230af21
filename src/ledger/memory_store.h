#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "env/env.h"
#include "ledger/store.h"

// A ledger in memory: for tests and simulated worlds, and for a run whose
// entries nobody keeps. It behaves as every backend does, and is simple enough
// to be a second opinion on them.

namespace stanch::ledger {

// What is "durable": it outlives the store, and the process that a simulated world ends.
struct MemoryState {
  struct Row {
    std::string stream, id, header;
    uint64_t sequence = 0;
    std::optional<model::EntryPayload> payload;
  };
  std::string id, origin;
  std::vector<Row> rows;                                // by number
  std::map<std::string, std::vector<uint64_t>> places;  // stream -> numbers by sequence
  std::map<std::string, codec::Sha256> heads;           // hash of the last entry of a stream
  std::map<std::pair<unsigned, uint64_t>, std::string> tiles;
  std::map<uint64_t, std::string> checkpoints;
  std::map<std::string, Lease, std::less<>> leases;
  std::map<std::string, IncidentRow> incidents;  // the list, made up to `incidents_cursor`
  Cursor incidents_cursor;
};

// In a simulated world every change is a call at which a crash may come: before it took effect, or
// after, when its caller has not heard of it. `env` must outlive the store.
std::unique_ptr<Store> open_memory(env::Env env, std::shared_ptr<MemoryState> state,
                                   const std::string& salt_key = "");

}  // namespace stanch::ledger

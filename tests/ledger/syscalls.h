#pragma once

#include <atomic>
#include <cstdint>

// The calls by which this process changes files, counted and made to fail. Linked into a test,
// the definitions in syscalls.cc stand before those of the C library, for SQLite too.

namespace stanch::faults {

enum class Fault : uint8_t {
  kNone,
  kKill,      // SIGKILL before the call
  kKillTorn,  // SIGKILL after a part of what it writes
  kError,     // it fails with `problem`, and does nothing
};

struct Plan {
  Fault fault = Fault::kNone;
  uint64_t at = 0;           // 1-based, among the calls counted
  int problem = 0;           // errno of kError
  bool stays = false;        // and all later ones fail too
  bool syncs_only = false;   // count fsync and fdatasync of files alone
  bool writes_only = false;  // count writes alone
};

struct Counters {
  std::atomic<uint64_t> calls = 0;
  std::atomic<uint64_t> unsynced =
      0;  // files written since they were synced: a bit for each below 64
};

// Counts from here on; not thread-safe. `counters` outlives it, and may be in shared memory.
void start(const Plan& plan, Counters* counters = nullptr);
uint64_t calls();  // since start()
void stop();

}  // namespace stanch::faults

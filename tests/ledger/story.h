#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "env/env.h"
#include "ledger/store.h"

// A scripted life of one ledger: made, appended to, checkpointed here and elsewhere, a payload
// erased. All of it may be repeated from its beginning, and ends the same.

namespace stanch::story {

struct Story {
  std::string folder;  // of this ledger alone
  std::string vfs;     // of SQLite; then what goes around SQLite is left out
  uint64_t rounds = 6;
  int log_frames = 1000;
  std::string holder = "story";  // of leases: a killed run's are its own again
};

// Told of each append that was answered as done: stream, and how many entries it has then; at the
// end of "end/".
using Acknowledge = std::function<void(const std::string&, uint64_t)>;

// Lives it, from wherever it was left off. The first error ends it.
Result<> live(env::Env env, const Story& story, const Acknowledge& acknowledge);

// Appends to a stream of its own until one append is refused, and then five times more; `begin` is
// called when the ledger is open. 0: all of the five were refused as by a ledger that has stopped.
int append_in_vain(env::Env env, const Story& story, const std::function<void()>& begin);

// Everything that the ledger says, as one text, if it verifies and holds no half of anything;
// else why not.
Result<std::string> tell(env::Env env, const Story& story);

// How many entries each stream has; empty if there is no ledger yet.
Result<std::vector<std::pair<std::string, uint64_t>>> heads(env::Env env, const Story& story);

}  // namespace stanch::story

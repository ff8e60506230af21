#pragma once

#include <span>
#include <vector>

#include "base/result.h"
#include "env/env.h"
#include "ledger/store.h"
#include "model/entry.h"

// Drafts -> entries that lack only their place: checked, canonical, salted,
// committed. The same for every backend, and done on the thread of the caller.

namespace stanch::ledger {

Result<std::vector<model::Entry>> prepare(const model::StreamId& stream,
                                          std::span<const model::EntryDraft> drafts,
                                          const SaltSource& salt);

// Drawn for each entry; or, for a replay that must give the same bytes again, computed from a key:
// then what is erased can be guessed by whoever has the key.
SaltSource random_salts(env::Random& random);
SaltSource keyed_salts(std::string key);

// Gives the entry its place, and returns its header line.
std::string place(model::Entry& entry, uint64_t sequence, const codec::Sha256& prev);

// The entry of a row: what its header says, and its payload.
Result<model::Entry> entry_of(const StoredEntry& row);
// For whoever is told what it says: kInvalid if its payload was changed.
Result<model::Entry> checked_entry_of(const StoredEntry& row);

}  // namespace stanch::ledger

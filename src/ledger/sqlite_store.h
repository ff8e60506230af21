#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "env/env.h"
#include "ledger/store.h"

// The ledger in one SQLite file (docs/formats/ledger.md): WAL, every commit
// synced, one writing thread. Several processes may have it open.
//
// A ledger whose file or folder is read-only (a copy on evidence media, a snapshot) can be read,
// verified and exported; what writes is refused with kDenied. If SQLite's shared memory is not
// beside it, nobody may write it meanwhile.

namespace stanch::ledger {

struct SqliteOptions {
  std::string vfs;       // of SQLite; "": the default. Tests give one that forgets
  std::string salt_key;  // "": salts are drawn; else see keyed_salts()
  // When the write-ahead log has grown by so many it is moved into the database.
  int log_frames = 1000;
};

// A new ledger at `path`, whose folder must exist; `origin` is its name in checkpoints, `id`
// one that no other ledger has. Does nothing and succeeds if exactly this ledger is there
// already, so that it may be repeated after a crash; kConflict if another is.
Result<> create_sqlite(env::Env env, const std::string& path, const std::string& id,
                       const std::string& origin, const SqliteOptions& options = {});

// kNotFound if there is none. `env` must outlive the store.
Result<std::unique_ptr<Store>> open_sqlite(env::Env env, const std::string& path,
                                           const SqliteOptions& options = {});

}  // namespace stanch::ledger

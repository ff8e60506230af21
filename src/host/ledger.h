#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "codec/note.h"
#include "env/env.h"
#include "ledger/store.h"

// Where the ledger is, and how it begins.

namespace stanch::host {

struct LedgerPlace {
  std::string path;      // of the SQLite file
  std::string key_path;  // of the key that signs its checkpoints
};

// `url` is "sqlite:PATH", or "" for ledger/ledger.db in the state folder. kInvalid for others.
Result<LedgerPlace> ledger_place(const std::string& url, const std::string& state_folder);

// --state, or its default: $XDG_STATE_HOME/stanch, ~/.local/state/stanch.
std::string state_folder(env::Variables& variables, const std::string& given);
// In it: for what waits to be sorted and does not fit into memory.
std::string spool_folder(env::Variables& variables, const std::string& given);

struct InitOptions {
  LedgerPlace place;
  std::string origin;  // "": made from the ledger's id
  std::string actor;
  std::string program;  // version
};

struct InitResult {
  std::string id, origin;
  codec::NoteKey key;
  bool created = false;  // false: it was there already
};

// Makes ledger and key, and the entries that begin "control". Repeating it after a crash completes
// it. kInvalid if the ledger is there under another origin.
Result<InitResult> init_ledger(env::Env env, const InitOptions& options);

// kNotFound says to run 'stanch ledger init'.
Result<std::unique_ptr<ledger::Store>> open_ledger(env::Env env, const LedgerPlace& place);

struct RotateOptions {
  LedgerPlace place;
  std::string actor, reason;
};
// A new key: announced in the ledger, then put in the place of the old one. Repeating it after a
// crash completes it.
Result<codec::NoteKey> rotate_key(env::Env env, ledger::Store& store, const RotateOptions& options);

struct ExportRecord {
  codec::Sha256 package{};               // Exported::package
  std::vector<model::StreamId> streams;  // empty: all
  std::string actor, reason;
};
// Says in "control" that a package left.
Result<> record_export(env::Env env, ledger::Store& store, const ExportRecord& record);

// A public key from a file: PEM, or a verifier key of that name.
Result<codec::NoteKey> load_verifier(env::Files& files, const std::string& path,
                                     const std::string& origin);

}  // namespace stanch::host

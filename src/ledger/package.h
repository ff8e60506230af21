#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "codec/note.h"
#include "env/env.h"
#include "ledger/store.h"
#include "ledger/verify.h"

// Entries for those who do not trust us: a folder (a BagIt bag, RFC 8493) whose
// every byte is signed, and which a script of a few lines checks with sha256sum
// and openssl (docs/formats/ledger.md).

namespace stanch::ledger {

// A file that goes with the entries, below data/.
struct Attachment {
  std::string name;  // "data/evidence/…"
  std::string path;  // of the file that is copied; or
  std::string text;  // what it holds
};

struct ExportOptions {
  std::string folder;                    // must not exist, or be empty
  std::vector<model::StreamId> streams;  // empty: all
  bool privileged = false;               // with the notes for counsel
  std::vector<Attachment> attachments = {};
  std::string program;  // version, for bag-info.txt
  Time now{};
};

struct Exported {
  uint64_t streams = 0, entries = 0, erased = 0, withheld = 0;
  codec::Sha256 package{};  // of its tagmanifest-sha256.txt, which covers all
};

// Writes what the newest checkpoint covers. kUnavailable if there is none; kInvalid if there is
// something in the folder; kNotFound if there is no such stream.
Result<Exported> export_package(Store& store, env::Env& env, const codec::SigningKey& key,
                                const ExportOptions& options);

struct PackageVerification {
  Verification entries;
  std::string origin;
  uint64_t size = 0;  // of the checkpoint
  bool key_from_package = false;
};

// Whether a package is what a ledger gave out. Without a key that of the package itself is taken,
// and then only shows that nothing was damaged. Any bytes are legal input.
Result<PackageVerification> verify_package(env::Env& env, const std::string& folder,
                                           const std::optional<codec::PublicKey>& key);

// The script that lies in every package.
std::string_view verify_script();

}  // namespace stanch::ledger

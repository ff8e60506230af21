#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "codec/note.h"
#include "codec/signature.h"
#include "env/env.h"
#include "ledger/ledger.h"

// The keys that checkpoints are signed with: a file of its owner beside the
// ledger, announced in the stream "control".

namespace stanch::ledger {

Result<codec::SigningKey> load_key(env::Files& files, const std::string& path);
// Draws a key and keeps it at `path`, durable when it returns. kConflict if a file is there.
Result<codec::SigningKey> make_key(env::Env& env, const std::string& path);

// The keys that the ledger announced, the newest last.
Result<std::vector<codec::NoteKey>> announced_keys(Ledger& ledger);

// The file's bytes, all of them or none, durable when it returns; not for secrets.
Result<> replace_file(env::Files& files, const std::string& path, std::string_view bytes);

// The whole of a file of at most `bytes_max`; kInvalid if it is larger.
Result<std::string> read_file(env::Files& files, const std::string& path, size_t bytes_max);

std::string folder_of(const std::string& path);

}  // namespace stanch::ledger

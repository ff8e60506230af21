#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "cloud/call.h"
#include "env/env.h"
#include "respond/evidence/trail_check.h"

// `stanch evidence validate-trail`: a folder that was downloaded from a trail's bucket -> what of
// it is proved. Everything but the words of the command line.

namespace stanch::host {

struct TrailFolder {
  respond::TrailFiles files;
  std::vector<std::string> unread;  // folders and files that could not be listed, with the reason
  uint64_t ignored = 0;             // files that are nothing of a trail
};

// Lists the folder, and reads the digests and the signatures kept beside them. kInvalid if it holds
// more than limits.h allows.
Result<TrailFolder> read_trail_folder(env::Files& files, const std::string& folder);

// Adds the keys of a file (what `aws cloudtrail list-public-keys` printed).
Result<> load_trail_keys(env::Files& files, const std::string& path, respond::TrailKeys& keys);
// Asks CloudTrail in each region of the digests for the keys of their time. Tells why a region
// gave none.
std::vector<std::string> ask_trail_keys(cloud::Caller& caller, const respond::TrailFiles& files,
                                        Time now, respond::TrailKeys& keys);

// Hashes what the digests name. `folder` as it was read.
respond::TrailReport validate_trail(env::Files& files, const std::string& folder,
                                    const respond::TrailFiles& trail,
                                    const respond::TrailKeys& keys);

}  // namespace stanch::host

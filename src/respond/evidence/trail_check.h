#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "respond/evidence/trail_digest.h"
#include "respond/evidence/trail_keys.h"
#include "respond/evidence/trail_report.h"

// Whether files that were downloaded from a trail's bucket are what CloudTrail delivered. Pure.

namespace stanch::respond {

struct FoundDigest {
  std::string path;  // below the folder
  // By the code of an error: kInvalid and kCorrupt, it is none; anything else, nobody could look.
  Result<TrailDigest> digest;
  std::optional<std::string> signature;  // hex, that somebody kept beside it
};

struct TrailFiles {
  std::vector<FoundDigest> digests;  // by path
  std::vector<std::string> others;   // paths of all other files, sorted: logs among them
};

// The hash of the uncompressed bytes of the file with that path. kCorrupt: it is damaged;
// otherwise it could not be read.
using HashOfTrailFile = std::function<Result<codec::Sha256>(const std::string& path)>;

TrailReport check_trail(const TrailFiles& files, const TrailKeys& keys,
                        const HashOfTrailFile& hash_of);

// The parts of it, in their order. What is said of each digest, in the order of `found`:
struct DigestJudgement {
  TrailReason reason = TrailReason::kUnsigned;
  std::string because;
};
std::vector<DigestJudgement> judge_digests(const std::vector<FoundDigest>& found,
                                           const TrailKeys& keys);
// The chains that they make up, with gaps, and with the digests that are missing in them.
void follow_chains(const std::vector<FoundDigest>& found,
                   const std::vector<DigestJudgement>& judged, TrailReport& report);
void judge_logs(const TrailFiles& files, const std::vector<DigestJudgement>& judged,
                const HashOfTrailFile& hash_of, TrailReport& report);

}  // namespace stanch::respond

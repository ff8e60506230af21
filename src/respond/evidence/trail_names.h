#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"

// What the names of the files of a trail say (CloudTrail User Guide, "CloudTrail log file name
// format", "CloudTrail digest file structure"):
//
//   AWSLogs/[O-ID/]ACCOUNT/CloudTrail-Digest/REGION/Y/M/D/
//     ACCOUNT_CloudTrail-Digest_REGION_TRAIL_HOMEREGION_20260301T010000Z[_backfill].json.gz
//   AWSLogs/[O-ID/]ACCOUNT/CloudTrail/REGION/Y/M/D/
//     ACCOUNT_CloudTrail_REGION_20260301T0005Z_UNIQUE.json.gz

namespace stanch::respond {

enum class TrailFileKind : uint8_t {
  kDigest,
  kSignature,  // of the digest whose path it has with ".signature" behind it
  kLog,        // of events or insights
  kOther,      // nothing that CloudTrail would write; a digest may name it all the same
};
inline constexpr std::string_view kSignatureSuffix = ".signature";
TrailFileKind kind_of_trail_file(std::string_view path);

// The last part of a path, without the ".gz" that it loses where something inflates it.
std::string_view trail_base(std::string_view path);

// Whether a file that was downloaded to `path` may be the object with that key: it has the same
// name; and where the path still has a folder AWSLogs, all from there on is the same.
bool lies_there(std::string_view path, std::string_view key);

// What digests of one trail, account and region have in common: the name without its time. Backfill
// digests are a chain of their own.
std::string chain_of_digest(std::string_view key);
bool is_backfill_digest(std::string_view key);
std::string region_of_digest(std::string_view key);  // "" if it says none

struct LogName {
  std::string_view account, region;
  Time delivered;  // to the minute
};
std::optional<LogName> read_log_name(std::string_view path);

}  // namespace stanch::respond

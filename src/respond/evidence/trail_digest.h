#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "codec/hash.h"

// A digest file of CloudTrail: which log files one hour brought, each with its hash, and which
// digest was before it. What it means is in the CloudTrail User Guide, "CloudTrail digest file
// structure" and "Custom implementations of CloudTrail log file integrity validation"; here it is
// docs/formats/evidence.md.

namespace stanch::respond {

struct TrailObject {  // of S3
  std::string bucket, key;
  auto operator<=>(const TrailObject&) const = default;
};
std::string path_of(const TrailObject& object);  // "bucket/key"

struct NamedLog {
  TrailObject object;
  // Of its uncompressed bytes; nothing if it was hashed otherwise than with SHA-256.
  std::optional<codec::Sha256> sha256;
};

struct PreviousDigest {
  TrailObject object;
  std::optional<codec::Sha256> sha256;  // as of logs
  std::string signature;                // hex, as it is written; "" if there is none
};

struct TrailDigest {
  TrailObject object;  // where it says that it lies
  std::string account;
  std::string end_text;  // the end as it is written, which is what is signed
  Time from{}, to{};     // of delivery
  std::string fingerprint, algorithm;
  std::optional<PreviousDigest> previous;  // without it: one that begins a chain
  std::vector<NamedLog> logs;
  codec::Sha256 sha256{};  // of its own uncompressed bytes

  // What CloudTrail signs.
  std::string string_to_sign() const;
};

inline constexpr std::string_view kDigestAlgorithm = "SHA256withRSA";

// kInvalid says what is wrong. `text` is uncompressed.
Result<TrailDigest> read_trail_digest(std::string_view text);

// The signature that the metadata of a digest's object has, as people keep it: its hex digits, or
// what `aws s3api head-object` printed. Gives the digits; what is neither comes back as it is, and
// verifies nothing.
std::string read_kept_signature(std::string_view text);

}  // namespace stanch::respond

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "respond/evidence/trail_digest.h"

// What there is to say about the files of a trail. Nothing is called valid that is not proved, and
// nothing invalid that only could not be looked at.

namespace stanch::respond {

enum class TrailVerdict : uint8_t { kValid, kInvalid, kNotProvable };
inline constexpr size_t kTrailVerdicts = 3;
std::string_view name_of(TrailVerdict verdict);  // "valid", "invalid", "not-provable"

// Why. Each has one verdict, a name and words: one row of a table.
enum class TrailReason : uint8_t {
  // valid
  kSigned,   // a digest: its signature holds
  kChained,  // a digest: a valid one has its hash
  kHashed,   // a log file: a valid digest has its hash
  // invalid
  kMissing,
  kChanged,
  kBadSignature,
  kContradicted,
  kDamaged,
  kMalformed,
  kMoved,
  // not provable
  kUnsigned,
  kSignatureLost,
  kNoKey,
  kOtherAlgorithm,
  kNamedByUnproven,
  kNamedByInvalid,
  kUnlisted,
  kUnlistedCovered,
  kUnreadable,
};
inline constexpr size_t kTrailReasons = 19;
TrailVerdict verdict_of(TrailReason reason);
std::string_view name_of(TrailReason reason);   // "bad-signature"
std::string_view words_of(TrailReason reason);  // "the signature does not hold"

struct TrailItem {
  bool is_digest = false;
  std::string path;    // below the folder; "": there is no such file
  TrailObject object;  // what it is of the trail; empty where nobody says
  TrailReason reason = TrailReason::kSigned;
  std::string because;                  // path of the file that says so, or what is wrong with it
  std::optional<codec::Sha256> sha256;  // of its uncompressed bytes, where they were read
};

// A time between two digests of a chain that no digest speaks for.
struct TrailGap {
  enum class Why : uint8_t {
    kBegunAnew,  // validation or logging was stopped, and begun again
    kJump,       // the later one begins after the end of the earlier one
    kLost,       // what was between them is missing, or worth nothing
  };
  std::string chain;
  Time from{}, to{};
  Why why = Why::kLost;
};
std::string_view name_of(TrailGap::Why why);  // "begun-anew", "jump", "lost"

// The digests of one trail, account and region that are not invalid.
struct TrailChain {
  std::string name;
  size_t digests = 0;
  Time from{}, to{};
  bool is_backfill = false;
  bool begins = false;  // its oldest digest is the first that there ever was
  std::string before;   // else the key of the one before that, which is not here
};

struct TrailReport {
  std::vector<TrailItem> digests, logs;  // by path; what is missing behind them
  std::vector<TrailChain> chains;
  std::vector<TrailGap> gaps;

  struct Counts {
    size_t of[kTrailVerdicts] = {};
    size_t operator[](TrailVerdict verdict) const { return of[static_cast<size_t>(verdict)]; }
  };
  Counts count_digests() const;
  Counts count_logs() const;
  bool could_read_all() const;
  // Invalid if anything is; valid if all is, there is a digest, and no time is left out.
  TrailVerdict verdict() const;
};

}  // namespace stanch::respond

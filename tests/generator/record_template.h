#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "generator/random.h"

// Text with `${slot}` in it, cut once into pieces, then only appended.

namespace stanch::generator {

// Values that a script keeps from its first call to its last.
enum class Kept : uint8_t {
  kAccount,
  kOther,
  kRegion,
  kIdentity,
  kAddress,
  kAgent,
  kTail,
  kService,
  kPerson,
  kBucket,
  kFunction,
  kRole,
  kKey,
  kVpc,
  kSubnet,
  kGroup,
  kInstance,
  kDatabase,
  kCluster,
  kSecret,
  kImage,
  kInterface,
  kVolume,
  kTag,
  kPrincipal,
  kForeign,
};
inline constexpr size_t kKeptCount = 26;
using KeptValues = std::array<std::string, kKeptCount>;

struct Moment {
  std::string_view time;   // RFC 3339, seconds
  std::string_view words;  // "Nov 2, 2026, 1:02:03 AM", as CloudTrail writes times in responses
};

class RecordTemplate {
 public:
  // `text` must name known slots only.
  explicit RecordTemplate(std::string text);

  void append(const KeptValues& kept, const Moment& moment, Random& random, std::string& out) const;

 private:
  enum class Fresh : uint8_t {
    kNone,
    kTime,
    kWords,
    kUuid,
    kHex8,
    kHex17,
    kHex32,
    kHex64,
    kBase32x16,
    kBase32x60,
    kNumber,
    kBytes
  };
  struct Piece {
    std::string literal;
    bool has_slot = false;
    bool is_kept = false;
    Kept kept = Kept::kAccount;
    Fresh fresh = Fresh::kNone;
  };
  std::vector<Piece> pieces_;
};

}  // namespace stanch::generator

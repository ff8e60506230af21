#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "codec/json.h"
#include "codec/rsa.h"

// The public keys that CloudTrail signs its digests for, as cloudtrail:ListPublicKeys tells them:
// the root of all that a validation says. Whoever hands in others proves nothing.

namespace stanch::respond {

inline constexpr size_t kTrailKeysMax = 100'000;

class TrailKeys {
 public:
  // What `aws cloudtrail list-public-keys` prints. kInvalid if it is no such list, and if it has
  // another key for a fingerprint that is known.
  Result<> add(std::string_view json);
  Result<> add(codec::JsonView list);

  // Null if there is none, or if it is none that is understood.
  const codec::RsaPublicKey* find(const std::string& fingerprint) const;

  struct Key {
    std::string value;  // base64 of its DER, as it was told
    std::optional<codec::RsaPublicKey> key;
  };
  const std::map<std::string, Key>& all() const { return keys_; }

 private:
  std::map<std::string, Key> keys_;  // by fingerprint
};

}  // namespace stanch::respond

#pragma once

#include <memory>
#include <string_view>
#include <utility>

#include "base/result.h"

// RSA signatures with SHA-256 (RFC 8017, RSASSA-PKCS1-v1_5), as others make them: here they are
// only verified. What Stanch signs itself is Ed25519 (signature.h).

namespace stanch::codec {

// Shorter keys prove little; what longer ones cost, whoever hands them in decides.
inline constexpr int kRsaBitsMin = 2048;
inline constexpr int kRsaBitsMax = 8192;

class RsaPublicKey {
 public:
  // Of DER: RSAPublicKey (PKCS #1, RFC 8017 appendix A.1.1), or that inside a SubjectPublicKeyInfo
  // (RFC 5280), with nothing behind it. kInvalid for anything else, and outside of those bits.
  static Result<RsaPublicKey> parse(std::string_view der);

  // Any thread. False for whatever is no signature of exactly that message.
  bool verify(std::string_view message, std::string_view signature) const;

 private:
  struct Free {
    void operator()(void* key) const;
  };
  explicit RsaPublicKey(std::unique_ptr<void, Free> key) : key_(std::move(key)) {}

  std::unique_ptr<void, Free> key_;  // OpenSSL's
};

}  // namespace stanch::codec

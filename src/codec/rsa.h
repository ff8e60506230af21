#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"

// RSA signatures with SHA-256 (RFC 8017, RSASSA-PKCS1-v1_5). They are made only where a provider
// asks for them (RS256, RFC 7518); what Stanch signs for itself is Ed25519 (signature.h).

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

// A private key. Its bytes are wiped when it goes.
class RsaSigningKey {
 public:
  // The first private key of a PEM text: PKCS #8 or PKCS #1 (RFC 7468), not encrypted. kInvalid for
  // anything else, and outside of those bits; the reason holds nothing of the text.
  static Result<RsaSigningKey> parse_pem(std::string_view pem);

  // Any thread.
  std::string sign(std::string_view message) const;
  std::string public_der() const;  // PKCS #1

 private:
  struct Free {
    void operator()(void* key) const;
  };
  explicit RsaSigningKey(std::unique_ptr<void, Free> key) : key_(std::move(key)) {}

  std::unique_ptr<void, Free> key_;  // OpenSSL's
};

// The bytes (DER) of the first certificate of a PEM text that is one; kInvalid if there is none.
Result<std::string> certificate_der_of_pem(std::string_view pem);

}  // namespace stanch::codec

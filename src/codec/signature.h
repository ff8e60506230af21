#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

// Ed25519 (RFC 8032), and its keys as the PEM files that openssl reads.

namespace stanch::codec {

using Signature = std::array<uint8_t, 64>;

struct PublicKey {
  std::array<uint8_t, 32> bytes{};
  bool operator==(const PublicKey&) const = default;
};

// A private key. Its bytes are wiped when it goes. Any thread may sign.
class SigningKey {
 public:
  using Seed = std::array<uint8_t, 32>;

  explicit SigningKey(const Seed& seed);
  SigningKey(SigningKey&&) noexcept;
  SigningKey& operator=(SigningKey&&) noexcept;
  ~SigningKey();

  const PublicKey& public_key() const { return public_key_; }
  Signature sign(std::string_view message) const;
  std::string to_pem() const;  // PKCS #8 (RFC 8410): secret

 private:
  Seed seed_;
  PublicKey public_key_;
};

bool verify(const PublicKey& key, std::string_view message, std::span<const uint8_t> signature);

std::string to_pem(const PublicKey& key);  // SubjectPublicKeyInfo (RFC 8410)

// Only what to_pem() and `openssl genpkey -algorithm ed25519` write; kInvalid for anything else.
Result<SigningKey> parse_private_pem(std::string_view pem);
Result<PublicKey> parse_public_pem(std::string_view pem);

}  // namespace stanch::codec

#include "codec/hash.h"

#include <openssl/evp.h>
#include <xxhash.h>

#include "base/check.h"

namespace stanch::codec {

Sha256 sha256(std::string_view bytes) {
  Sha256 digest;
  unsigned length = 0;
  const int ok =
      EVP_Digest(bytes.data(), bytes.size(), digest.data(), &length, EVP_sha256(), nullptr);
  CHECK(ok == 1 && length == digest.size());
  return digest;
}

std::string to_hex(std::span<const uint8_t> bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const uint8_t byte : bytes) {
    out += kDigits[byte >> 4];
    out += kDigits[byte & 15];
  }
  return out;
}

std::string to_base32(std::span<const uint8_t> bytes) {
  constexpr char kDigits[] = "abcdefghijklmnopqrstuvwxyz234567";
  std::string out;
  out.reserve((bytes.size() * 8 + 4) / 5);
  uint32_t bits = 0;  // the lowest `count` of them are not written yet
  unsigned count = 0;
  for (const uint8_t byte : bytes) {
    bits = bits << 8 | byte;
    for (count += 8; count >= 5; count -= 5) out += kDigits[bits >> (count - 5) & 31];
  }
  if (count > 0) out += kDigits[bits << (5 - count) & 31];
  return out;
}

Sha256Fields& Sha256Fields::add(std::string_view field) {
  for (unsigned shift = 0; shift < 64; shift += 8) {
    buffer_ += static_cast<char>(uint64_t{field.size()} >> shift);
  }
  buffer_ += field;
  return *this;
}

Sha256 Sha256Fields::finish() const { return sha256(buffer_); }

uint64_t keyed_hash(HashSecret secret, std::string_view bytes) {
  return XXH3_64bits_withSeed(bytes.data(), bytes.size(), secret.value);
}

}  // namespace stanch::codec

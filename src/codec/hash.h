#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace stanch::codec {

using Sha256 = std::array<uint8_t, 32>;

Sha256 sha256(std::string_view bytes);

// The hash of bytes that come piece by piece.
class Sha256Stream {
 public:
  Sha256Stream();
  ~Sha256Stream();
  Sha256Stream(const Sha256Stream&) = delete;
  Sha256Stream& operator=(const Sha256Stream&) = delete;

  Sha256Stream& add(std::string_view bytes);
  Sha256 finish();  // once; nothing may be added after it

 private:
  void* context_;  // OpenSSL's
};

// RFC 2104 with SHA-256; a key of any length.
Sha256 hmac_sha256(std::string_view key, std::string_view bytes);

std::string to_hex(std::span<const uint8_t> bytes);  // lower case
// The bytes of an even number of hexadecimal digits, in either case; nothing for other text.
std::optional<std::string> decode_hex(std::string_view hex);
// The hash written by to_hex(), and nothing else.
std::optional<Sha256> sha256_of_hex(std::string_view hex);

// RFC 4648 base32, lower case, no padding. Used in ids that people read out.
std::string to_base32(std::span<const uint8_t> bytes);
constexpr size_t base32_size(size_t bytes) { return (bytes * 8 + 4) / 5; }
void write_base32(std::span<const uint8_t> bytes, char* to);  // base32_size() characters

// Hashes several fields into one, so that ("ab","c") and ("a","bc") differ:
// each field is preceded by its length as 8 bytes, little end first.
class Sha256Fields {
 public:
  Sha256Fields();
  Sha256Fields& add(std::string_view field);
  Sha256 finish() const;

 private:
  std::string buffer_;
};

// The secret of this process's hash tables. Whoever writes the logs chooses
// the keys of our tables; without the secret they cannot make them collide.
struct HashSecret {
  uint64_t value = 0;
};

// Fast, keyed, not cryptographic (XXH3). Equal only within one secret.
uint64_t keyed_hash(HashSecret secret, std::string_view bytes);

}  // namespace stanch::codec

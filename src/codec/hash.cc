#include "codec/hash.h"

#include <openssl/evp.h>
#include <xxhash.h>
#ifdef __x86_64__
// XXH3 with the widest vectors that this processor has: it replaces the names of xxhash.h.
#include <xxh_x86dispatch.h>
#endif

#include <memory>

#include "base/check.h"

namespace stanch::codec {

namespace {

// OpenSSL finds an algorithm by its name and makes room for its state at every call, which
// takes longer than to hash a short text; so both are kept, the state once a thread.
class Sha256State {
 public:
  Sha256State() : state_(EVP_MD_CTX_new(), &EVP_MD_CTX_free) {
    static EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
    CHECK(state_ && EVP_DigestInit_ex2(state_.get(), algorithm, nullptr) == 1);
  }

  Sha256 hash(std::string_view bytes) {
    Sha256 digest;
    unsigned length = 0;
    CHECK(EVP_DigestInit_ex2(state_.get(), nullptr, nullptr) == 1 &&
          EVP_DigestUpdate(state_.get(), bytes.data(), bytes.size()) == 1 &&
          EVP_DigestFinal_ex(state_.get(), digest.data(), &length) == 1);
    CHECK(length == digest.size());
    return digest;
  }

 private:
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> state_;
};

}  // namespace

Sha256 sha256(std::string_view bytes) {
  thread_local Sha256State state;
  return state.hash(bytes);
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

void write_base32(std::span<const uint8_t> bytes, char* to) {
  constexpr char kDigits[] = "abcdefghijklmnopqrstuvwxyz234567";
  uint32_t bits = 0;  // the lowest `count` of them are not written yet
  unsigned count = 0;
  for (const uint8_t byte : bytes) {
    bits = bits << 8 | byte;
    for (count += 8; count >= 5; count -= 5) *to++ = kDigits[bits >> (count - 5) & 31];
  }
  if (count > 0) *to = kDigits[bits << (5 - count) & 31];
}

std::string to_base32(std::span<const uint8_t> bytes) {
  std::string out(base32_size(bytes.size()), '\0');
  write_base32(bytes, out.data());
  return out;
}

Sha256Fields::Sha256Fields() { buffer_.reserve(256); }

Sha256Fields& Sha256Fields::add(std::string_view field) {
  std::array<char, 8> size;
  for (unsigned i = 0; i < 8; ++i) size[i] = static_cast<char>(uint64_t{field.size()} >> i * 8);
  buffer_.append(size.data(), size.size());
  buffer_ += field;
  return *this;
}

Sha256 Sha256Fields::finish() const { return sha256(buffer_); }

uint64_t keyed_hash(HashSecret secret, std::string_view bytes) {
  return XXH3_64bits_withSeed(bytes.data(), bytes.size(), secret.value);
}

}  // namespace stanch::codec

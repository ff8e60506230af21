#include "codec/hash.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <xxhash.h>
#ifdef __x86_64__
// XXH3 with the widest vectors that this processor has: it replaces the names of xxhash.h.
#include <xxh_x86dispatch.h>
#endif

#include <climits>
#include <iterator>

#include "base/check.h"

namespace stanch::codec {

namespace {

// OpenSSL finds an algorithm by its name at every call, which takes longer than to hash a short
// text; so it is fetched once.
const EVP_MD* sha256_method() {
  static const EVP_MD* const method = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  CHECK(method != nullptr);
  return method;
}

// So does making room for its state: what is done with is kept, a few a thread.
class Contexts {
 public:
  ~Contexts() {
    for (size_t i = 0; i < count_; ++i) EVP_MD_CTX_free(free_[i]);
  }
  EVP_MD_CTX* take() {
    EVP_MD_CTX* context = count_ > 0 ? free_[--count_] : EVP_MD_CTX_new();
    CHECK(context != nullptr);
    CHECK(EVP_DigestInit_ex2(context, sha256_method(), nullptr) == 1);
    return context;
  }
  void give(EVP_MD_CTX* context) {
    if (count_ < std::size(free_)) {
      free_[count_++] = context;
    } else {
      EVP_MD_CTX_free(context);
    }
  }

 private:
  EVP_MD_CTX* free_[4] = {};
  size_t count_ = 0;
};

thread_local Contexts contexts;

}  // namespace

Sha256 sha256(std::string_view bytes) { return Sha256Stream().add(bytes).finish(); }

Sha256Stream::Sha256Stream() : context_(contexts.take()) {}
Sha256Stream::~Sha256Stream() { contexts.give(static_cast<EVP_MD_CTX*>(context_)); }

Sha256Stream& Sha256Stream::add(std::string_view bytes) {
  CHECK(EVP_DigestUpdate(static_cast<EVP_MD_CTX*>(context_), bytes.data(), bytes.size()) == 1);
  return *this;
}

Sha256 Sha256Stream::finish() {
  Sha256 digest;
  unsigned length = 0;
  auto* context = static_cast<EVP_MD_CTX*>(context_);
  CHECK(EVP_DigestFinal_ex(context, digest.data(), &length) == 1 && length == digest.size());
  return digest;
}

Sha256 hmac_sha256(std::string_view key, std::string_view bytes) {
  Sha256 code;
  unsigned length = 0;
  CHECK(key.size() <= size_t{INT_MAX});
  // A null key would mean that of the last call.
  const char* const key_bytes = key.empty() ? "" : key.data();
  const auto* const data = reinterpret_cast<const unsigned char*>(bytes.data());
  CHECK(HMAC(sha256_method(), key_bytes, static_cast<int>(key.size()), data, bytes.size(),
             code.data(), &length) != nullptr);
  CHECK(length == code.size());
  return code;
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

std::optional<std::string> decode_hex(std::string_view hex) {
  const auto digit = [](char c) {
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
  };
  if (hex.size() % 2 != 0) return std::nullopt;
  std::string bytes;
  bytes.reserve(hex.size() / 2);
  for (size_t i = 0; i < hex.size(); i += 2) {
    const int high = digit(hex[i]), low = digit(hex[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    bytes += static_cast<char>(high << 4 | low);
  }
  return bytes;
}

std::optional<Sha256> sha256_of_hex(std::string_view hex) {
  Sha256 hash;
  if (hex.size() != 2 * hash.size()) return std::nullopt;
  const auto digit = [](char c) {
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
  };
  for (size_t i = 0; i < hash.size(); ++i) {
    const int high = digit(hex[2 * i]), low = digit(hex[2 * i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    hash[i] = static_cast<uint8_t>(high << 4 | low);
  }
  return hash;
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

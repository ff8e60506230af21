#include "codec/signature.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "codec/base64.h"

namespace stanch::codec {
namespace {

struct FreeKey {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
struct FreeContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using Key = std::unique_ptr<EVP_PKEY, FreeKey>;
using Context = std::unique_ptr<EVP_MD_CTX, FreeContext>;

const uint8_t* bytes_of(std::string_view text) {
  return reinterpret_cast<const uint8_t*>(text.data());
}

// RFC 8410 fixes every byte of the DER forms before the key itself.
constexpr std::string_view kPrivatePrefix(
    "\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20", 16);
constexpr std::string_view kPublicPrefix("\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00", 12);

std::string pem(std::string_view label, std::string_view prefix, std::span<const uint8_t> key) {
  std::string der(prefix);
  der.append(key.begin(), key.end());
  std::string text = "-----BEGIN ";
  text.append(label).append("-----\n");
  std::string base64 = encode_base64(der);  // 64 characters at most: one line
  text.append(base64).append("\n-----END ").append(label).append("-----\n");
  OPENSSL_cleanse(der.data(), der.size());
  OPENSSL_cleanse(base64.data(), base64.size());
  return text;
}

Result<std::array<uint8_t, 32>> key_in_pem(std::string_view label, std::string_view prefix,
                                           std::string_view text) {
  const Error refused(ErrorCode::kInvalid,
                      "this is no Ed25519 key: no PEM block \"" + std::string(label) + "\"");
  const std::string begin = "-----BEGIN " + std::string(label) + "-----\n";
  const std::string end = "\n-----END " + std::string(label) + "-----\n";
  if (!text.starts_with(begin) || !text.ends_with(end) || text.size() < begin.size() + end.size()) {
    return refused;
  }
  text.remove_prefix(begin.size());
  text.remove_suffix(end.size());
  std::optional<std::string> der = decode_base64(text);
  std::array<uint8_t, 32> key;
  if (!der || der->size() != prefix.size() + key.size() || !der->starts_with(prefix)) {
    return refused;
  }
  std::copy(der->begin() + static_cast<ptrdiff_t>(prefix.size()), der->end(), key.begin());
  OPENSSL_cleanse(der->data(), der->size());
  return key;
}

}  // namespace

SigningKey::SigningKey(const Seed& seed) : seed_(seed) {
  const Key key(
      EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, seed_.data(), seed_.size()));
  CHECK(key != nullptr);
  size_t size = public_key_.bytes.size();
  CHECK(EVP_PKEY_get_raw_public_key(key.get(), public_key_.bytes.data(), &size) == 1);
  CHECK(size == public_key_.bytes.size());
}

SigningKey::SigningKey(SigningKey&& other) noexcept
    : seed_(other.seed_), public_key_(other.public_key_) {
  OPENSSL_cleanse(other.seed_.data(), other.seed_.size());
}

SigningKey& SigningKey::operator=(SigningKey&& other) noexcept {
  std::swap(seed_, other.seed_);
  std::swap(public_key_, other.public_key_);
  return *this;
}

SigningKey::~SigningKey() { OPENSSL_cleanse(seed_.data(), seed_.size()); }

Signature SigningKey::sign(std::string_view message) const {
  const Key key(
      EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, seed_.data(), seed_.size()));
  const Context context(EVP_MD_CTX_new());
  CHECK(key && context);
  CHECK(EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1);
  Signature signature;
  size_t size = signature.size();
  CHECK(EVP_DigestSign(context.get(), signature.data(), &size, bytes_of(message), message.size()) ==
        1);
  CHECK(size == signature.size());
  return signature;
}

std::string SigningKey::to_pem() const { return pem("PRIVATE KEY", kPrivatePrefix, seed_); }

bool verify(const PublicKey& public_key, std::string_view message,
            std::span<const uint8_t> signature) {
  const Key key(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, public_key.bytes.data(),
                                            public_key.bytes.size()));
  const Context context(EVP_MD_CTX_new());
  // Any 32 bytes make a key here; those that are no point of the curve verify nothing.
  if (!key || !context || signature.size() != std::tuple_size_v<Signature>) return false;
  return EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
         EVP_DigestVerify(context.get(), signature.data(), signature.size(), bytes_of(message),
                          message.size()) == 1;
}

std::string to_pem(const PublicKey& key) { return pem("PUBLIC KEY", kPublicPrefix, key.bytes); }

Result<SigningKey> parse_private_pem(std::string_view text) {
  TRY(auto seed, key_in_pem("PRIVATE KEY", kPrivatePrefix, text));
  SigningKey key(seed);
  OPENSSL_cleanse(seed.data(), seed.size());
  return key;
}

Result<PublicKey> parse_public_pem(std::string_view text) {
  TRY(const auto bytes, key_in_pem("PUBLIC KEY", kPublicPrefix, text));
  return PublicKey{bytes};
}

}  // namespace stanch::codec

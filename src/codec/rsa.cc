#include "codec/rsa.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "base/check.h"

namespace stanch::codec {

namespace {

struct FreeRsaContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

const unsigned char* rsa_bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

// What OpenSSL says of a failure stays in a queue of the thread, where the next user of OpenSSL (a
// TLS connection) would take it for its own.
class ForgottenErrors {
 public:
  ForgottenErrors() = default;
  ~ForgottenErrors() { ERR_clear_error(); }
  ForgottenErrors(const ForgottenErrors&) = delete;
  ForgottenErrors& operator=(const ForgottenErrors&) = delete;
};

}  // namespace

void RsaPublicKey::Free::operator()(void* key) const { EVP_PKEY_free(static_cast<EVP_PKEY*>(key)); }

Result<RsaPublicKey> RsaPublicKey::parse(std::string_view der) {
  constexpr size_t kDerBytesMax = 4096;  // a key of kRsaBitsMax has about 1,100
  const Error refused(ErrorCode::kInvalid, "this is no RSA public key in DER");
  if (der.empty() || der.size() > kDerBytesMax) return refused;
  const ForgottenErrors forgotten;
  const auto size = static_cast<long>(der.size());
  const unsigned char* at = rsa_bytes(der);
  std::unique_ptr<void, Free> key(d2i_PublicKey(EVP_PKEY_RSA, nullptr, &at, size));
  if (key == nullptr) {
    at = rsa_bytes(der);
    key.reset(d2i_PUBKEY(nullptr, &at, size));
  }
  auto* const raw = static_cast<EVP_PKEY*>(key.get());
  if (raw == nullptr || at != rsa_bytes(der) + der.size()) return refused;
  if (EVP_PKEY_get_base_id(raw) != EVP_PKEY_RSA) return refused;
  const int bits = EVP_PKEY_get_bits(raw);
  if (bits < kRsaBitsMin || bits > kRsaBitsMax) {
    return Error(ErrorCode::kInvalid, "an RSA key of " + std::to_string(bits) + " bits");
  }
  return RsaPublicKey(std::move(key));
}

bool RsaPublicKey::verify(std::string_view message, std::string_view signature) const {
  const ForgottenErrors forgotten;
  const std::unique_ptr<EVP_MD_CTX, FreeRsaContext> context(EVP_MD_CTX_new());
  CHECK(context != nullptr);
  // RSA keys sign with PKCS #1 v1.5 unless another padding is asked for.
  return EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr,
                              static_cast<EVP_PKEY*>(key_.get())) == 1 &&
         EVP_DigestVerify(context.get(), rsa_bytes(signature), signature.size(), rsa_bytes(message),
                          message.size()) == 1;
}

namespace {

constexpr size_t kPemBytesMax = size_t{256} << 10;

struct FreePemBio {
  void operator()(BIO* bio) const { BIO_free(bio); }
};

std::unique_ptr<BIO, FreePemBio> pem_bio(std::string_view text) {
  std::unique_ptr<BIO, FreePemBio> bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  CHECK(bio != nullptr);
  return bio;
}

// Nobody is there who could be asked.
int no_password(char*, int, int, void*) { return -1; }

template <typename Write>
std::string der_of(Write write, const auto* object) {
  unsigned char* bytes = nullptr;
  const int size = write(object, &bytes);
  CHECK(size > 0);
  std::string der(reinterpret_cast<const char*>(bytes), static_cast<size_t>(size));
  OPENSSL_free(bytes);
  return der;
}

}  // namespace

void RsaSigningKey::Free::operator()(void* key) const {
  EVP_PKEY_free(static_cast<EVP_PKEY*>(key));
}

Result<RsaSigningKey> RsaSigningKey::parse_pem(std::string_view pem) {
  const Error refused(ErrorCode::kInvalid, "there is no RSA private key that is not encrypted");
  if (pem.empty() || pem.size() > kPemBytesMax) return refused;
  const ForgottenErrors forgotten;
  const auto bio = pem_bio(pem);
  std::unique_ptr<void, Free> key(
      PEM_read_bio_PrivateKey(bio.get(), nullptr, no_password, nullptr));
  auto* const raw = static_cast<EVP_PKEY*>(key.get());
  if (raw == nullptr || EVP_PKEY_get_base_id(raw) != EVP_PKEY_RSA) return refused;
  const int bits = EVP_PKEY_get_bits(raw);
  if (bits < kRsaBitsMin || bits > kRsaBitsMax) {
    return Error(ErrorCode::kInvalid, "an RSA key of " + std::to_string(bits) + " bits");
  }
  return RsaSigningKey(std::move(key));
}

std::string RsaSigningKey::sign(std::string_view message) const {
  const std::unique_ptr<EVP_MD_CTX, FreeRsaContext> context(EVP_MD_CTX_new());
  CHECK(context != nullptr);
  auto* const raw = static_cast<EVP_PKEY*>(key_.get());
  CHECK(EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, raw) == 1);
  size_t size = static_cast<size_t>(EVP_PKEY_get_size(raw));
  std::string signature(size, '\0');
  CHECK(EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                       rsa_bytes(message), message.size()) == 1);
  signature.resize(size);
  return signature;
}

std::string RsaSigningKey::public_der() const {
  return der_of(i2d_PublicKey, static_cast<const EVP_PKEY*>(key_.get()));
}

Result<std::string> certificate_der_of_pem(std::string_view pem) {
  const Error refused(ErrorCode::kInvalid, "there is no certificate");
  if (pem.empty() || pem.size() > kPemBytesMax) return refused;
  const ForgottenErrors forgotten;
  const auto bio = pem_bio(pem);
  const std::unique_ptr<X509, void (*)(X509*)> certificate(
      PEM_read_bio_X509(bio.get(), nullptr, no_password, nullptr), X509_free);
  if (certificate == nullptr) return refused;
  return der_of(i2d_X509, static_cast<const X509*>(certificate.get()));
}

}  // namespace stanch::codec

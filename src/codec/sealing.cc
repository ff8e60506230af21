#include "codec/sealing.h"

#include <openssl/bio.h>
#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "base/check.h"

namespace stanch::codec {

namespace {

template <auto kFree>
struct FreeOf {
  template <typename T>
  void operator()(T* thing) const {
    kFree(thing);
  }
};
using Bio = std::unique_ptr<BIO, FreeOf<BIO_free_all>>;
using Message = std::unique_ptr<CMS_ContentInfo, FreeOf<CMS_ContentInfo_free>>;

Bio bio_of(std::string_view bytes) {
  return Bio(BIO_new_mem_buf(bytes.data(), static_cast<int>(bytes.size())));
}

bool is_strong(EVP_PKEY* key) {
  constexpr int kRsaBits = 2048, kCurveBits = 256;
  const int type = key == nullptr ? EVP_PKEY_NONE : EVP_PKEY_get_base_id(key);
  return (type == EVP_PKEY_RSA && EVP_PKEY_get_bits(key) >= kRsaBits) ||
         (type == EVP_PKEY_EC && EVP_PKEY_get_bits(key) >= kCurveBits);
}

}  // namespace

Result<SealingKey> SealingKey::parse(std::string_view pem) {
  constexpr size_t kPemBytesMax = 64 << 10;
  const Error refused(ErrorCode::kInvalid,
                      "no certificate with an RSA key of 2048 bits or a key on a curve of 256");
  if (pem.size() > kPemBytesMax) return refused;
  const Bio bio = bio_of(pem);
  X509* const read = PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr);
  ERR_clear_error();
  if (read == nullptr) return refused;
  std::shared_ptr<void> certificate(read, [](X509* each) { X509_free(each); });
  if (!is_strong(X509_get0_pubkey(read))) return refused;
  return SealingKey(std::move(certificate));
}

std::string SealingKey::seal(std::string_view bytes) const {
  const auto& certificate = static_cast<X509*>(certificate_.get());
  constexpr unsigned kFlags = CMS_BINARY | CMS_PARTIAL;
  const Message message(CMS_encrypt(nullptr, nullptr, EVP_aes_256_gcm(), kFlags));
  CHECK(message != nullptr);
  CMS_RecipientInfo* const recipient =
      CMS_add1_recipient_cert(message.get(), certificate, CMS_KEY_PARAM);
  CHECK(recipient != nullptr);
  if (EVP_PKEY_get_base_id(X509_get0_pubkey(certificate)) == EVP_PKEY_RSA) {
    EVP_PKEY_CTX* const context = CMS_RecipientInfo_get0_pkey_ctx(recipient);
    CHECK(context != nullptr && EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING) > 0);
  }
  const Bio in = bio_of(bytes), out(BIO_new(BIO_s_mem()));
  CHECK(CMS_final(message.get(), in.get(), nullptr, kFlags & ~static_cast<unsigned>(CMS_PARTIAL)) ==
        1);
  CHECK(i2d_CMS_bio(out.get(), message.get()) == 1);
  const char* data = nullptr;
  const long size = BIO_get_mem_data(out.get(), &data);
  CHECK(size > 0);
  return {data, static_cast<size_t>(size)};
}

}  // namespace stanch::codec

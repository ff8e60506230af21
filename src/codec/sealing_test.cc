#include "codec/sealing.h"

#include <gtest/gtest.h>
#include <openssl/bio.h>
#include <openssl/cms.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

namespace stanch::codec {
namespace {

std::string text_of(BIO* bio) {
  const char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  std::string text(data, static_cast<size_t>(size));
  BIO_free(bio);
  return text;
}

// A certificate that holds the key, as `openssl req -x509` makes one.
std::string certificate_of(EVP_PKEY* key) {
  X509* const certificate = X509_new();
  X509_gmtime_adj(X509_getm_notBefore(certificate), -7200);
  X509_gmtime_adj(X509_getm_notAfter(certificate), -3600);  // over: it only carries the key
  X509_set_pubkey(certificate, key);
  X509_sign(certificate, key, EVP_sha256());
  BIO* const bio = BIO_new(BIO_s_mem());
  PEM_write_bio_X509(bio, certificate);
  X509_free(certificate);
  return text_of(bio);
}

std::string opened(const std::string& sealed, EVP_PKEY* key) {
  BIO* const in = BIO_new_mem_buf(sealed.data(), static_cast<int>(sealed.size()));
  CMS_ContentInfo* const message = d2i_CMS_bio(in, nullptr);
  BIO_free(in);
  if (message == nullptr) return "no message";
  BIO* const out = BIO_new(BIO_s_mem());
  const int is_open = CMS_decrypt(message, key, nullptr, nullptr, out, CMS_BINARY);
  CMS_ContentInfo_free(message);
  const std::string text = text_of(out);
  return is_open == 1 ? text : "shut";
}

TEST(Sealing, OnlyTheOwnerOpensIt) {
  EVP_PKEY* const keys[] = {EVP_RSA_gen(2048), EVP_EC_gen("P-256"), EVP_EC_gen("P-384")};
  for (EVP_PKEY* key : keys) {
    const auto sealing = SealingKey::parse(certificate_of(key));
    ASSERT_TRUE(sealing) << sealing.error().message();
    for (const std::string& bytes :
         {std::string(), std::string("a\0b\r\nc", 6), std::string(300'000, 'x')}) {
      const std::string sealed = sealing->seal(bytes);
      EXPECT_EQ(sealed.find("xxxxxxxx"), std::string::npos);
      EXPECT_EQ(opened(sealed, key), bytes);
      EXPECT_NE(sealing->seal(bytes), sealed) << "two that are equal can be told";
      std::string damaged = sealed;
      damaged.back() ^= 1;
      EXPECT_NE(opened(damaged, key), bytes) << "it was changed";
    }
    EVP_PKEY* const other = EVP_EC_gen("P-256");
    EXPECT_NE(opened(sealing->seal("secret"), other), "secret");
    EVP_PKEY_free(other);
  }
  for (EVP_PKEY* key : keys) EVP_PKEY_free(key);
}

TEST(Sealing, WeakKeysAndOtherThingsAreRefused) {
  EVP_PKEY* const weak = EVP_RSA_gen(1024);
  for (const std::string& pem :
       {std::string(), std::string("-----BEGIN CERTIFICATE-----"), certificate_of(weak)}) {
    EXPECT_FALSE(SealingKey::parse(pem)) << pem;
  }
  EVP_PKEY_free(weak);
}

}  // namespace
}  // namespace stanch::codec

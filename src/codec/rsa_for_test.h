#pragma once

#include <gtest/gtest.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <memory>
#include <string>
#include <string_view>

// Keys, signatures and certificates that come from OpenSSL alone.

namespace stanch::codec {

class RsaKeyForTest {
 public:
  explicit RsaKeyForTest(unsigned bits = 2048) : key_(EVP_RSA_gen(bits), EVP_PKEY_free) {}

  std::string der() const { return written(i2d_PublicKey); }    // PKCS #1
  std::string info_der() const { return written(i2d_PUBKEY); }  // SubjectPublicKeyInfo
  std::string pem() const {                                     // PKCS #8
    return pem_of([&](BIO* bio) {
      return PEM_write_bio_PKCS8PrivateKey(bio, key_.get(), nullptr, nullptr, 0, nullptr, nullptr);
    });
  }
  std::string pem_pkcs1() const {
    return pem_of([&](BIO* bio) {
      return PEM_write_bio_PrivateKey_traditional(bio, key_.get(), nullptr, nullptr, 0, nullptr,
                                                  nullptr);
    });
  }
  std::string pem_encrypted() const {
    return pem_of([&](BIO* bio) {
      return PEM_write_bio_PKCS8PrivateKey(bio, key_.get(), EVP_aes_128_cbc(), "password", 8,
                                           nullptr, nullptr);
    });
  }
  // A certificate that the key signs for itself.
  std::string certificate_pem() const {
    const std::unique_ptr<X509, void (*)(X509*)> made(X509_new(), X509_free);
    ASN1_INTEGER_set(X509_get_serialNumber(made.get()), 1);
    X509_gmtime_adj(X509_getm_notBefore(made.get()), 0);
    X509_gmtime_adj(X509_getm_notAfter(made.get()), 3600);
    EXPECT_EQ(X509_set_pubkey(made.get(), key_.get()), 1);
    EXPECT_GT(X509_sign(made.get(), key_.get(), EVP_sha256()), 0);
    return pem_of([&](BIO* bio) { return PEM_write_bio_X509(bio, made.get()); });
  }
  std::string sign(std::string_view message) const {
    std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
    EXPECT_EQ(EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get()), 1);
    const auto* const bytes = reinterpret_cast<const unsigned char*>(message.data());
    size_t size = 0;
    EXPECT_EQ(EVP_DigestSign(context.get(), nullptr, &size, bytes, message.size()), 1);
    std::string signature(size, '\0');
    EXPECT_EQ(EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()),
                             &size, bytes, message.size()),
              1);
    signature.resize(size);
    return signature;
  }

 private:
  template <typename Write>
  static std::string pem_of(Write write) {
    const std::unique_ptr<BIO, int (*)(BIO*)> bio(BIO_new(BIO_s_mem()), BIO_free);
    EXPECT_EQ(write(bio.get()), 1);
    char* bytes = nullptr;
    const long size = BIO_get_mem_data(bio.get(), &bytes);
    return {bytes, static_cast<size_t>(size)};
  }
  template <typename Write>
  std::string written(Write write) const {
    unsigned char* bytes = nullptr;
    const int size = write(key_.get(), &bytes);
    EXPECT_GT(size, 0);
    std::string der(reinterpret_cast<const char*>(bytes), static_cast<size_t>(size));
    OPENSSL_free(bytes);
    return der;
  }

  std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)> key_;
};

}  // namespace stanch::codec

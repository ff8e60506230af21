#pragma once

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <memory>
#include <string>
#include <string_view>

// The program itself only verifies; tests need something to verify.

namespace stanch::codec {

class RsaKeyForTest {
 public:
  explicit RsaKeyForTest(unsigned bits = 2048) : key_(EVP_RSA_gen(bits), EVP_PKEY_free) {}

  std::string der() const { return written(i2d_PublicKey); }    // PKCS #1
  std::string info_der() const { return written(i2d_PUBKEY); }  // SubjectPublicKeyInfo
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

#include "codec/rsa.h"

#include <gtest/gtest.h>
#include <openssl/err.h>

#include <string>

#include "codec/base64.h"
#include "codec/hash.h"
#include "codec/rsa_for_test.h"

namespace stanch::codec {
namespace {

TEST(Rsa, VerifiesExactlyThatMessage) {
  const RsaKeyForTest key, other;
  const std::string signature = key.sign("bled");
  for (const std::string& der : {key.der(), key.info_der()}) {
    const auto parsed = RsaPublicKey::parse(der);
    ASSERT_TRUE(parsed);
    EXPECT_TRUE(parsed->verify("bled", signature));
    EXPECT_FALSE(parsed->verify("bleed", signature));
    EXPECT_FALSE(parsed->verify("", signature));
    EXPECT_FALSE(parsed->verify("bled", other.sign("bled")));
    EXPECT_FALSE(parsed->verify("bled", ""));
    EXPECT_FALSE(parsed->verify("bled", signature + std::string(1, 0)));
    std::string changed = signature;
    changed.back() = static_cast<char>(changed.back() ^ 1);
    EXPECT_FALSE(parsed->verify("bled", changed));
  }
  EXPECT_EQ(ERR_peek_error(), 0u) << "the next user of OpenSSL would take it for its own";
}

TEST(Rsa, RefusesWhatIsNoKeyOfASoundSize) {
  const RsaKeyForTest good, small(1024);
  const std::string der = good.der();
  std::string cut = der;
  cut.pop_back();
  for (const std::string& bad :
       {std::string(), std::string("x"), cut, der + "x", std::string(5000, '0'), small.der(),
        small.info_der(), std::string("\x30\x00", 2),
        // An Ed25519 key.
        *decode_base64("MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=")}) {
    const auto parsed = RsaPublicKey::parse(bad);
    ASSERT_FALSE(parsed) << bad.size();
    EXPECT_EQ(parsed.error().code(), ErrorCode::kInvalid);
  }
  EXPECT_EQ(ERR_peek_error(), 0u);
}

// RFC 8017 as Python's cryptography has it: key and signature were made there.
TEST(Rsa, VerifiesWhatAnotherImplementationSigned) {
  constexpr std::string_view kDer =
      "MIIBCgKCAQEAngjxE+Z0EMoyvCEaOvrhWgvm0p03uVKiR93KCuOm7t4GsdYbwu3SjGnmJ1mfJlhsu8s0gdhWs7xu"
      "rKCDMhb9eOCXj0VCEFg9qW/QPm1f9rjCftbe2lO+b6LrxCHg1WxcuNR6UYW1Lxm4F/E34oM37gKXSMTYfvu97P0v"
      "0tt1/YXGzduMqFiEyx12nmSU3SSbmwTIAcJ4ZeJXZZNSrWauy8/rTuJKQwMLFkXlk5sFHo4EHhR0AO+fRxYDoPT5"
      "GWR9VyhmuC9UH16bzEmEetMH9vCXOylxiShexxzaxwp3QPFpoqb6NrJVfgpbB0H1Ug0FRlNzaNWHo3N/odBM+zfD"
      "mwIDAQAB";
  constexpr std::string_view kSignature =
      "18b8e922fe3b028296291cc82ffc042c6bdace2027bf002f2a4b4225e4f2a889e8363c24859dca7f64e0ac8a"
      "7c19f16a51457dd83236ac16b64f7dfe527e2f999147c984c6d5f404dd62ef1146c9bf7db801c8ed56fe03fd"
      "843ef5dca930fe3fc976a763e635a7d5ece2537f7b2cd2b6950e7792094dcd8a32c0c560b853fdba6d0c53ba"
      "4267eed6989ad43f34e4b2596a68a8aa582e4f259e5518098da3c39b8e34d07920de5f21aee184825d1b11b4"
      "f041732653620e8eaca1d0bf408fcd9f6592cb7ac6cff84b09b7c88368c1ffb185850b4ce075c470a764ce6c"
      "61510e2518a796a90eaecc91dbcb26a70634e4b76182f4798ffed5051a7ed023dea1dcd4";
  const auto key = RsaPublicKey::parse(*decode_base64(kDer));
  ASSERT_TRUE(key);
  const auto signature = decode_hex(kSignature);
  ASSERT_TRUE(signature);
  EXPECT_TRUE(key->verify("2026-03-01T01:00:00Z\nbucket/key\n", *signature));
  EXPECT_FALSE(key->verify("2026-03-01T01:00:00Z\nbucket/kex\n", *signature));
}

TEST(RsaSigning, SignsWhatTheOwnersKeyVerifies) {
  const RsaKeyForTest key;
  for (const std::string& pem : {key.pem(), key.pem_pkcs1(), key.certificate_pem() + key.pem()}) {
    const auto parsed = RsaSigningKey::parse_pem(pem);
    ASSERT_TRUE(parsed) << parsed.error().message();
    EXPECT_EQ(parsed->public_der(), key.der());
    const auto own = RsaPublicKey::parse(key.der());
    EXPECT_TRUE(own->verify("bled", parsed->sign("bled")));
    EXPECT_FALSE(own->verify("bleed", parsed->sign("bled")));
  }
}

TEST(RsaSigning, RefusesWhatIsNoUsableKeyAndRepeatsNoneOfIt) {
  const RsaKeyForTest key, small(1024);
  std::string cut = key.pem();
  cut.resize(cut.size() / 2);
  for (const std::string& bad : {std::string(), std::string("x"), cut, small.pem(),
                                 key.pem_encrypted(), key.certificate_pem()}) {
    const auto parsed = RsaSigningKey::parse_pem(bad);
    ASSERT_FALSE(parsed);
    EXPECT_EQ(parsed.error().code(), ErrorCode::kInvalid);
    EXPECT_LT(parsed.error().message().size(), 80u);
  }
  EXPECT_EQ(ERR_peek_error(), 0u);
}

TEST(Certificate, IsFoundBesideAKey) {
  const RsaKeyForTest key;
  const std::string pem = key.certificate_pem();
  const auto der = certificate_der_of_pem(key.pem() + pem);
  ASSERT_TRUE(der);
  EXPECT_EQ(*der, *certificate_der_of_pem(pem));
  EXPECT_EQ(static_cast<unsigned char>(der->front()), 0x30);
  EXPECT_TRUE(der->contains(key.info_der())) << "it is the certificate of that key";
  EXPECT_FALSE(certificate_der_of_pem(key.pem()));
  EXPECT_FALSE(certificate_der_of_pem(""));
}

}  // namespace
}  // namespace stanch::codec

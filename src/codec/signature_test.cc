#include "codec/signature.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "codec/hash.h"

namespace stanch::codec {
namespace {

SigningKey key_of(std::string_view hex) {
  SigningKey::Seed seed = sha256_of_hex(hex).value();
  return SigningKey(seed);
}

// RFC 8032 section 7.1, tests 1 to 3.
TEST(Signature, AgreesWithTheVectorsOfTheRfc) {
  const struct {
    std::string_view secret, public_key, message, signature;
  } rows[] = {
      {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
       "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
       "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
       "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"},
      {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
       "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "\x72",
       "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
       "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"},
      {"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
       "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "\xaf\x82",
       "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
       "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"},
  };
  for (const auto& row : rows) {
    const SigningKey key = key_of(row.secret);
    EXPECT_EQ(to_hex(key.public_key().bytes), row.public_key);
    const Signature signature = key.sign(row.message);
    EXPECT_EQ(to_hex(signature), row.signature);
    EXPECT_TRUE(verify(key.public_key(), row.message, signature));
  }
}

TEST(Signature, OfAnythingElseDoesNotVerify) {
  const SigningKey key = key_of(std::string(64, '1')), other = key_of(std::string(64, '2'));
  Signature signature = key.sign("message");
  EXPECT_TRUE(verify(key.public_key(), "message", signature));
  EXPECT_FALSE(verify(key.public_key(), "massage", signature));
  EXPECT_FALSE(verify(other.public_key(), "message", signature));
  EXPECT_FALSE(verify(key.public_key(), "message", std::span(signature).first(63)));
  EXPECT_FALSE(verify(key.public_key(), "message", {}));
  for (size_t i = 0; i < signature.size(); ++i) {
    signature[i] ^= 1;
    EXPECT_FALSE(verify(key.public_key(), "message", signature)) << i;
    signature[i] ^= 1;
  }
}

// Written by `openssl genpkey -algorithm ed25519`, its public half by `openssl pkey -pubout`.
TEST(SigningKey, ReadsAndWritesTheFilesOfOpenssl) {
  const std::string private_pem =
      "-----BEGIN PRIVATE KEY-----\n"
      "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n"
      "-----END PRIVATE KEY-----\n";
  const std::string public_pem =
      "-----BEGIN PUBLIC KEY-----\n"
      "MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n"
      "-----END PUBLIC KEY-----\n";
  const auto key = parse_private_pem(private_pem);
  ASSERT_TRUE(key) << key.error().message();
  EXPECT_EQ(key->to_pem(), private_pem);
  EXPECT_EQ(to_pem(key->public_key()), public_pem);
  EXPECT_EQ(parse_public_pem(public_pem).value(), key->public_key());
}

TEST(SigningKey, RefusesOtherPem) {
  const std::string good = to_pem(key_of(std::string(64, '3')).public_key());
  EXPECT_TRUE(parse_public_pem(good));
  EXPECT_FALSE(parse_private_pem(good));
  EXPECT_FALSE(parse_public_pem(""));
  EXPECT_FALSE(parse_public_pem("x" + good));
  EXPECT_FALSE(parse_public_pem(good + "\n"));
  EXPECT_FALSE(parse_public_pem("-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----\n"));
  // Every byte counts: none is ignored.
  for (size_t i = 0; i < good.size(); ++i) {
    std::string changed = good;
    changed[i] ^= 1;
    const auto key = parse_public_pem(changed);
    EXPECT_TRUE(!key || *key != parse_public_pem(good).value()) << i;
  }
}

}  // namespace
}  // namespace stanch::codec

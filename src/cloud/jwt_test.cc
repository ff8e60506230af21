#include "cloud/jwt.h"

#include <gtest/gtest.h>

#include "cloud/token_for_test.h"
#include "codec/rsa.h"
#include "codec/rsa_for_test.h"

namespace stanch::cloud {
namespace {

using codec::JsonValue;

TEST(Jwt, IsWhatTheOwnerOfThePublicKeyAccepts) {
  const codec::RsaKeyForTest key;
  const auto own = codec::RsaSigningKey::parse_pem(key.pem());
  ASSERT_TRUE(own);
  const std::string token =
      sign_jwt(*own, {{"kid", JsonValue("k1")}}, {{"iss", JsonValue("stanch")}});
  const auto parts = parts_of_jwt(token, key.der());
  ASSERT_TRUE(parts);
  EXPECT_EQ(parts->header, R"({"alg":"RS256","kid":"k1","typ":"JWT"})");
  EXPECT_EQ(parts->claims, R"({"iss":"stanch"})");
  EXPECT_EQ(token.find_first_of("+/="), token.npos);
  const codec::RsaKeyForTest other;
  EXPECT_FALSE(parts_of_jwt(token, other.der()));
  std::string changed = token;
  changed[token.find('.') + 1] = changed[token.find('.') + 1] == 'e' ? 'f' : 'e';
  EXPECT_FALSE(parts_of_jwt(changed, key.der()));
}

}  // namespace
}  // namespace stanch::cloud

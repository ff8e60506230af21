#include "codec/base64.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace stanch::codec {
namespace {

TEST(Base64, GivesTheVectorsOfRfc4648) {
  const std::vector<std::pair<const char*, const char*>> cases = {
      {"", ""},
      {"f", "Zg=="},
      {"fo", "Zm8="},
      {"foo", "Zm9v"},
      {"foob", "Zm9vYg=="},
      {"fooba", "Zm9vYmE="},
      {"foobar", "Zm9vYmFy"},
      {"\xFB\xFF\xFE", "+//+"},
  };
  for (const auto& [bytes, text] : cases) {
    EXPECT_EQ(encode_base64(bytes), text);
    EXPECT_EQ(decode_base64(text), bytes);
  }
}

TEST(Base64, OfUrlsHasOtherSignsAndNoPadding) {
  EXPECT_EQ(encode_base64url(""), "");
  EXPECT_EQ(encode_base64url("f"), "Zg");
  EXPECT_EQ(encode_base64url("\xFB\xFF\xFE"), "-__-");
  // RFC 7515, appendix A.1.1.
  EXPECT_EQ(encode_base64url("{\"typ\":\"JWT\",\r\n \"alg\":\"HS256\"}"),
            "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9");
}

TEST(Base64, RefusesWhatItWouldNotWrite) {
  for (const char* text : {"Z", "Zg", "Zg=", "Zg===", "Zh==", "Zm9=", "====", "=Zg=", "Zg==Zg==",
                           "Zm 9v", "Zm9v\n", "-__-", "Zg=a"}) {
    EXPECT_EQ(decode_base64(text), std::nullopt) << text;
  }
}

TEST(Base64, RoundTrips) {
  std::mt19937 random(3);
  for (int round = 0; round < 2'000; ++round) {
    std::string bytes(random() % 70, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random());
    ASSERT_EQ(decode_base64(encode_base64(bytes)), bytes);
  }
}

}  // namespace
}  // namespace stanch::codec

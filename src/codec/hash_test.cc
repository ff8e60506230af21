#include "codec/hash.h"

#include <gtest/gtest.h>

#include <set>
#include <vector>

namespace stanch::codec {
namespace {

std::span<const uint8_t> bytes_of(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

TEST(Sha256, GivesTheVectorsOfFips180) {
  EXPECT_EQ(to_hex(sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(to_hex(sha256("abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(to_hex(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

TEST(HmacSha256, GivesTheVectorsOfRfc4231) {
  struct Case {
    std::string key, bytes, expected;
  };
  std::string counting;
  for (char c = 1; c <= 25; ++c) counting += c;
  const Case cases[] = {
      // Sections 4.2 to 4.5, 4.7, 4.8; the last two have keys longer than a block.
      {std::string(20, '\x0b'), "Hi There",
       "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
      {"Jefe", "what do ya want for nothing?",
       "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
      {std::string(20, '\xaa'), std::string(50, '\xdd'),
       "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
      {counting, std::string(50, '\xcd'),
       "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"},
      {std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First",
       "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
      {std::string(131, '\xaa'),
       "This is a test using a larger than block-size key and a larger than block-size data. The "
       "key needs to be hashed before being used by the HMAC algorithm.",
       "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"},
      {"", "", "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"},
  };
  for (const Case& c : cases) EXPECT_EQ(to_hex(hmac_sha256(c.key, c.bytes)), c.expected);
}

TEST(Hex, ReadsBothCasesAndNothingElse) {
  EXPECT_EQ(decode_hex("00fFaB"), std::string("\x00\xff\xab", 3));
  EXPECT_EQ(decode_hex(""), "");
  for (const char* bad : {"0", "0g", "g0", " 00", "0x00", "00 "})
    EXPECT_FALSE(decode_hex(bad)) << bad;
}

TEST(Base32, GivesTheVectorsOfRfc4648) {
  // Section 10, in lower case and without padding.
  const std::vector<std::pair<const char*, const char*>> cases = {
      {"", ""},
      {"f", "my"},
      {"fo", "mzxq"},
      {"foo", "mzxw6"},
      {"foob", "mzxw6yq"},
      {"fooba", "mzxw6ytb"},
      {"foobar", "mzxw6ytboi"},
  };
  for (const auto& [input, expected] : cases) EXPECT_EQ(to_base32(bytes_of(input)), expected);
}

TEST(Sha256Fields, KeepsFieldsApart) {
  const auto hash = [](const std::vector<std::string_view>& fields) {
    Sha256Fields all;
    for (const auto field : fields) all.add(field);
    return to_hex(all.finish());
  };
  const std::set<std::string> distinct = {hash({}),          hash({""}),        hash({"", ""}),
                                          hash({"ab", "c"}), hash({"a", "bc"}), hash({"abc"})};
  EXPECT_EQ(distinct.size(), 6u);
  // The layout is part of every id: 8 bytes of length, little end first.
  EXPECT_EQ(hash({"abc"}), to_hex(sha256(std::string("\3\0\0\0\0\0\0\0abc", 11))));
}

TEST(KeyedHash, DependsOnSecretAndBytes) {
  EXPECT_EQ(keyed_hash({1}, "text"), keyed_hash({1}, "text"));
  EXPECT_NE(keyed_hash({1}, "text"), keyed_hash({2}, "text"));
  EXPECT_NE(keyed_hash({1}, "text"), keyed_hash({1}, "texu"));
}

}  // namespace
}  // namespace stanch::codec

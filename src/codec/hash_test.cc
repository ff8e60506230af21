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

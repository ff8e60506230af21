#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "env/os/os.h"

namespace stanch::env {
namespace {

using testing::HasSubstr;

// A MaxMind DB file by hand (https://maxmind.github.io/MaxMind-DB): one network, 203.0.113.0/24,
// in a tree with 24-bit records, one node a bit.
class Writer {
 public:
  static std::string text(const std::string& value) { return control(2, value.size()) + value; }
  static std::string map(const std::vector<std::pair<std::string, std::string>>& members) {
    std::string out = control(7, members.size());
    for (const auto& [key, value] : members) out += text(key) + value;
    return out;
  }
  static std::string uint16(unsigned value) { return control(5, 2) + big_end(value, 2); }
  static std::string uint32(unsigned value) { return control(6, 4) + big_end(value, 4); }
  static std::string uint64(unsigned value) {
    return std::string("\x08\x02", 2) + big_end(0, 4) + big_end(value, 4);
  }
  static std::string no_list() { return std::string("\x00\x04", 2); }

  static std::string database(const std::string& data) {
    constexpr unsigned kNodes = 24, kAddress = 203u << 24 | 0u << 16 | 113u << 8;
    std::string tree;
    for (unsigned i = 0; i < kNodes; ++i) {
      const unsigned next = i + 1 < kNodes ? i + 1 : kNodes + 16;
      const bool one = (kAddress >> (31 - i)) & 1;
      tree += big_end(one ? kNodes : next, 3) + big_end(one ? next : kNodes, 3);
    }
    return tree + std::string(16, '\0') + data + "\xab\xcd\xef" + "MaxMind.com" +
           map({{"node_count", uint32(kNodes)},
                {"record_size", uint16(24)},
                {"ip_version", uint16(4)},
                {"database_type", text("Test")},
                {"languages", no_list()},
                {"binary_format_major_version", uint16(2)},
                {"binary_format_minor_version", uint16(0)},
                {"build_epoch", uint64(1)},
                {"description", map({})}});
  }

 private:
  static std::string control(unsigned type, size_t size) {
    if (size < 29) return std::string(1, static_cast<char>(type << 5 | size));
    return std::string(1, static_cast<char>(type << 5 | 29)) + static_cast<char>(size - 29);
  }
  static std::string big_end(unsigned value, int bytes) {
    std::string out;
    for (int i = bytes - 1; i >= 0; --i) out += static_cast<char>(value >> (8 * i));
    return out;
  }
};

class Addresses : public testing::Test {
 protected:
  Addresses() {
    std::string pattern = testing::TempDir() + "stanch-mmdb-XXXXXX";
    folder_ = ::mkdtemp(pattern.data());
  }
  ~Addresses() override { std::filesystem::remove_all(folder_); }
  Result<std::unique_ptr<AddressDatabase>> open(const std::string& bytes) {
    const std::string path = folder_ + "/db.mmdb";
    std::ofstream(path, std::ios::binary) << bytes;
    return os_.env().files.open_addresses(path);
  }

  OsEnv os_;
  std::string folder_;
};

TEST_F(Addresses, TellCountryAndNetwork) {
  const auto database = open(
      Writer::database(Writer::map({{"country", Writer::map({{"iso_code", Writer::text("NL")}})},
                                    {"autonomous_system_number", Writer::uint32(64500)},
                                    {"autonomous_system_organization", Writer::text("Example")}})));
  ASSERT_TRUE(database) << database.error().message();
  for (const char* inside : {"203.0.113.0", "203.0.113.7", "203.0.113.255"}) {
    const AddressFacts facts = (*database)->find(inside);
    EXPECT_EQ(facts.country, "NL");
    EXPECT_EQ(facts.network, 64500u);
    EXPECT_EQ(facts.organization, "Example");
  }
  for (const char* outside :
       {"203.0.112.255", "203.0.114.0", "127.0.0.1", "2001:db8::1", "", "nl", "203.0.113.7 "}) {
    const AddressFacts facts = (*database)->find(outside);
    EXPECT_EQ(facts.country, "") << outside;
    EXPECT_EQ(facts.network, 0u) << outside;
  }
}

TEST_F(Addresses, OfAnotherTypeSayNothing) {
  const auto database = open(Writer::database(Writer::map(
      {{"country", Writer::text("NL")}, {"autonomous_system_number", Writer::text("x")}})));
  ASSERT_TRUE(database);
  EXPECT_EQ((*database)->find("203.0.113.7").country, "");
  EXPECT_EQ((*database)->find("203.0.113.7").network, 0u);
}

TEST_F(Addresses, RefuseWhatIsNoDatabase) {
  const auto text = open("no database");
  ASSERT_FALSE(text);
  EXPECT_EQ(text.error().code(), ErrorCode::kCorrupt);
  EXPECT_THAT(text.error().message(), HasSubstr("no address database"));
  const auto missing = os_.env().files.open_addresses(folder_ + "/missing.mmdb");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code(), ErrorCode::kNotFound);
}

}  // namespace
}  // namespace stanch::env

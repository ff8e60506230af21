#include "normalize/azure_values.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "codec/timestamp.h"

namespace stanch::normalize::azure {
namespace {

TEST(AzureTime, ReadsEachWayThatMicrosoftWritesIt) {
  struct Case {
    const char* text;
    const char* expected;  // "" for no time
  };
  const Case cases[] = {
      {"2026-03-02T08:40:11.5312842Z", "2026-03-02T08:40:11.531284200Z"},
      {"2026-03-02T08:40:11+02:00", "2026-03-02T06:40:11Z"},
      {"2026-03-02T08:40:11", "2026-03-02T08:40:11Z"},
      {"2026-03-02 08:40:11.697", "2026-03-02T08:40:11.697Z"},
      {"8/22/2022 6:11:52 PM", "2022-08-22T18:11:52Z"},
      {"12/2/2026 12:05:09 AM", "2026-12-02T00:05:09Z"},
      {"12/2/2026 12:05:09 PM", "2026-12-02T12:05:09Z"},
      {"13/2/2026 1:05:09 PM", ""},
      {"2/30/2026 1:05:09 PM", ""},
      {"2/3/2026 13:05:09 PM", ""},
      {"2/3/2026 0:05:09 AM", ""},
      {"2/3/2026 1:60:09 AM", ""},
      {"2/3/2026 1:05:60 AM", ""},
      {"2/3/2026 1:05:09", ""},
      {"2/3/2026 1:05:09 AMx", ""},
      {"2/3/9999 1:05:09 AM", ""},
      {"2/3/99999999999 1:05:09 AM", ""},
      {"1772440500", ""},
      {"-", ""},
      {"", ""},
  };
  for (const Case& c : cases) {
    const auto time = time_of(c.text);
    EXPECT_EQ(time ? codec::format_timestamp(*time) : "", c.expected) << c.text;
  }
}

TEST(AzureTime, CountsTheSecondsOfTokens) {
  EXPECT_EQ(codec::format_timestamp(unix_time("1772440500").value()), "2026-03-02T08:35:00Z");
  for (const char* text : {"", "x", "1772440500.5", "-1", "99999999999", "99999999999999999999"}) {
    EXPECT_FALSE(unix_time(text)) << text;
  }
}

TEST(AzureAddress, LosesPortsAndBrackets) {
  const std::pair<const char*, const char*> cases[] = {
      {"203.0.113.7", "203.0.113.7"},
      {"203.0.113.7:443", "203.0.113.7"},
      {"[203.0.113.7]:443", "203.0.113.7"},
      {"[2001:db8::7]:443", "2001:db8::7"},
      {"[2001:db8::7]", "2001:db8::7"},
      {"2001:db8::7", "2001:db8::7"},
      {"::ffff:203.0.113.7", "::ffff:203.0.113.7"},
      {"[2001:db8::7", "2001:db8::7"},
      {"localhost:1", "localhost"},
      {"", ""},
  };
  for (const auto& [text, expected] : cases) EXPECT_EQ(bare_address(text), expected) << text;
  TextArena arena;
  model::Facts facts;
  set_source("localhost:1", arena, facts);
  EXPECT_EQ(facts.source.address, "");
  EXPECT_TRUE(facts.source.entity.empty());
}

TEST(AzureKeys, AreMintedOnlyWhereNew) {
  TextArena arena;
  std::vector<model::Minted> minted;
  const std::string old_key = "[KeyIdentifier=a1,KeyType=Password,KeyUsage=Verify]";
  const std::string both = "[\"" + old_key + "\",\"[KeyIdentifier=b2,KeyType=Password]\"]";
  find_minted("KeyDescription", old_key, both, {"azure:x/1"}, arena, minted);
  ASSERT_EQ(minted.size(), 1u);
  EXPECT_EQ(minted[0].entity.text, "azure:credential/b2");
  EXPECT_EQ(minted[0].kind, model::MintedKind::kClientSecret);
  EXPECT_EQ(minted[0].principal.text, "azure:x/1");
  minted.clear();
  find_minted("KeyDescription", both, old_key, {}, arena, minted);
  find_minted("KeyDescription", "", "KeyIdentifier=", {}, arena, minted);
  find_minted("DisplayName", "", both, {}, arena, minted);
  find_minted("FederatedIdentityCredentials", "[1]", "[]", {}, arena, minted);
  EXPECT_TRUE(minted.empty());
}

}  // namespace
}  // namespace stanch::normalize::azure

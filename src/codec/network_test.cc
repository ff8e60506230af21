#include "codec/network.h"

#include <gtest/gtest.h>

#include "codec/hash.h"

namespace stanch::codec {
namespace {

std::string show(std::string_view text) {
  const auto address = parse_address(text);
  return address ? codec::to_hex(*address) : "no address";
}

TEST(SigmaNetwork, AddressesAreReadAsTheStandardsWriteThem) {
  struct Case {
    const char* text;
    std::string expected;
  };
  const std::string mapped = "00000000000000000000ffff";
  const Case cases[] = {
      {"1.2.3.4", mapped + "01020304"},
      {"255.255.255.255", mapped + "ffffffff"},
      {"::ffff:1.2.3.4", mapped + "01020304"},
      {"::ffff:102:304", mapped + "01020304"},
      {"::", "00000000000000000000000000000000"},
      {"::1", "00000000000000000000000000000001"},
      {"1::", "00010000000000000000000000000000"},
      {"2001:db8::8:800:200C:417A", "20010db80000000000080800200c417a"},
      {"1:2:3:4:5:6:7:8", "00010002000300040005000600070008"},
      {"1:2:3:4:5:6:1.2.3.4", "00010002000300040005000601020304"},
      {"1::3:4:5:6:7:8", "00010000000300040005000600070008"},
      {"", "no address"},
      {"1.2.3", "no address"},
      {"1.2.3.4.5", "no address"},
      {"1.2.3.256", "no address"},
      {"1.2.3.04", "no address"},
      {"1.2.3.4 ", "no address"},
      {"1.2.3.-4", "no address"},
      {"0x1.2.3.4", "no address"},
      {":", "no address"},
      {":::", "no address"},
      {"1:2:3:4:5:6:7", "no address"},
      {"1:2:3:4:5:6:7:8:9", "no address"},
      {"1::2::3", "no address"},
      {"1:2:3:4:5:6:7::8", "no address"},
      {"1:2:3:4:5:6:7:", "no address"},
      {":1:2:3:4:5:6:7", "no address"},
      {"12345::", "no address"},
      {"g::", "no address"},
      {"+1::", "no address"},
      {"1.2.3.4::", "no address"},
      {"::1.2.3.4:5", "no address"},
      {"fe80::1%eth0", "no address"},
      {"AWS Internal", "no address"},
      {"ec2.amazonaws.com", "no address"},
  };
  for (const Case& c : cases) EXPECT_EQ(show(c.text), c.expected) << c.text;
}

TEST(SigmaNetwork, HoldsItsAddressesAndNoOther) {
  struct Case {
    const char *network, *address;
    bool inside;
  };
  const Case cases[] = {
      {"10.0.0.0/8", "10.255.0.1", true},
      {"10.0.0.0/8", "11.0.0.0", false},
      {"10.0.0.0/8", "::ffff:10.0.0.1", true},
      {"10.0.0.0/8", "::10.0.0.1", false},
      {"::ffff:0:0/96", "1.2.3.4", true},
      {"192.168.1.128/25", "192.168.1.127", false},
      {"192.168.1.128/25", "192.168.1.128", true},
      {"1.2.3.4", "1.2.3.4", true},
      {"1.2.3.4/32", "1.2.3.5", false},
      {"0.0.0.0/0", "255.255.255.255", true},
      {"0.0.0.0/0", "2001:db8::1", false},
      {"::/0", "1.2.3.4", false},
      {"2001:db8::/32", "2001:db8:1::1", true},
      {"2001:db8::/32", "2001:db9::1", false},
      {"2001:db8::/33", "2001:db8:8000::", false},
  };
  for (const Case& c : cases) {
    const auto network = parse_network(c.network);
    ASSERT_TRUE(network.has_value()) << c.network;
    EXPECT_EQ(is_inside(*parse_address(c.address), *network), c.inside)
        << c.address << " in " << c.network;
  }
}

TEST(SigmaNetwork, RefusesWhatIsNone) {
  for (const char* text :
       {"", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/08", "10.0.0.0/-1", "10.0.0.1/8", "10/8",
        "::1/64", "::/129", "10.0.0.0/8/8", "x/8", "10.0.0.0 /8", "192.168.*"}) {
    EXPECT_FALSE(parse_network(text).has_value()) << text;
  }
}

}  // namespace
}  // namespace stanch::codec

#include "model/entity.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <string>

namespace stanch::model {
namespace {

using Kind = EntityPart::Kind;

struct NameCase {
  const char* name;
  std::string text;
  Kind kind;
  std::string expected;
};

TEST(Entity, NamesAreEscapedAndFolded) {
  const NameCase cases[] = {
      {"plain", "deploy-1.x_y~z:@+=,$", Kind::kName, "deploy-1.x_y~z:@+=,$"},
      {"slash", "a/b", Kind::kName, "a%2Fb"},
      {"percent, so that escapes are not forged", "a%2Fb", Kind::kName, "a%252Fb"},
      {"space and quotes", "a \"b'", Kind::kName, "a%20%22b%27"},
      {"control characters", std::string("a\x1b\0\n", 4), Kind::kName, "a%1B%00%0A"},
      {"not ASCII", "\xc3\xa9", Kind::kName, "%C3%A9"},
      {"hash", "a#b", Kind::kName, "a%23b"},
      {"case kept", "Deploy", Kind::kName, "Deploy"},
      {"case folded", "DePloY-Z", Kind::kFoldedName, "deploy-z"},
      {"folded beside an escape", "A_b@C~/Z", Kind::kFoldedName, "a_b@c~%2Fz"},
      {"only ASCII is folded", "\xc3\x89", Kind::kFoldedName, "%C3%89"},
      {"empty", "", Kind::kName, "-"},
      {"literals stand as they are", "a/b c", Kind::kLiteral, "a/b c"},
      {"longest", std::string(kEntityNameBytesMax, 'x'), Kind::kName,
       std::string(kEntityNameBytesMax, 'x')},
  };
  for (const NameCase& c : cases) {
    TextArena arena;
    EXPECT_EQ(make_entity({{"aws:x/"}, {c.text, c.kind}}, arena).text, "aws:x/" + c.expected)
        << c.name;
  }
}

// Names are looked at many bytes at a time: every byte, wherever it stands.
TEST(Entity, EveryByteIsEscapedAndFoldedAtEveryPlace) {
  constexpr std::string_view kMarks = "-._~:@+=,$";
  for (int value = 0; value < 256; ++value) {
    const char byte = static_cast<char>(value);
    const bool upper = byte >= 'A' && byte <= 'Z';
    const bool plain = upper || (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') ||
                       (byte != 0 && kMarks.contains(byte));
    char escape[4];
    std::snprintf(escape, sizeof escape, "%%%02X", value);
    const std::string kept = plain ? std::string(1, byte) : escape;
    const std::string folded = upper ? std::string(1, static_cast<char>(byte + 32)) : kept;
    for (size_t place = 0; place < 40; ++place) {
      const std::string before(place, 'x'), after(39 - place, 'Y'), after_folded(39 - place, 'y');
      const std::string name = before + byte + after;
      TextArena arena;
      ASSERT_EQ(make_entity({{name, Kind::kName}, {"/"}}, arena).text, before + kept + after + "/");
      ASSERT_EQ(make_entity({{name, Kind::kFoldedName}, {"/"}}, arena).text,
                before + folded + after_folded + "/");
    }
  }
}

TEST(Entity, TooLongNamesBecomeTheirHash) {
  TextArena arena;
  std::string a(kEntityNameBytesMax + 1, 'x');
  std::string b = a + 'y';
  std::string_view id_a = make_entity({{"x/"}, {a, Kind::kName}}, arena).text;
  std::string_view id_b = make_entity({{"x/"}, {b, Kind::kName}}, arena).text;
  EXPECT_EQ(id_a.size(), 2 + 2 + 32u);
  EXPECT_TRUE(id_a.starts_with("x/%~"));  // no escaped name looks like that
  EXPECT_NE(id_a, id_b);
}

TEST(Entity, TypeIsWhatStandsBeforeTheFirstSlash) {
  EXPECT_EQ(entity_type({"aws:role/123456789012/deploy"}), "aws:role");
  EXPECT_EQ(entity_type({"ip/203.0.113.7"}), "ip");
  EXPECT_EQ(entity_type({"odd"}), "odd");
  EXPECT_EQ(entity_type({}), "");
}

struct AddressCase {
  const char* text;
  const char* expected;  // "" if it is no address
};

TEST(IpEntity, IsCanonical) {
  const AddressCase cases[] = {
      {"203.0.113.7", "ip/203.0.113.7"},
      {"0.0.0.0", "ip/0.0.0.0"},
      {"255.255.255.255", "ip/255.255.255.255"},
      {"010.001.000.09", "ip/10.1.0.9"},
      {"2001:DB8:0:0:0:0:0:7", "ip/2001:db8::7"},
      {"2001:db8::7", "ip/2001:db8::7"},
      {"2001:0db8:0000:0001:0000:0000:0000:0001", "ip/2001:db8:0:1::1"},
      {"2001:db8:0:0:1:0:0:1", "ip/2001:db8::1:0:0:1"},
      {"2001:db8:0:1:1:1:1:1", "ip/2001:db8:0:1:1:1:1:1"},
      {"::", "ip/::"},
      {"::1", "ip/::1"},
      {"fe80::", "ip/fe80::"},
      {"1:2:3:4:5:6:7::", "ip/1:2:3:4:5:6:7:0"},
      {"::ffff:203.0.113.7", "ip/203.0.113.7"},
      {"::FFFF:CB00:7107", "ip/203.0.113.7"},
      {"64:ff9b::203.0.113.7", "ip/64:ff9b::cb00:7107"},
      {"1:2:3:4:5:6:7:8", "ip/1:2:3:4:5:6:7:8"},
  };
  for (const AddressCase& c : cases) {
    TextArena arena;
    EXPECT_EQ(ip_entity(c.text, arena).text, c.expected) << c.text;
  }
}

TEST(IpEntity, AnythingElseIsNoAddress) {
  const char* cases[] = {"",
                         ".",
                         "1.2.3",
                         "1.2.3.4.5",
                         "1.2.3.256",
                         "1.2.3.4 ",
                         " 1.2.3.4",
                         "1.2.3.",
                         "1..3.4",
                         "1.2.3.0004",
                         "1.2.3.4:443",
                         "ec2.amazonaws.com",
                         "AWS Internal",
                         ":",
                         ":::",
                         "1::2::3",
                         "1:2:3:4:5:6:7:8:9",
                         "1:2:3:4:5:6:7",
                         "1:2:3:4:5:6:7:8::",
                         "12345::",
                         "g::",
                         "fe80::1%eth0",
                         "::1.2.3",
                         "1.2.3.4::",
                         "::1.2.3.4:5",
                         "1:2:3:4:5:6:7:1.2.3.4",
                         "-1::",
                         "1:",
                         ":1",
                         "0x1.2.3.4",
                         "1:2:3:4:5:6:7:8 and much more text than any address could ever have"};
  for (const char* text : cases) {
    TextArena arena;
    EXPECT_TRUE(ip_entity(text, arena).empty()) << text;
  }
}

}  // namespace
}  // namespace stanch::model

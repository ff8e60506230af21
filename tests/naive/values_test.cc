#include "naive/values.h"

#include <gtest/gtest.h>

namespace naive {
namespace {

using stanch::detect::sigma::Modifier;

TEST(NaiveNumber, ComparesExactly) {
  struct {
    std::string_view left, right;
    int expected;
  } cases[] = {
      {"1", "1.0", 0},
      {"100", "1e2", 0},
      {"0", "-0", 0},
      {"0.1", "1e-1", 0},
      {"-1", "1", -1},
      {"9007199254740993", "9007199254740992", 1},
      {"1e400", "1e401", -1},
      {"-2", "-10", 1},
      {"0.12", "0.123", -1},
      {"12", "0.99", 1},
      {"0", "0.0001", -1},
      {"0", "-5", 1},
      {"0e999999999999", "0", 0},
  };
  for (const auto& c : cases) {
    int order = compare(*json_number(c.left), *json_number(c.right));
    EXPECT_EQ((order > 0) - (order < 0), c.expected) << c.left << " " << c.right;
  }
}

TEST(NaiveNumber, IsWhatJsonWrites) {
  for (std::string_view text : {"01", "+1", ".5", "1.", "0x10", "", "-", "1 ", " 1", "1e", "a"}) {
    EXPECT_FALSE(json_number(text)) << text;
  }
}

TEST(NaiveTime, TakesPartsInUtc) {
  struct {
    std::string_view text;
    Modifier part;
    int64_t expected;
  } cases[] = {
      {"2026-03-01T02:03:04Z", Modifier::kMinute, 3},
      {"2026-03-01T02:03:04Z", Modifier::kHour, 2},
      {"2026-03-01t02:03:04.123456789123z", Modifier::kDay, 1},
      {"2026-03-01 00:30:00+01:00", Modifier::kDay, 28},
      {"2026-03-01 00:30:00+01:00", Modifier::kMonth, 2},
      {"2026-01-01T00:30:00+01:00", Modifier::kYear, 2025},
      {"2026-01-01T00:00:00Z", Modifier::kWeek, 1},
      {"2021-01-03T00:00:00Z", Modifier::kWeek, 53},
      {"2024-12-30T00:00:00Z", Modifier::kWeek, 1},
      {"2016-12-31T23:59:60Z", Modifier::kYear, 2017},
      {"2026-03-01T02:03:04-00:10", Modifier::kMinute, 13},
      {"2026-03-01T02:03:04,5+0130", Modifier::kMinute, 33},
      {"2026-03-01T02:03:04-01", Modifier::kHour, 3},
  };
  for (const auto& c : cases) EXPECT_EQ(part_of_time(c.text, c.part), c.expected) << c.text;
  for (std::string_view text :
       {"", "2026-03-01", "2026-03-01T02:03:04", "2026-02-30T02:03:04Z", "2026-03-01T24:03:04Z",
        "2026-03-01T02:03Z", "2026-03-01T02:03:04+010", "2026-03-01T02:03:60Z",
        "1677-12-31T23:00:00Z", "2026-03-01T02:03:04.Z", "1740794584", "2026-03-01T02:03:61Z",
        "2026-3-01T02:03:04Z", "2026-03-01T02:03:04Zx"}) {
    EXPECT_FALSE(part_of_time(text, Modifier::kHour)) << text;
  }
}

TEST(NaiveAddress, IsInsideNetworksOfItsFamily) {
  struct {
    std::string_view address, network;
    bool expected;
  } cases[] = {
      {"10.1.2.3", "10.0.0.0/8", true},
      {"11.1.2.3", "10.0.0.0/8", false},
      {"10.0.0.1", "10.0.0.1/32", true},
      {"10.0.0.1", "10.0.0.1", true},
      {"1.2.3.4", "0.0.0.0/0", true},
      {"::1", "0.0.0.0/0", false},
      {"::ffff:10.0.0.1", "10.0.0.0/8", true},
      {"::ffff:a00:1", "10.0.0.0/8", true},
      {"10.0.0.1", "::/0", false},
      {"::ffff:10.0.0.1", "::/0", false},
      {"10.0.0.1", "::ffff:10.0.0.0/104", true},
      {"2001:db8::1", "2001:db8::/32", true},
      {"2001:db9::1", "2001:db8::/32", false},
      {"10.0.0", "10.0.0.0/8", false},
      {"10.0.0.1 ", "10.0.0.0/8", false},
      {"010.0.0.1", "10.0.0.0/8", false},
      {"s3.amazonaws.com", "0.0.0.0/0", false},
      {"", "0.0.0.0/0", false},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(address_inside(c.address, c.network), c.expected) << c.address << " " << c.network;
  }
}

}  // namespace
}  // namespace naive

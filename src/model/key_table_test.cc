#include "model/key_table.h"

#include <gtest/gtest.h>

#include <string>

namespace stanch::model {
namespace {

constexpr KeyTable<6> kTable = make_key_table(
    {"eventName", "eventTime", "a", "", "eventName", "abcdefghijklmnopqrstuvwxyz0123456789"});

TEST(KeyTable, FindsFirstRowAndThenItsRepetitions) {
  EXPECT_EQ(kTable.find("eventName"), 0);
  EXPECT_EQ(kTable.next(0), 4);
  EXPECT_EQ(kTable.next(4), kTable.kNone);
  EXPECT_EQ(kTable.find("eventTime"), 1);
  EXPECT_EQ(kTable.find("a"), 2);
  EXPECT_EQ(kTable.find(""), 3);
  EXPECT_EQ(kTable.find("abcdefghijklmnopqrstuvwxyz0123456789"), 5);
  EXPECT_EQ(kTable.find("eventname"), kTable.kNone);
  EXPECT_EQ(kTable.find("eventTimes"), kTable.kNone);
}

TEST(KeyTable, AWrongGuessChangesNothing) {
  for (size_t guess = 0; guess < 4; ++guess) {
    EXPECT_EQ(kTable.find("eventTime", guess), 1);
    EXPECT_EQ(kTable.find("b", guess), kTable.kNone);
  }
}

TEST(SameText, AgreesWithComparisonAtEveryLengthAndPlace) {
  for (size_t size = 0; size <= 40; ++size) {
    std::string a(size, 'x');
    EXPECT_TRUE(same_text(a, std::string(size, 'x')));
    EXPECT_FALSE(same_text(a, a + 'x'));
    for (size_t at = 0; at < size; ++at) {
      std::string b = a;
      b[at] = 'y';
      EXPECT_FALSE(same_text(a, b)) << size << ' ' << at;
    }
  }
}

}  // namespace
}  // namespace stanch::model

#include "triage/findings_aside.h"

#include <gtest/gtest.h>

#include "triage/finding_for_test.h"

namespace stanch::triage {
namespace {

std::vector<std::string> ids_of(const std::vector<FindingsAside::Kept>& kin) {
  std::vector<std::string> ids;
  for (const auto& each : kin) ids.push_back(each.finding.id);
  return ids;
}

TEST(FindingsAside, GivesKinOnceAndInTheirOrder) {
  FindingsAside aside;
  aside.add({finding(2, "alice"), "{}", at({})});
  aside.add({finding(1, "alice", hours(1)), "{}", at({})});
  aside.add({finding(3, "bob"), "{}", at({})});
  aside.add({finding(4, "alice", hours(100)), "{}", at({})});
  const std::vector<std::string> alice = {"aws:user/1/alice"};
  EXPECT_EQ(ids_of(aside.take_kin(alice, at(hours(2)))), (std::vector{id_of(2), id_of(1)}));
  EXPECT_TRUE(aside.take_kin(alice, at(hours(2))).empty());
  EXPECT_EQ(ids_of(aside.take_kin(alice, at(hours(30)))), (std::vector{id_of(4)}));
  aside.remove(id_of(3));
  aside.remove(id_of(3));
  EXPECT_EQ(aside.size(), 0u);
  EXPECT_EQ(aside.forgotten(), 0u);
}

TEST(FindingsAside, OneOfTheSameIdTakesItsPlace) {
  FindingsAside aside;
  aside.add({finding(1, "alice"), "first", at({})});
  aside.add({finding(1, "bob"), "second", at({})});
  EXPECT_EQ(aside.size(), 1u);
  EXPECT_TRUE(aside.take_kin(std::vector<std::string>{"aws:user/1/alice"}, at({})).empty());
  const auto kin = aside.take_kin(std::vector<std::string>{"aws:user/1/bob"}, at({}));
  ASSERT_EQ(kin.size(), 1u);
  EXPECT_EQ(kin[0].payload, "second");
}

TEST(FindingsAside, WhatMustBeKeptIsNotForgotten) {
  FindingsAside aside(1, 100);
  aside.add({finding(1, "alice"), "{}", at({}), true});
  aside.add({finding(2, "alice"), "{}", at({})});
  EXPECT_EQ(aside.forgotten(), 1u);
  EXPECT_TRUE(aside.take(id_of(1)));
  EXPECT_FALSE(aside.take(id_of(1)));
  EXPECT_FALSE(aside.take(id_of(2)));
}

TEST(FindingsAside, ForgetsTheFirstToStayWithinItsLimits) {
  FindingsAside few(2, 100), small(100, 5);
  for (int i = 1; i <= 3; ++i) {
    few.add({finding(i, "alice"), "{}", at({})});
    small.add({finding(i, "alice"), "{}", at({})});
  }
  for (FindingsAside* aside : {&few, &small}) {
    EXPECT_EQ(aside->forgotten(), 1u);
    EXPECT_EQ(ids_of(aside->take_kin(std::vector<std::string>{"aws:user/1/alice"}, at({}))),
              (std::vector{id_of(2), id_of(3)}));
  }
}

}  // namespace
}  // namespace stanch::triage

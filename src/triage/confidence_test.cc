#include "triage/confidence.h"

#include <gtest/gtest.h>

namespace stanch::triage {
namespace {

constexpr const char* kEve = "aws:user/1/eve";
constexpr const char* kBob = "aws:user/1/bob";
constexpr const char* kBucket = "aws:bucket/b";

class ConfidenceTest : public ::testing::Test {
 protected:
  Finding& add(const std::string& rule, const std::string& event) {
    JoinedFinding& joined = state_.findings["fnd-" + std::to_string(state_.findings.size())];
    joined.finding.rule = rule;
    joined.finding.events = {event};
    joined.finding.level = model::Level::kHigh;
    joined.finding.actor = kEve;
    joined.finding.entities = {kEve, kBob, kBucket};
    joined.finding.targets = {kBob, kBucket};
    return joined.finding;
  }
  bool is_confirmed(const char* entity) { return confidence_in(state_, entity).is_confirmed; }

  IncidentState state_;
};

TEST_F(ConfidenceTest, TakesTwoRulesAndTwoEvents) {
  add("a", "1");
  EXPECT_FALSE(is_confirmed(kEve));
  add("b", "1");
  EXPECT_FALSE(is_confirmed(kEve)) << "one event";
  add("a", "2");
  EXPECT_TRUE(is_confirmed(kEve));
}

// A correlation, and the rule without which it had found nothing.
TEST_F(ConfidenceTest, WhatHasAnEventInCommonIsOne) {
  add("a", "2");
  add("of several", "1").events = {"1", "2"};
  EXPECT_FALSE(is_confirmed(kEve));
  add("b", "1");
  EXPECT_TRUE(is_confirmed(kEve)) << "a and b";
}

TEST_F(ConfidenceTest, WhatWasDeniedOrIsLowConfirmsNothing) {
  add("a", "1");
  add("b", "2").outcome = model::Outcome::kDenied;
  add("c", "3").level = model::Level::kLow;
  EXPECT_FALSE(is_confirmed(kEve));
}

// Eve names Bob in two calls, so that he is cut off.
TEST_F(ConfidenceTest, WhoWasOnlyNamedByOthersIsNotConfirmed) {
  add("a", "1");
  add("b", "2");
  EXPECT_TRUE(is_confirmed(kEve));
  EXPECT_FALSE(is_confirmed(kBob));
  EXPECT_TRUE(is_confirmed(kBucket)) << "what was done to a thing counts";
}

TEST_F(ConfidenceTest, WhatWasMadeIsConfirmedByItsMaking) {
  add("a", "1").minted = {{"aws:access-key/AKIA", "", kBob}};
  add("b", "2").credential = "aws:access-key/AKIA";
  EXPECT_TRUE(is_confirmed("aws:access-key/AKIA"));
  EXPECT_FALSE(is_confirmed(kBob));
}

}  // namespace
}  // namespace stanch::triage

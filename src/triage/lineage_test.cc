#include "triage/lineage.h"

#include <gtest/gtest.h>

namespace stanch::triage {
namespace {

class LineageTest : public ::testing::Test {
 protected:
  Finding& add(const char* credential, Minted minted) {
    JoinedFinding& joined = state_.findings["fnd-" + std::to_string(state_.findings.size())];
    joined.sequence = ++sequence_;
    joined.finding.actor = "aws:user/1/eve";
    joined.finding.credential = credential;
    joined.finding.minted = {std::move(minted)};
    return joined.finding;
  }
  bool is_minted(const char* entity, const char* by = "aws:access-key/A") {
    return is_minted_by(state_, entity, {by}, since_);
  }

  IncidentState state_;
  uint64_t sequence_ = 0, since_ = 0;
};

TEST_F(LineageTest, GoesOnFromWhatWasMade) {
  // The later first: the order of ids is none of time.
  add("aws:access-key/B", {"aws:access-key/C", "", "aws:user/1/mallory"});
  add("aws:access-key/A", {"aws:access-key/B", "", "aws:user/1/bob"});
  EXPECT_TRUE(is_minted("aws:access-key/B"));
  EXPECT_TRUE(is_minted("aws:access-key/C"));
  EXPECT_TRUE(is_minted("aws:access-key/C", "aws:user/1/eve")) << "the actor's, too";
  EXPECT_FALSE(is_minted("aws:access-key/A")) << "nothing is made by itself";
}

// A key for somebody else frames nobody.
TEST_F(LineageTest, WhomAThingWasMadeForWasNotMade) {
  add("aws:access-key/A", {"aws:access-key/B", "", "aws:user/1/bob"});
  EXPECT_FALSE(is_minted("aws:user/1/bob"));
  // As a login on a host is told, and a token of whoever asks for it.
  add("aws:access-key/A", {"", "", "aws:instance/1/i-1"});
  add("aws:access-key/A", {"", "", "aws:role/1/shared"});
  EXPECT_FALSE(is_minted("aws:instance/1/i-1"));
  EXPECT_FALSE(is_minted("aws:role/1/shared"));
}

// People who left it out of their plan knew of it.
TEST_F(LineageTest, WhatWasKnownBeforeIsNotNew) {
  add("aws:access-key/A", {"aws:access-key/B", "", ""});
  since_ = sequence_;
  add("aws:access-key/B", {"aws:access-key/C", "", ""}).actor = "aws:user/1/other";
  add("aws:access-key/A", {"aws:access-key/D", "", ""});
  EXPECT_FALSE(is_minted("aws:access-key/B"));
  EXPECT_FALSE(is_minted("aws:access-key/C")) << "nor what it makes";
  EXPECT_TRUE(is_minted("aws:access-key/D"));
}

TEST_F(LineageTest, OnlyWhatSucceededCounts) {
  add("aws:access-key/A", {"aws:access-key/B", "", ""}).outcome = model::Outcome::kDenied;
  EXPECT_FALSE(is_minted("aws:access-key/B"));
  add("aws:access-key/X", {"aws:access-key/D", "", ""}).actor = "aws:user/1/other";
  EXPECT_FALSE(is_minted("aws:access-key/D")) << "of somebody else";
}

}  // namespace
}  // namespace stanch::triage

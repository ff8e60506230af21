// A cloud that refuses, throttles, loses and delays, by the seed: no report is better than the
// truth, and whole stories end where they began.

#include <gtest/gtest.h>

#include <fmt/format.h>
#include <cstdlib>
#include <set>

#include "respond_story.h"

namespace stanch::scenario {
namespace {

using respond::StepEnd;

env::CrashAt killed_at(uint64_t call) { return {.call = call, .kind = env::CrashKind::kKilled}; }

// Whatever the report says is done is so; whatever failed says why; and both are in the ledger.
void check_report(Story& story, const Planned& plan) {
  const respond::PlanState state = story.state(plan);
  for (const respond::StepReport& report : story.last.steps) {
    const respond::Step& step = *state.plan.find(report.step);
    if (report.end == StepEnd::kDone) {
      EXPECT_TRUE(is_contained(story.cloud.things(), step.action)) << step.action << " is not done";
      EXPECT_TRUE(state.step(step.id).verified);
      continue;
    }
    EXPECT_FALSE(report.reason.empty()) << step.action << " does not say why it is not done";
    EXPECT_FALSE(state.step(step.id).verified) << step.action;
    if (report.end != StepEnd::kFailed) continue;
    ASSERT_TRUE(state.step(step.id).failed) << step.action;
    EXPECT_EQ(state.step(step.id).failed->reason, report.reason);
  }
}

TEST(RespondOdds, EvidenceThatIsRefusedHoldsNothingUp) {
  for (const Fate::Kind kind : {Fate::Kind::kDenied, Fate::Kind::kThrottled,
                                Fate::Kind::kUnavailable, Fate::Kind::kNeverArrives}) {
    Story story(1);
    const Planned plan = story.plan({kHost});
    story.cloud.fate = [&](const cloud::Call& call, Time) -> Fate {
      return {.kind = call.operation == "CreateSnapshots" ? kind : Fate::Kind::kByOdds};
    };
    story.work(plan);
    check_report(story, plan);
    EXPECT_FALSE(story.done) << "the evidence is missing";
    EXPECT_TRUE(is_contained(story.cloud.things(), kHost.action)) << story.tale();
    EXPECT_EQ(story.said("evidence_missing").size(), 1u) << story.tale();
    for (const Arrival& arrival : story.cloud.arrivals()) {
      if (!arrival.is_write || arrival.operation == "ec2.CreateSnapshots") continue;
      EXPECT_TRUE(story.said_before("evidence_missing", arrival)) << story.tale();
    }
  }
}

// The executor dies between what it says of the evidence and of the step, or before, or after.
TEST(RespondOdds, MissingEvidenceIsSaidAcrossCrashes) {
  const auto refuse = [](Story& story) {
    story.cloud.fate = [](const cloud::Call& call, Time) -> Fate {
      return {.kind =
                  call.operation == "CreateSnapshots" ? Fate::Kind::kDenied : Fate::Kind::kByOdds};
    };
  };
  uint64_t calls = 0;
  {
    Story story(1);
    const Planned plan = story.plan({kHost});
    refuse(story);
    calls = story.work(plan).calls;
  }
  each_crash(calls, [&](env::CrashAt crash) {
    Story story(1);
    const Planned plan = story.plan({kHost});
    refuse(story);
    story.retries_failed = false;
    story.work(plan, crash);
    story.work(plan);
    EXPECT_TRUE(is_contained(story.cloud.things(), kHost.action)) << story.tale();
    for (const Arrival& arrival : story.cloud.arrivals()) {
      if (!arrival.is_write || arrival.operation == "ec2.CreateSnapshots") continue;
      EXPECT_TRUE(story.said_before("evidence_missing", arrival)) << story.tale();
    }
  });
}

// Before anything is isolated its evidence is taken, or it was said that it is missing: whoever
// died over it may have asked for it in vain.
TEST(RespondOdds, EvidenceComesFirst) {
  uint64_t calls = 0;
  {
    Story story(1);
    calls = story.work(story.plan({kHost})).calls;
    EXPECT_TRUE(story.said("evidence_missing").empty()) << "it can be had";
  }
  each_crash(calls, [&](env::CrashAt crash) {
    Story story(1);
    const Planned plan = story.plan({kHost});
    story.work(plan, crash);
    story.finish(plan);
    bool has_evidence = false;
    for (const Arrival& arrival : story.cloud.arrivals()) {
      has_evidence |= arrival.operation == "ec2.CreateSnapshots";
      if (!arrival.is_write || has_evidence) continue;
      EXPECT_TRUE(story.said_before("evidence_missing", arrival)) << story.tale();
    }
  });
}

TEST(RespondOdds, AWriteThatIsRefusedIsAFailureThatSaysSo) {
  struct {
    Fate::Kind kind;
    const char* outcome;
  } const cases[] = {{Fate::Kind::kDenied, "stopped"},
                     {Fate::Kind::kThrottled, "stopped"},
                     {Fate::Kind::kUnavailable, "stopped"},
                     {Fate::Kind::kNeverArrives, "stopped"}};
  for (const auto& test : cases) {
    Story story(1);
    const Planned plan = story.plan({kKey, kBucket});
    story.cloud.fate = [&](const cloud::Call& call, Time) -> Fate {
      return {.kind = call.operation == "UpdateAccessKey" ? test.kind : Fate::Kind::kByOdds};
    };
    story.work(plan);
    check_report(story, plan);
    EXPECT_EQ(story.report("1").end, StepEnd::kFailed) << story.tale();
    EXPECT_EQ(story.report("2").end, StepEnd::kDone) << "others go on";
    ASSERT_EQ(story.said("step_failed").size(), 1u);
    EXPECT_EQ(story.said("step_failed")[0]["outcome"].text_or_empty(), test.outcome);
    EXPECT_LE(story.writes(), respond::kAttemptsMax + 1);
    // A refusal is final until somebody says to try again.
    story.retries_failed = false;
    const size_t writes = story.writes();
    story.work(plan);
    EXPECT_EQ(story.report("1").end, StepEnd::kFailed);
    EXPECT_EQ(story.writes(), writes);
    // And whoever says so may try as often again, for as long as it takes.
    story.retries_failed = true;
    story.work(plan);
    EXPECT_EQ(story.report("1").end, StepEnd::kFailed);
    story.cloud.fate = {};
    story.work(plan);
    EXPECT_TRUE(story.done);
    if (::testing::Test::HasFailure()) FAIL() << story.tale();
  }
}

// Who gave nothing holds nothing: a step that certainly did nothing has returned its hold.
TEST(RespondOdds, ARefusedStepHoldsNothing) {
  Story story(1);
  const Planned plan = story.plan({kKey});
  story.cloud.fate = [](const cloud::Call& call, Time) -> Fate {
    return {.kind = call.writes ? Fate::Kind::kDenied : Fate::Kind::kDone};
  };
  story.work(plan);
  EXPECT_EQ(story.said("hold_taken").size(), 1u);
  EXPECT_EQ(story.said("hold_returned").size(), 1u);
  story.cloud.fate = {};
  story.finish(plan);
  EXPECT_TRUE(is_contained(story.cloud.things(), kKey.action));
  EXPECT_EQ(story.said("hold_taken").size(), 2u) << "what is contained in the end is held";
}

// Nor where its executor died between saying so and giving the hold back, and nobody retries.
TEST(RespondOdds, ARefusedStepHoldsNothingAcrossCrashes) {
  const auto begin = [](Story& story) {
    story.retries_failed = false;
    story.cloud.fate = [](const cloud::Call& call, Time) -> Fate {
      return {.kind = call.writes ? Fate::Kind::kDenied : Fate::Kind::kDone};
    };
    return story.plan({kKey});
  };
  uint64_t calls = 0;
  {
    Story story(1);
    calls = story.work(begin(story)).calls;
  }
  each_crash(calls, [&](env::CrashAt crash) {
    Story story(1);
    const Planned plan = begin(story);
    story.work(plan, crash);
    story.work(plan);
    EXPECT_EQ(story.said("step_failed").size(), 1u) << story.tale();
    // A call that nobody heard of again may have done something.
    if (story.said("intended").size() > story.said("answered").size()) return;
    EXPECT_EQ(story.said("hold_taken").size(), story.said("hold_returned").size()) << story.tale();
  });
}

// The same, with another incident that wants the key back, and a crash at every call.
TEST(RespondOdds, WhatIsContainedIsHeldAcrossCrashes) {
  const auto begin = [](Story& story) {
    story.cloud.fate = [&story](const cloud::Call& call, Time) -> Fate {
      const bool refuses = call.writes && story.said("step_failed").empty();
      return {.kind = refuses ? Fate::Kind::kDenied : Fate::Kind::kDone};
    };
    return story.plan({kKey});
  };
  uint64_t calls = 0;
  {
    Story story(1);
    calls = story.work(begin(story)).calls;
  }
  each_crash(calls, [&](env::CrashAt crash) {
    Story story(1);
    const Planned plan = begin(story);
    story.work(plan, crash);
    ASSERT_NO_FATAL_FAILURE(story.finish(plan));
    const Planned other = story.plan({kKey}, kOther);
    story.finish(other);
    story.finish(story.undo(other));
    EXPECT_EQ(story.cloud.things().keys.at("AKIAEVE").status, "Inactive") << story.tale();
    story.finish(story.undo(plan));
    EXPECT_EQ(story.cloud.things().keys.at("AKIAEVE").status, "Active") << story.tale();
  });
}

// The target cannot be seen: nothing is written.
TEST(RespondOdds, WhatCannotBeSeenIsLeftAlone) {
  for (const Fate::Kind kind :
       {Fate::Kind::kDenied, Fate::Kind::kThrottled, Fate::Kind::kNeverArrives}) {
    Story story(1);
    const Planned plan = story.plan({kKey});
    story.cloud.fate = [&](const cloud::Call&, Time) -> Fate { return {.kind = kind}; };
    story.work(plan);
    check_report(story, plan);
    EXPECT_EQ(story.writes(), 0u);
    EXPECT_EQ(story.report("1").end, StepEnd::kFailed);
  }
}

// The provider takes the call and does not do it: that is not done.
TEST(RespondOdds, AnAnswerIsNoProof) {
  Story story(1);
  const Planned plan = story.plan({kKey});
  story.cloud.fate = [&](const cloud::Call& call, Time now) -> Fate {
    // Somebody is quicker than each look.
    if (call.operation == "ListAccessKeys") {
      story.cloud.change(now, [](Things& things) { things.keys["AKIAEVE"].status = "Active"; });
    }
    return {};
  };
  story.work(plan);
  check_report(story, plan);
  ASSERT_EQ(story.said("step_failed").size(), 1u) << story.tale();
  EXPECT_EQ(story.said("step_failed")[0]["outcome"].text_or_empty(), "not_verified");
}

TEST(RespondOdds, SeededRefusalsAreNeverDone) {
  each_seed(250, [](uint64_t seed) {
    Odds odds = hard();
    odds.denied = 6;
    odds.throttled = 5;
    odds.frozen = 200;
    Story story(seed, odds);
    story.retries_failed = seed % 2 == 0;
    const Planned plan = story.plan();
    env::sim::Dice dice(seed, 6);
    story.work(plan, killed_at(1 + dice.below(600)));
    for (int i = 0; i < 3; ++i) {
      story.work(plan);
      check_report(story, plan);
    }
    story.check_intentions();
    for (const Arrival& arrival : story.cloud.arrivals()) {
      if (arrival.operation != "ec2.ModifyNetworkInterfaceAttribute") continue;
      EXPECT_TRUE(story.cloud.things().snapshots.size() >= 2 ||
                  story.said_before("evidence_missing", arrival));
    }
    if (std::getenv("STANCH_SEED") != nullptr) fmt::print("{}\n", story.tale());
  });
}

// The wall clock jumps between the crash and the repair, hours ahead or minutes back.
TEST(RespondOdds, SeededJumpsOfTheClock) {
  each_seed(60, [](uint64_t seed) {
    Odds odds = hard();
    odds.lag_max = {};  // the cloud's own past is kept by this clock
    Story story(seed, odds);
    const Planned plan = story.plan();
    env::sim::Dice dice(seed, 7);
    for (int crash = 0; crash < 3; ++crash) {
      story.work(plan, killed_at(1 + dice.below(500)));
      const auto minutes = static_cast<int64_t>(dice.below(200)) - 20;
      story.world.jump_wall_clock(std::chrono::minutes(minutes));
    }
    ASSERT_NO_FATAL_FAILURE(story.finish(plan));
    story.check_contained();
    story.check_arrivals();
    story.world.jump_wall_clock(-std::chrono::minutes(3));
    story.finish(story.undo(plan));
    story.check_taken_back();
    story.check_intentions();
    if (std::getenv("STANCH_SEED") != nullptr) fmt::print("{}\n", story.tale());
  });
}

// The whole of it: contained, opened by somebody, contained again, taken back; everything at once.
TEST(RespondOdds, SeededStoriesEndWhereTheyBegan) {
  each_seed(70, [](uint64_t seed) {
    Story story(seed, hard());
    const Planned plan = story.plan();
    env::sim::Dice dice(seed, 8);
    story.work(plan, killed_at(1 + dice.below(600)), static_cast<unsigned>(1 + dice.below(2)));
    ASSERT_NO_FATAL_FAILURE(story.finish(plan, static_cast<unsigned>(1 + dice.below(2))));
    if (dice.one_in(2)) {
      story.change([](Things& things) { things.keys["AKIAEVE"].status = "Active"; });
    }
    if (dice.one_in(2)) {
      story.change([](Things& things) { things.interfaces["eni-2"].groups = {"sg-a"}; });
    }
    story.watch(kIncident, killed_at(1 + dice.below(400)));
    do {
      ASSERT_EQ(story.watch().end, env::End::kFinished);
      // A repair that failed was said; somebody has it tried again, and it is watched anew.
      ASSERT_NO_FATAL_FAILURE(story.finish(plan));
    } while (story.watched.breaches > 0);
    story.check_contained();
    story.check_arrivals();
    const Planned undo = story.undo(plan);
    story.work(undo, killed_at(1 + dice.below(500)), static_cast<unsigned>(1 + dice.below(2)));
    ASSERT_NO_FATAL_FAILURE(story.finish(undo, static_cast<unsigned>(1 + dice.below(2))));
    const size_t writes = story.writes();
    story.check_taken_back();
    EXPECT_EQ(story.cloud.things().snapshots.size(), 2u) << "evidence stays";
    EXPECT_TRUE(story.cloud.things().trails.at(kTrail)) << "the trail goes on";
    story.pass(std::chrono::minutes(15));
    story.watch();
    EXPECT_EQ(story.writes(), writes) << "written after the undo had ended";
    story.check_taken_back();
    story.check_intentions();
    if (std::getenv("STANCH_SEED") != nullptr) fmt::print("{}\n", story.tale());
  });
}

// A provider that says when to come again is not called before; one that says anything is not
// waited for longer than for one that says nothing.
TEST(RespondOdds, IsNotBackBeforeItIsAskedTo) {
  const struct {
    Duration asked, least, most;
  } cases[] = {
      {{}, std::chrono::seconds(1), std::chrono::seconds(3)},
      {std::chrono::seconds(12), std::chrono::seconds(12), std::chrono::seconds(15)},
      {std::chrono::hours(1), respond::kPauseMax, respond::kPauseMax + std::chrono::seconds(5)},
  };
  for (const auto& each : cases) {
    Story story(1);
    const Planned plan = story.plan({kKey});
    std::vector<Time> left;
    story.cloud.fate = [&](const cloud::Call& call, Time now) -> Fate {
      if (call.operation != "UpdateAccessKey") return {};
      left.push_back(now);
      if (left.size() > 1) return {};
      return {.kind = Fate::Kind::kThrottled, .retry_after = each.asked};
    };
    story.finish(plan);
    ASSERT_EQ(left.size(), 2u) << story.tale();
    EXPECT_GE(span_of(left[0], left[1]), each.least);
    EXPECT_LE(span_of(left[0], left[1]), each.most);
    EXPECT_TRUE(story.state(plan).step("1").verified);
  }
}

// Looks and writes of evidence are known as such, so that a client lets them go by others.
TEST(RespondOdds, CallsSayWhetherTheyAreForEvidence) {
  Story story(1);
  const Planned plan =
      story.plan({kKey, wish("aws.ec2.snapshot-volumes", "instance/111122223333/i-1")});
  std::set<std::string> evidence, rest;
  story.cloud.fate = [&](const cloud::Call& call, Time) -> Fate {
    const bool goes_by = call.is_evidence || call.duty == cloud::Duty::kEvidence;
    (goes_by ? evidence : rest).insert(call.operation);
    return {};
  };
  story.finish(plan);
  EXPECT_EQ(evidence,
            (std::set<std::string>{"CreateSnapshots", "DescribeInstances", "DescribeSnapshots"}));
  EXPECT_EQ(rest,
            (std::set<std::string>{"GetAccessKeyLastUsed", "ListAccessKeys", "UpdateAccessKey"}));
}

}  // namespace
}  // namespace stanch::scenario

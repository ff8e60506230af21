// Somebody acts after containment: watching finds it, and contains again what was approved.

#include <gtest/gtest.h>

#include "respond_story.h"

namespace stanch::scenario {
namespace {

constexpr Duration kHour = std::chrono::hours(1);

Wishes watched_wishes() { return {kUser, kKey, kRole, kHost, kBucket}; }

// Contains, and lets the odds be.
Planned contain(Story& story, const Wishes& wishes) {
  const Planned plan = story.plan(wishes);
  story.work(plan);
  EXPECT_TRUE(story.done) << story.words();
  return plan;
}

void open_again(Things& things) {
  things.keys["AKIAEVE"].status = "Active";
  things.users["eve"].policies.clear();
  things.roles["deploy"].policies.clear();
  things.interfaces["eni-2"].groups = {"sg-b", "sg-c"};
  things.buckets["data"] = "";
}

void expect_shut(const Story& story) {
  const Things& now = story.cloud.things();
  EXPECT_EQ(now.keys.at("AKIAEVE").status, "Inactive");
  EXPECT_EQ(now.users.at("eve").policies.size(), 1u);
  EXPECT_EQ(now.roles.at("deploy").policies.size(), 1u);
  EXPECT_NE(now.buckets.at("data"), "");
  for (const char* id : {"eni-1", "eni-2"}) {
    ASSERT_EQ(now.interfaces.at(id).groups.size(), 1u);
    EXPECT_FALSE(now.groups.at(now.interfaces.at(id).groups[0]).is_open());
  }
}

// Nobody acts: it is looked at four times, at its times, and nothing is written.
TEST(RespondWatch, LooksFourTimesAndWritesNothing) {
  Story story(1);
  const Planned plan = contain(story, watched_wishes());
  const size_t writes = story.writes();
  const Time from = story.now();
  ASSERT_EQ(story.watch().end, env::End::kFinished);
  EXPECT_EQ(story.watched.looked, 4 * watched_wishes().size());
  EXPECT_EQ(story.watched.breaches, 0u);
  EXPECT_EQ(story.writes(), writes);
  EXPECT_GE(story.now() - from, std::chrono::minutes(29));
  EXPECT_LT(story.now() - from, std::chrono::minutes(32));
  const respond::PlanState state = story.state(plan);
  for (const auto& step : state.plan.steps) {
    if (!step.is_evidence) {
      EXPECT_EQ(state.step(step.id).watched, 4u);
    }
  }
}

// At any time of the watch, whatever was opened is shut again, by the calls that were approved.
TEST(RespondWatch, FindsEachBreachAndContainsAgain) {
  const Duration moments[] = {std::chrono::seconds(5), std::chrono::seconds(30),
                              std::chrono::minutes(3), std::chrono::minutes(20)};
  for (const Duration moment : moments) {
    Story story(1);
    const Planned plan = contain(story, watched_wishes());
    const size_t writes = story.writes();
    const Time breach = story.now() + moment;
    bool attacked = false;
    story.cloud.fate = [&](const cloud::Call&, Time now) -> Fate {
      if (now < breach || attacked) return {};
      attacked = true;
      story.cloud.change(now, open_again);
      return {};
    };
    ASSERT_EQ(story.watch().end, env::End::kFinished);
    EXPECT_TRUE(attacked);
    EXPECT_EQ(story.watched.breaches, 5u);
    EXPECT_EQ(story.writes(), writes + 5) << "one for each, two interfaces with one";
    expect_shut(story);
    story.check_intentions();
    const respond::PlanState state = story.state(plan);
    for (const auto& step : state.plan.steps) {
      if (step.is_evidence) continue;
      EXPECT_EQ(state.step(step.id).breaches, 1u);
      EXPECT_EQ(state.step(step.id).watched, 4u) << "from the second containment on, anew";
    }
    if (::testing::Test::HasFailure()) FAIL() << story.tale();
  }
}

// A step that wrote nothing, because it was so already, is watched as well; but what would have to
// be written to it nobody approved.
TEST(RespondWatch, WhatWasSoAlreadyHasNoCallsToContainAgain) {
  Story story(1);
  story.change([](Things& things) { things.keys["AKIAEVE"].status = "Inactive"; });
  const Planned plan = contain(story, {kKey});
  story.change(open_again);
  ASSERT_EQ(story.watch().end, env::End::kFinished);
  EXPECT_EQ(story.watched.breaches, 1u);
  EXPECT_EQ(story.writes(), 0u);
  ASSERT_EQ(story.said("step_failed").size(), 1u);
  EXPECT_EQ(story.said("step_failed")[0]["outcome"].text_or_empty(), "stale");
}

TEST(RespondWatch, ANewInterfaceIsAFailureThatIsSaid) {
  Story story(1);
  const Planned plan = contain(story, {kHost});
  const size_t writes = story.writes();
  story.change([](Things& things) { things.interfaces["eni-3"] = {"i-1", {"sg-a"}}; });
  ASSERT_EQ(story.watch().end, env::End::kFinished);
  EXPECT_EQ(story.watched.breaches, 1u);
  EXPECT_EQ(story.writes(), writes) << "nobody approved a call for it";
  ASSERT_EQ(story.said("step_failed").size(), 1u) << story.tale();
  EXPECT_EQ(story.said("step_failed")[0]["outcome"].text_or_empty(), "stale");
  EXPECT_FALSE(story.state(plan).is_done());
}

// One more interface must not be the way to keep the others open.
TEST(RespondWatch, ANewInterfaceDoesNotKeepTheOthersOpen) {
  Story story(1);
  const Planned plan = contain(story, {kHost});
  story.change([](Things& things) {
    things.interfaces["eni-0"] = {"i-1", {"sg-a"}};
    things.interfaces["eni-1"].groups = {"sg-a"};
    things.interfaces["eni-2"].groups = {"sg-b"};
  });
  ASSERT_EQ(story.watch().end, env::End::kFinished);
  const Things& now = story.cloud.things();
  EXPECT_TRUE(now.interfaces.at("eni-1").groups[0].starts_with("sg-made")) << story.tale();
  EXPECT_TRUE(now.interfaces.at("eni-2").groups[0].starts_with("sg-made"));
  EXPECT_EQ(now.interfaces.at("eni-0").groups[0], "sg-a") << "nobody approved that";
  ASSERT_EQ(story.said("step_failed").size(), 1u);
  EXPECT_EQ(story.said("step_failed")[0]["outcome"].text_or_empty(), "stale");
}

// An attacker who opens it again and again is answered a few times; then people are told.
TEST(RespondWatch, ABreachThatComesBackTooOftenIsSaid) {
  Story story(1);
  const Planned plan = contain(story, {kKey});
  story.cloud.fate = [&](const cloud::Call& call, Time now) -> Fate {
    if (call.operation == "GetAccessKeyLastUsed") {
      const auto& said = story.said("verified");
      if (!said.empty() && story.said("watched").size() < said.size()) {
        story.cloud.change(now, open_again);
      }
    }
    return {};
  };
  ASSERT_EQ(story.watch().end, env::End::kFinished);
  EXPECT_EQ(story.state(plan).step("1").breaches, respond::kBreachesMax + 1) << story.tale();
  EXPECT_EQ(story.said("step_failed").size(), 1u) << "nobody is told that it is open for good";
}

// Another executor that has the target, and died: the repair is due again, not forgotten.
TEST(RespondWatch, ARepairThatAnotherIsInTheWayOfIsDueAgain) {
  Story story(1);
  const Planned plan = contain(story, {kKey});
  story.change(open_again);
  story.pass(std::chrono::seconds(20));
  story.world.run([&](env::Env env) {
    const auto store = ledger::open_memory(env, story.ledger, "salt");
    EXPECT_TRUE(store->take_lease("target/" + kKey.target.entity, "somebody", env.clock.now(),
                                  respond::kLease));
  });
  ASSERT_EQ(story.watch().end, env::End::kFinished);
  EXPECT_EQ(story.cloud.things().keys.at("AKIAEVE").status, "Inactive") << story.tale();
}

// The cloud cannot be looked at for an hour: watching goes on, and says nothing that it did not
// see.
TEST(RespondWatch, WhatCannotBeSeenIsNotSaidToHold) {
  Story story(1);
  const Planned plan = contain(story, {kKey});
  const Time until = story.now() + kHour;
  story.cloud.fate = [&](const cloud::Call&, Time now) -> Fate {
    return {.kind = now < until ? Fate::Kind::kUnavailable : Fate::Kind::kDone};
  };
  story.change(open_again);
  story.world.run([&](env::Env env) {
    const auto store = ledger::open_memory(env, story.ledger, "salt");
    ScriptedCloud::Port port(story.cloud, env);
    respond::Executor executor(env, *store, actions(), port, story.options(env));
    for (int i = 0; i < 5; ++i) {
      env.clock.sleep(std::chrono::minutes(10));
      const auto seen = executor.watch(kIncident);
      ASSERT_TRUE(seen);
      EXPECT_TRUE(seen->next) << "it is still due";
    }
  });
  EXPECT_TRUE(story.said("watched").empty());
  story.pass(kHour);
  ASSERT_EQ(story.watch().end, env::End::kFinished);
  EXPECT_EQ(story.cloud.things().keys.at("AKIAEVE").status, "Inactive");
}

// What is undone is not watched any more: nothing contains it again.
TEST(RespondWatch, WhatWasTakenBackIsLeftAlone) {
  Story story(1);
  const Planned plan = contain(story, watched_wishes());
  story.finish(story.undo(plan));
  const size_t writes = story.writes();
  ASSERT_EQ(story.watch().end, env::End::kFinished);
  EXPECT_EQ(story.watched.looked, 0u);
  EXPECT_EQ(story.writes(), writes);
  story.check_taken_back();
}

// A crash at every call of a watch that finds a breach.
TEST(RespondWatch, ACrashAnywhereCostsNothing) {
  const auto begin = [](Story& story) {
    contain(story, {kKey, kHost});
    story.change(open_again);
  };
  uint64_t calls = 0;
  {
    Story story(1);
    begin(story);
    calls = story.watch().calls;
  }
  ASSERT_GT(calls, 50u);
  each_crash(calls, [&](env::CrashAt crash) {
    Story story(1);
    begin(story);
    ASSERT_EQ(story.watch(kIncident, crash).end, env::End::kCrashed);
    ASSERT_EQ(story.watch().end, env::End::kFinished);
    EXPECT_EQ(story.cloud.things().keys.at("AKIAEVE").status, "Inactive");
    EXPECT_EQ(story.cloud.things().interfaces.at("eni-2").groups.size(), 1u);
    EXPECT_TRUE(story.said("step_failed").empty());
    story.check_intentions();
    if (::testing::Test::HasFailure()) FAIL() << story.tale();
  });
}

// What a guard or a pause stops goes on when people act: nobody waits in the meantime, and what is
// open is named.
TEST(RespondWatch, WhatPeopleStoppedIsNotWaitedFor) {
  Story story(1);
  contain(story, {kKey});
  story.change(open_again);
  story.guard = [](const respond::PlanState&, const respond::Step&,
                   bool) -> Result<std::optional<respond::GuardStop>> {
    return std::optional(respond::GuardStop{
        .guard = "test", .asks = respond::GuardAsks::kOne, .because = {"The test says so."}});
  };
  const auto seen = story.watch_once(std::chrono::hours(1));
  ASSERT_EQ(seen.open.size(), 1u) << story.tale();
  EXPECT_EQ(seen.open[0].entity, kKey.target.entity);
  EXPECT_EQ(seen.open[0].action, kKey.action);
  EXPECT_FALSE(seen.next);
}

// "Still contained" is said of what was seen to be.
TEST(RespondWatch, WhatWasNotSeenIsCounted) {
  Story story(1);
  const Planned plan = contain(story, {kKey});
  story.cloud.fate = [&](const cloud::Call&, Time) -> Fate {
    return {.kind = Fate::Kind::kUnavailable};
  };
  const Time from = story.now();
  const auto seen = story.watch_once(std::chrono::minutes(10));
  EXPECT_EQ(seen.looked, 0u);
  EXPECT_EQ(seen.unseen, 1u);
  ASSERT_TRUE(seen.next);
  EXPECT_GE(*seen.next, from + std::chrono::minutes(10) + respond::kWatchAgain) << "no pause";
}

}  // namespace
}  // namespace stanch::scenario

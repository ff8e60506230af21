// Somebody acts between the plan and its execution: what nobody approved is not done.

#include <gtest/gtest.h>

#include "respond_story.h"

namespace stanch::scenario {
namespace {

using respond::StepEnd;

// The plan of these, then somebody acts, then it is worked on. The first step fails as stale and
// wrote nothing; the second, which has nothing to do with it, is done.
void expect_stale(const respond::Wanted& first, const std::function<void(Things&)>& attack,
                  const std::string& operation) {
  Story story(1);
  const Wishes wishes = {first, first.action == kBucket.action ? kKey : kBucket};
  const Planned plan = story.plan(wishes);
  story.change(attack);
  story.work(plan);
  const respond::PlanState state = story.state(plan);
  size_t stale = 0;
  for (const auto& step : state.plan.steps) {
    if (step.action == first.action) {
      ++stale;
      ASSERT_TRUE(state.step(step.id).failed) << story.tale();
      EXPECT_EQ(state.step(step.id).failed->outcome, "stale") << story.tale();
      EXPECT_FALSE(state.step(step.id).saved);
      EXPECT_EQ(story.report(step.id).end, StepEnd::kFailed);
      EXPECT_FALSE(story.report(step.id).reason.empty());
    } else {
      EXPECT_EQ(story.report(step.id).end, StepEnd::kDone) << story.tale();
    }
  }
  EXPECT_EQ(stale, 1u);
  for (const Arrival& arrival : story.cloud.arrivals()) {
    EXPECT_FALSE(arrival.is_write && arrival.operation.starts_with(operation)) << story.tale();
  }
  EXPECT_FALSE(story.done);
  for (const auto& hold : story.said("hold_taken")) {
    EXPECT_NE(hold["aspect"].text_or_empty(), first.action) << "held, and nothing was done";
  }
}

TEST(RespondStale, AKeyThatWasOffIsOnAgain) {
  respond::Wanted old = kKey;
  old.target.entity = "aws:access-key/AKIAOLD";
  expect_stale(
      old, [](Things& things) { things.keys["AKIAOLD"].status = "Active"; }, "iam.UpdateAccessKey");
}

TEST(RespondStale, AKeyIsAnothersByNow) {
  expect_stale(
      kKey,
      [](Things& things) {
        things.users["mallory"] = {};
        things.keys["AKIAEVE"].user = "mallory";
      },
      "iam.UpdateAccessKey");
}

TEST(RespondStale, AKeyWasRotated) {
  Story story(1);
  const Planned plan = story.plan({kKey, kUser});
  story.change([](Things& things) {
    things.keys.erase("AKIAEVE");
    things.keys["AKIANEXT"] = {.user = "eve"};
  });
  story.work(plan);
  EXPECT_EQ(story.report("1").end, StepEnd::kFailed);
  EXPECT_FALSE(story.report("1").reason.empty());
  EXPECT_EQ(story.report("2").end, StepEnd::kDone) << "the user is denied, the new key with it";
  EXPECT_EQ(story.cloud.things().keys.at("AKIANEXT").status, "Active") << "nobody approved that";
}

TEST(RespondStale, AnInterfaceIsNew) {
  expect_stale(
      kHost, [](Things& things) { things.interfaces["eni-3"] = {"i-1", {"sg-a"}}; },
      "ec2.ModifyNetworkInterfaceAttribute");
}

TEST(RespondStale, AnInterfaceIsGone) {
  expect_stale(
      kHost, [](Things& things) { things.interfaces.erase("eni-2"); },
      "ec2.ModifyNetworkInterfaceAttribute");
}

TEST(RespondStale, SomebodyTookOurNameForAGroup) {
  // The name of the isolation group is no secret: whoever makes it first could let everything out.
  Story story(1);
  const Planned plan = story.plan({kHost, kKey});
  std::string name;
  const respond::PlanState planned = story.state(plan);
  for (const auto& step : planned.plan.steps) {
    for (const auto& call : step.calls) {
      if (call.operation == "CreateSecurityGroup") {
        name = (*call.with.filled({}))["GroupName"].text_or_empty();
      }
    }
  }
  ASSERT_FALSE(name.empty());
  story.change([&](Things& things) { things.groups["sg-evil"] = {name, "vpc-1", true}; });
  story.work(plan);
  EXPECT_FALSE(story.done);
  EXPECT_EQ(story.cloud.things().keys.at("AKIAEVE").status, "Inactive") << "others go on";
  EXPECT_EQ(story.cloud.things().interfaces.at("eni-1").groups,
            things().interfaces["eni-1"].groups);
  bool stale = false;
  for (const auto& failed : story.said("step_failed")) {
    stale |= failed["outcome"].text_or_empty() == "stale";
  }
  EXPECT_TRUE(stale) << story.tale();
}

// What is not observed by the step makes nothing stale.
TEST(RespondStale, OnlyWhatAStepLooksAtCounts) {
  Story story(1);
  const Planned plan = story.plan({kHost, kKey, kUser});
  story.change([](Things& things) {
    things.keys["AKIANEW"] = {.user = "eve"};
    things.interfaces["eni-9"] = {"i-9", {"sg-a"}};
    things.users["eve"].policies["other"] = "{}";
    things.interfaces["eni-1"].groups = {"sg-c"};  // it is isolated from whatever it has
  });
  story.work(plan);
  EXPECT_TRUE(story.done) << story.tale();
}

// Contained by somebody else meanwhile: nothing is written, and it is held.
TEST(RespondStale, WhatIsSoAlreadyIsHeldWithoutAWrite) {
  Story story(1);
  const Planned plan = story.plan({kKey});
  story.change([](Things& things) { things.keys["AKIAEVE"].status = "Inactive"; });
  story.work(plan);
  EXPECT_TRUE(story.done) << story.tale();
  EXPECT_EQ(story.writes(), 0u);
  EXPECT_EQ(story.said("hold_taken").size(), 1u);
}

// Between the look and the calls of a step: what goes out is what was approved, or nothing.
TEST(RespondStale, AnInterfaceComesAfterTheFirstCall) {
  Story story(1);
  const Planned plan = story.plan({kHost});
  bool attacked = false;
  story.cloud.fate = [&](const cloud::Call& call, Time now) -> Fate {
    if (call.operation == "ModifyNetworkInterfaceAttribute" && !attacked) {
      attacked = true;
      story.cloud.change(now,
                         [](Things& things) { things.interfaces["eni-0"] = {"i-1", {"sg-a"}}; });
    }
    return {};
  };
  story.work(plan);
  EXPECT_TRUE(attacked);
  EXPECT_FALSE(story.done) << "an interface is open" << story.tale();
  EXPECT_EQ(story.cloud.things().interfaces.at("eni-0").groups.at(0), "sg-a");
  bool said = false;
  for (const auto& failed : story.said("step_failed"))
    said |= !failed["reason"].text_or_empty().empty();
  EXPECT_TRUE(said);
  story.check_intentions();
}

// The action was changed after people approved what it did.
TEST(RespondStale, TheActionIsAnotherByNow) {
  Story story(1);
  const Planned plan = story.plan({kKey, kBucket});
  respond::Actions changed = read_actions();
  changed.at(kKey.action).version = "another";
  story.known = &changed;
  story.work(plan);
  EXPECT_FALSE(story.done);
  EXPECT_EQ(story.cloud.things().keys.at("AKIAEVE").status, "Active");
  EXPECT_NE(story.cloud.things().buckets.at("data"), "");
  ASSERT_EQ(story.said("step_failed").size(), 1u);
  EXPECT_EQ(story.said("step_failed")[0]["outcome"].text_or_empty(), "stale");
}

// The document is not that which was approved: nothing at all is done.
TEST(RespondStale, ThePlanIsNotThatOfItsHash) {
  Story story(1);
  const Planned honest = story.plan({kKey});
  Planned forged{kIncident, std::string(64, 'a')};
  story.forge(honest, forged.hash);
  const size_t entries = story.ledger->rows.size();
  story.work(forged);
  EXPECT_FALSE(story.done);
  EXPECT_EQ(story.writes(), 0u);
  EXPECT_EQ(story.ledger->rows.size(), entries);
}

// Two engines: one ends the plan that the other begins at this moment. What was not begun by then
// is not begun any more, and holds nothing: or nobody would ever plan it anew.
TEST(RespondStale, APlanThatEndsWhileItBeginsHoldsNothing) {
  Story story(1);
  const Planned plan = story.plan({kKey});
  story.world.run([&](env::Env env) {
    const auto store = ledger::open_memory(env, story.ledger, "salt");
    ScriptedCloud::Port port(story.cloud, env);
    respond::ExecutorOptions options = story.options(env);
    options.guard = [&](const respond::PlanState& state, const respond::Step&,
                        bool writes) -> Result<std::optional<respond::GuardStop>> {
      if (!writes || state.ended) return std::optional<respond::GuardStop>();
      TRY(respond::Journal theirs,
          respond::Journal::open(env.clock, *store, kIncident, "engine/two"));
      TRY(theirs.append("plan_ended", plan.hash, codec::json_object([&](codec::JsonWriter& json) {
                          json.field("plan", plan.hash).field("outcome", "stale");
                          json.field("reason", "planned anew");
                        })));
      return std::optional<respond::GuardStop>();
    };
    ASSERT_TRUE(
        respond::Executor(env, *store, *story.known, port, options).run(plan.incident, plan.hash));
  });
  EXPECT_EQ(story.writes(), 0u) << story.tale();
  EXPECT_TRUE(story.state(plan).ended);
  EXPECT_FALSE(story.state(plan).step("1").saved) << story.tale();
  EXPECT_EQ(story.said("hold_taken").size(), 1u) << story.tale();
  EXPECT_EQ(story.said("hold_returned").size(), 1u) << story.tale();
}

}  // namespace
}  // namespace stanch::scenario

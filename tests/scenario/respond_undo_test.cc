// Taking back: only what stands as it was left, only once nothing of the change can come after it.

#include <gtest/gtest.h>

#include <algorithm>

#include "codec/timestamp.h"
#include "respond/execute/withdraw.h"
#include "respond_story.h"

namespace stanch::scenario {
namespace {

using respond::StepEnd;

// Contained; then somebody changes the field; then it is taken back: nothing is written, and people
// see the three states.
void expect_stopped(const respond::Wanted& wish, const std::function<void(Things&)>& by,
                    const char* field) {
  Story story(1);
  const Planned plan = story.plan({wish});
  story.finish(plan);
  story.change(by);
  const size_t writes = story.writes();
  const Planned undo = story.undo(plan);
  story.work(undo);
  EXPECT_FALSE(story.done);
  EXPECT_EQ(story.report("1").end, StepEnd::kFailed);
  EXPECT_EQ(story.writes(), writes) << story.tale();
  const auto stopped = story.said("undo_stopped");
  ASSERT_EQ(stopped.size(), 1u) << story.tale();
  const auto state = [&](const char* which) { return to_json(stopped[0][which][field]); };
  EXPECT_NE(state("saved"), state("left"));
  EXPECT_NE(state("saved"), state("live"));
  EXPECT_NE(state("left"), state("live"));
  EXPECT_FALSE(stopped[0]["reason"].text_or_empty().empty());
  EXPECT_TRUE(story.said("hold_returned").empty()) << "it is still held";
  EXPECT_FALSE(story.state(undo).is_done());
  // It goes on to be watched: nobody took it back.
  EXPECT_FALSE(story.state(plan).step("1").is_undone);
}

constexpr const char* kOthersChoice =
    R"({"BlockPublicAcls":true,"BlockPublicPolicy":true,"IgnorePublicAcls":false,"RestrictPublicBuckets":false})";

TEST(RespondUndo, StopsWhereSomebodyChangedABucket) {
  expect_stopped(kBucket, [](Things& things) { things.buckets["data"] = kOthersChoice; }, "block");
}
TEST(RespondUndo, StopsWhereSomebodyChangedAnInterface) {
  expect_stopped(
      kHost, [](Things& things) { things.interfaces["eni-1"].groups = {"sg-c"}; }, "interfaces");
}
TEST(RespondUndo, StopsWhereSomebodyChangedOurPolicy) {
  expect_stopped(
      kUser,
      [](Things& things) {
        things.users["eve"].policies.begin()->second = R"({"Statement":[{"Effect":"Allow"}]})";
      },
      "policy");
}

// Somebody changes it after people saw the plan that takes it back.
TEST(RespondUndo, StopsWhereSomebodyWasQuicker) {
  Story story(1);
  const Planned plan = story.plan({kBucket});
  story.finish(plan);
  const Planned undo = story.undo(plan);
  story.change([](Things& things) { things.buckets["data"] = kOthersChoice; });
  const size_t writes = story.writes();
  story.work(undo);
  EXPECT_EQ(story.said("undo_stopped").size(), 1u);
  EXPECT_EQ(story.writes(), writes);
}

// As before, but the executor died once it had begun and before it sent anything.
TEST(RespondUndo, ComparesAnewAfterACrash) {
  size_t stopped = 0;
  uint64_t calls = 1;
  for (uint64_t at = 0; at <= calls; ++at) {
    Story story(1);
    const Planned plan = story.plan({kBucket});
    story.finish(plan);
    const Planned undo = story.undo(plan);
    if (at == 0) {
      calls = story.work(undo).calls;
      continue;
    }
    const size_t entries = story.said("intended").size();
    story.work(undo, env::CrashAt{.call = at, .kind = env::CrashKind::kKilled});
    if (story.said("intended").size() > entries) break;
    story.change([](Things& things) { things.buckets["data"] = kOthersChoice; });
    const size_t writes = story.writes();
    story.work(undo);
    EXPECT_FALSE(story.done);
    EXPECT_EQ(story.writes(), writes) << "after a crash at call " << at << story.tale();
    stopped += story.said("undo_stopped").size();
  }
  EXPECT_GT(stopped, 5u);
}

// Somebody gave the access back by hand: nothing is left to write, and nothing is held.
TEST(RespondUndo, WhatIsBackAlreadyIsDone) {
  Story story(1);
  const Planned plan = story.plan({kKey, kBucket});
  story.finish(plan);
  story.change([](Things& things) {
    things.keys["AKIAEVE"].status = "Active";
    things.buckets["data"] = "";
  });
  const size_t writes = story.writes();
  story.finish(story.undo(plan));
  EXPECT_EQ(story.writes(), writes);
  EXPECT_EQ(story.said("hold_returned").size(), 2u);
}

TEST(RespondUndo, NothingIsTakenBackTwice) {
  Story story(1);
  const Planned plan = story.plan({kKey});
  EXPECT_FALSE(story.try_undo(plan)) << "nothing was done yet";
  story.finish(plan);
  story.finish(story.undo(plan));
  EXPECT_FALSE(story.try_undo(plan)) << "it was taken back";
}

// The executor dies while its call is on its way; people want it taken back at once. Nothing of the
// change may arrive after the undo said that it is done.
TEST(RespondUndo, NothingOfTheChangeArrivesAfterIt) {
  for (const bool arrives : {true, false}) {
    size_t waited = 0;
    uint64_t calls = 1;
    for (uint64_t at = 0; at <= calls; ++at) {
      Story story(1);
      const Planned plan = story.plan({kKey});
      story.cloud.fate = [&](const cloud::Call& call, Time) -> Fate {
        if (!call.writes) return {};
        if (!arrives) return {.kind = Fate::Kind::kNeverArrives};
        return {.kind = Fate::Kind::kLate, .late = std::chrono::minutes(4)};
      };
      if (at == 0) {
        // The first attempts; the later ones are no different.
        calls = std::min<uint64_t>(story.work(plan).calls, 80);
        continue;
      }
      ASSERT_EQ(story.work(plan, env::CrashAt{.call = at, .kind = env::CrashKind::kKilled}).end,
                env::End::kCrashed);
      story.cloud.fate = {};
      std::optional<Planned> undo = story.try_undo(plan);
      if (!undo) continue;  // nothing was done yet
      const auto intended = story.said("intended");
      const bool is_open = !intended.empty() && story.said("answered").size() < intended.size();
      story.work(*undo);
      if (is_open && story.done) {
        ++waited;
        const auto until =
            codec::parse_timestamp(intended.back()["valid_until"].text_or_empty()).value();
        EXPECT_GE(story.now(), until) << story.tale();
      }
      // What arrived meanwhile is not what people saw: they look again.
      if (!story.done) {
        EXPECT_FALSE(story.report("1").reason.empty());
        undo = story.undo(plan);
        story.finish(*undo);
      }
      story.pass(std::chrono::minutes(10));
      EXPECT_EQ(story.cloud.things().keys.at("AKIAEVE").status, "Active") << story.tale();
      story.check_intentions();
      if (::testing::Test::HasFailure()) FAIL() << "after a crash at call " << at << story.tale();
    }
    EXPECT_TRUE(arrives || waited > 0);
  }
}

// A crash at every call of an undo.
TEST(RespondUndo, ACrashAnywhereCostsNothing) {
  const auto begin = [](Story& story) {
    const Planned plan = story.plan({kUser, kHost});
    story.finish(plan);
    return story.undo(plan);
  };
  uint64_t calls = 0;
  {
    Story story(1);
    calls = story.work(begin(story)).calls;
  }
  each_crash(calls, [&](env::CrashAt crash) {
    Story story(1);
    const Planned undo = begin(story);
    ASSERT_EQ(story.work(undo, crash).end, env::End::kCrashed);
    ASSERT_NO_FATAL_FAILURE(story.finish(undo));
    story.check_taken_back();
    story.check_intentions();
  });
}

// Somebody opened it, and it could not be contained again: what is left can be taken back even so.
TEST(RespondUndo, WhatWasOpenedCanBeTakenBack) {
  Story story(1);
  const Planned plan = story.plan({kBucket});
  story.finish(plan);
  story.change([](Things& things) { things.buckets["data"] = kOthersChoice; });
  story.guard = [](const respond::PlanState&, const respond::Step&,
                   bool) -> Result<std::optional<respond::GuardStop>> {
    return std::optional<respond::GuardStop>(respond::GuardStop{"test", {}, {"stopped"}});
  };
  const auto seen = story.watch_once(std::chrono::minutes(1));
  EXPECT_EQ(seen.open.size(), 1u);
  EXPECT_EQ(seen.contained, 0u);
  ASSERT_FALSE(story.state(plan).step("1").verified);
  EXPECT_TRUE(story.try_undo(plan)) << "it was done once";
}

// An undo that was withdrawn halfway is not in the way of the watch.
TEST(RespondUndo, AWithdrawnUndoLeavesContainmentWatched) {
  Story story(1);
  const Planned plan = story.plan({kKey});
  story.finish(plan);
  const Planned undo = story.undo(plan);
  story.cloud.fate = [](const cloud::Call& call, Time) -> Fate {
    return {.kind =
                call.operation == "UpdateAccessKey" ? Fate::Kind::kThrottled : Fate::Kind::kByOdds};
  };
  story.work(undo, env::CrashAt{.call = 60, .kind = env::CrashKind::kKilled});
  story.cloud.fate = {};
  ASSERT_TRUE(story.state(plan).step("1").is_undoing) << story.tale();
  story.world.run([&](env::Env env) {
    const auto store = ledger::open_memory(env, story.ledger, "salt");
    auto journal = respond::Journal::open(env.clock, *store, kIncident, "person/alice").value();
    ASSERT_TRUE(respond::withdraw_plan(journal, *store, undo.hash, "person/alice", "a mistake"));
  });
  EXPECT_FALSE(story.state(plan).step("1").is_undoing);
  ASSERT_EQ(story.watch().end, env::End::kFinished);
  EXPECT_GT(story.watched.looked, 0u);
  story.check_intentions();
}

}  // namespace
}  // namespace stanch::scenario

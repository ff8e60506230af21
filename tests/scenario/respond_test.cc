// Plans on a scripted cloud, with executors that crash at every call, freeze, and stand in each
// other's way; lost answers, requests that come late, reads of the past. What is asserted reads
// what arrived at the cloud, and what the ledger had when it left.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "respond_story.h"

namespace stanch::scenario {
namespace {

TEST(Respond, ContainsAndTakesBack) {
  Story story(1);
  const Planned plan = story.plan();
  const env::Outcome outcome = story.work(plan);
  ASSERT_EQ(outcome.end, env::End::kFinished) << outcome.message;
  ASSERT_TRUE(story.done) << story.words();
  story.check_contained();
  story.check_arrivals();
  story.finish(story.undo(plan));
  story.check_taken_back();
  EXPECT_EQ(story.cloud.things().snapshots.size(), 2u) << "evidence stays";
  story.check_intentions();
}

// A crash at every call of the whole story, then somebody else goes on.
TEST(Respond, ACrashAnywhereCostsNothing) {
  uint64_t calls = 0;
  {
    Story story(1);
    calls = story.work(story.plan()).calls;
  }
  ASSERT_GT(calls, 100u);
  each_crash(calls, [](env::CrashAt crash) {
    Story story(1);
    const Planned plan = story.plan();
    ASSERT_EQ(story.work(plan, crash).end, env::End::kCrashed);
    ASSERT_NO_FATAL_FAILURE(story.finish(plan));
    story.check_contained();
    story.check_arrivals();
  });
}

// Everything at once, by the seed: crashes, two executors, a cloud that does what clouds do.
TEST(Respond, SeededStoriesEndContained) {
  each_seed(120, [](uint64_t seed) {
    Story story(seed, hard());
    const Planned plan = story.plan();
    env::sim::Dice dice(seed, 5);
    for (int crash = 0; crash < 3; ++crash) {
      story.work(plan, env::CrashAt{.call = 1 + dice.below(600), .kind = env::CrashKind::kKilled},
                 static_cast<unsigned>(1 + dice.below(2)));
    }
    story.finish(plan, 2);
    story.check_contained();
    story.check_arrivals();
    if (std::getenv("STANCH_SEED") != nullptr) fmt::print("{}\n", story.tale());
  });
}

}  // namespace
}  // namespace stanch::scenario

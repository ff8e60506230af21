// Two incidents contain one thing: undoing the first opens nothing, undoing the last brings back
// what stood before both.

#include <gtest/gtest.h>

#include "base/thin_for_test.h"
#include "respond/execute/holds.h"
#include "respond_story.h"

namespace stanch::scenario {
namespace {

struct Case {
  const char* name;
  respond::Wanted wish;
};
void PrintTo(const Case& test, std::ostream* out) { *out << test.name; }

class RespondHolds : public ::testing::TestWithParam<std::tuple<Case, bool>> {
 protected:
  const respond::Wanted& wish() const { return std::get<0>(GetParam()).wish; }
  bool first_goes_first() const { return std::get<1>(GetParam()); }

  // Both incidents contain it; the plans in the order in which they are taken back.
  std::pair<Planned, Planned> contain(Story& story) const {
    const Planned one = story.plan({wish()}, kIncident);
    story.finish(one);
    const Planned other = story.plan({wish()}, kOther);
    story.finish(other);
    return first_goes_first() ? std::pair(one, other) : std::pair(other, one);
  }
};

// Each incident has a policy of its own there, and takes back that alone.
bool has_names_of_its_own(const respond::Wanted& wish) {
  return wish.action == kUser.action || wish.action == kRole.action;
}
bool is_open(const Things& now) {
  const Things before = things();
  for (const auto& [id, key] : before.keys) {
    if (now.keys.at(id).status != key.status) return false;
  }
  for (const auto& [id, interface] : before.interfaces) {
    if (now.interfaces.at(id).groups != interface.groups) return false;
  }
  return now.users.at("eve").policies.empty() && now.roles.at("deploy").policies.empty() &&
         now.buckets == before.buckets && now.groups.size() == before.groups.size();
}
TEST_P(RespondHolds, TheLastUndoOpens) {
  Story story(1);
  const auto [one, other] = contain(story);
  const size_t writes = story.writes();
  const Planned undo_one = story.undo(one);
  story.finish(undo_one);
  EXPECT_TRUE(is_contained(story.cloud.things(), wish().action))
      << "another incident holds it" << story.tale();
  EXPECT_EQ(story.writes(), writes + (has_names_of_its_own(wish()) ? 1 : 0)) << story.tale();
  const Planned undo_other = story.undo(other);
  ASSERT_NO_FATAL_FAILURE(story.finish(undo_other)) << story.tale();
  EXPECT_TRUE(is_open(story.cloud.things())) << story.tale();
  story.check_intentions();
  // Each hold that was taken was returned.
  EXPECT_EQ(story.said("hold_taken").size(), 2u);
  EXPECT_EQ(story.said("hold_returned").size(), 2u);
}

// Both undos are planned before either is done.
TEST_P(RespondHolds, UndosThatWerePlannedTogether) {
  Story story(1);
  const auto [one, other] = contain(story);
  const Planned undo_one = story.undo(one), undo_other = story.undo(other);
  story.finish(undo_one);
  EXPECT_TRUE(is_contained(story.cloud.things(), wish().action)) << "another incident holds it";
  ASSERT_NO_FATAL_FAILURE(story.finish(undo_other)) << story.tale();
  EXPECT_TRUE(is_open(story.cloud.things())) << story.tale();
}

// Neither incident takes the other's containment for a breach.
TEST_P(RespondHolds, NobodyIsInTheWayOfTheOther) {
  Story story(1);
  contain(story);
  const size_t writes = story.writes();
  story.watch(kIncident);
  EXPECT_EQ(story.watched.breaches, 0u);
  story.watch(kOther);
  EXPECT_EQ(story.watched.breaches, 0u);
  EXPECT_EQ(story.writes(), writes) << story.tale();
}

TEST_P(RespondHolds, ACrashAnywhereInTheUndosCostsNothing) {
  const bool in_the_last = first_goes_first();  // the other half of the runs: in the first
  uint64_t calls = 0;
  for (uint64_t at = 0; at <= calls; at += thin_for_test()) {
    Story story(1);
    const auto [one, other] = contain(story);
    const std::optional<env::CrashAt> crash =
        at == 0 ? std::optional<env::CrashAt>()
                : env::CrashAt{.call = at, .kind = env::CrashKind::kKilled};
    const Planned undo_one = story.undo(one);
    if (!in_the_last) calls = std::max(calls, story.work(undo_one, crash).calls);
    ASSERT_NO_FATAL_FAILURE(story.finish(undo_one)) << "crash at " << at << story.tale();
    EXPECT_TRUE(is_contained(story.cloud.things(), wish().action));
    const Planned undo_other = story.undo(other);
    if (in_the_last) calls = std::max(calls, story.work(undo_other, crash).calls);
    ASSERT_NO_FATAL_FAILURE(story.finish(undo_other)) << "crash at " << at << story.tale();
    EXPECT_TRUE(is_open(story.cloud.things()));
    story.check_intentions();
    if (::testing::Test::HasFailure()) FAIL() << "after a crash at call " << at << story.tale();
  }
  EXPECT_GT(calls, 10u);
}

INSTANTIATE_TEST_SUITE_P(
    Things, RespondHolds,
    ::testing::Combine(::testing::Values(Case{"Key", kKey}, Case{"Host", kHost},
                                         Case{"User", kUser}, Case{"Role", kRole},
                                         Case{"Bucket", kBucket}),
                       ::testing::Bool()),
    [](const auto& one) {
      return std::string(std::get<0>(one.param).name) +
             (std::get<1>(one.param) ? "FirstGoesFirst" : "FirstGoesLast");
    });

// An incident that was undone and contains again is a new line of holds: what it brings back is
// what stood before that.
TEST(RespondHolds1, ANewLineOfHoldsHasItsOwnBeginning) {
  Story story(1);
  const Planned one = story.plan({kBucket}, kIncident);
  story.finish(one);
  story.finish(story.undo(one));
  const std::string open =
      R"({"BlockPublicAcls":true,"BlockPublicPolicy":false,"IgnorePublicAcls":false,"RestrictPublicBuckets":false})";
  story.change([&](Things& things) { things.buckets["data"] = open; });
  const Planned other = story.plan({kBucket}, kOther);
  story.finish(other);
  EXPECT_NE(story.cloud.things().buckets.at("data"), open);
  story.finish(story.undo(other));
  EXPECT_EQ(story.cloud.things().buckets.at("data"), open) << story.tale();
}

// Two plans of one incident are two claims as well.
TEST(RespondHolds1, APlanNeverOpensWhatAnotherOfTheIncidentHolds) {
  for (const respond::Wanted& wish : {kKey, kUser, kHost, kBucket}) {
    Story story(1);
    const Planned one = story.plan({wish});
    story.finish(one);
    story.pass(std::chrono::minutes(1));
    const Planned two = story.plan({wish});
    ASSERT_NE(two.hash, one.hash);
    story.finish(two);
    const Planned undo_two = story.undo(two);
    story.finish(undo_two);
    EXPECT_TRUE(is_contained(story.cloud.things(), wish.action)) << wish.action << story.tale();
    EXPECT_FALSE(story.last.steps.front().reason.empty()) << "says who holds";
    const Planned undo_one = story.undo(one);
    ASSERT_NO_FATAL_FAILURE(story.finish(undo_one)) << story.tale();
    EXPECT_TRUE(is_open(story.cloud.things())) << wish.action << story.tale();
  }
}

// A step fails and returns its hold, is tried again, and is given back once more: also the second
// hold is returned, though both say how often the step had failed.
TEST(RespondHolds1, EachHoldThatWasTakenIsReturned) {
  Story story(1);
  story.world.run([&](env::Env env) {
    const auto store = ledger::open_memory(env, story.ledger, "salt");
    respond::HoldRequest request{.entity = kKey.target.entity,
                                 .aspect = kKey.action,
                                 .incident = kIncident,
                                 .plan = std::string(64, 'a'),
                                 .step = "1",
                                 .now = env.clock.now(),
                                 .actor = "engine"};
    for (const uint64_t failures : {0, 1}) {
      request.time = failures;
      ASSERT_TRUE(respond::take_hold(*store, request));
      const auto held = respond::Holds::load(*store, request.entity);
      ASSERT_EQ(held->of(request.aspect).size(), 1u);
      request.time = 1;  // it was said to have failed before it is returned
      ASSERT_TRUE(respond::return_hold(*store, request, held->of(request.aspect)[0], true, "it"));
    }
    EXPECT_TRUE(respond::Holds::load(*store, request.entity)->of(request.aspect).empty());
  });
}

}  // namespace
}  // namespace stanch::scenario

// What an executor keeps to, one rule at a time.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "respond/execute/make_undo.h"
#include "respond_story.h"

namespace stanch::scenario {
namespace {

using respond::StepEnd;

respond::GuardStop stop() {
  return {.guard = "test", .asks = respond::GuardAsks::kOne, .because = {"The test says so."}};
}

TEST(RespondRules, ATargetOfAnotherExecutorIsLeftAlone) {
  Story story(1);
  const Planned plan = story.plan({kKey, kBucket});
  story.world.run([&](env::Env env) {
    const auto store = ledger::open_memory(env, story.ledger, "salt");
    EXPECT_TRUE(store->take_lease("target/" + kKey.target.entity, "another", env.clock.now(),
                                  std::chrono::hours(2)));
  });
  story.work(plan);
  EXPECT_EQ(story.report("1").end, StepEnd::kBusy);
  EXPECT_FALSE(story.report("1").reason.empty());
  EXPECT_EQ(story.report("2").end, StepEnd::kDone);
  EXPECT_EQ(story.cloud.things().keys.at("AKIAEVE").status, "Active");
  story.pass(std::chrono::hours(2));
  story.finish(plan);
  EXPECT_EQ(story.cloud.things().keys.at("AKIAEVE").status, "Inactive");
}

// Whoever is done gives the target back at once.
TEST(RespondRules, NobodyWaitsForWhoIsDone) {
  Story story(1);
  const Planned one = story.plan({kKey}, kIncident), other = story.plan({kKey}, kOther);
  story.world.run([&](env::Env env) {
    const auto store = ledger::open_memory(env, story.ledger, "salt");
    ScriptedCloud::Port port(story.cloud, env);
    const Time from = env.clock.now();
    for (const Planned& plan : {one, other}) {
      respond::Executor executor(env, *store, actions(), port, story.options(env));
      EXPECT_TRUE(executor.run(plan.incident, plan.hash)->is_done());
    }
    EXPECT_LT(env.clock.now() - from, std::chrono::seconds(5));
  });
}

TEST(RespondRules, ContainmentWaitsForEvidenceThatAGuardHolds) {
  Story story(1);
  const Planned plan = story.plan({kHost, kKey});
  story.guard = [](const respond::PlanState&, const respond::Step& step,
                   bool) -> Result<std::optional<respond::GuardStop>> {
    if (!step.is_evidence) return std::optional<respond::GuardStop>();
    return std::optional<respond::GuardStop>(stop());
  };
  story.work(plan);
  EXPECT_EQ(story.report("1").end, StepEnd::kStopped);
  ASSERT_TRUE(story.report("1").stop);
  EXPECT_EQ(story.report("1").stop->guard, "test");
  EXPECT_EQ(story.report("2").end, StepEnd::kBlocked);
  EXPECT_EQ(story.report("3").end, StepEnd::kDone);
  EXPECT_FALSE(is_contained(story.cloud.things(), kHost.action));
  story.guard = {};
  story.finish(plan);
  EXPECT_TRUE(is_contained(story.cloud.things(), kHost.action));
}

// Somebody pulls the switch while a step is at work: no further call leaves.
TEST(RespondRules, AGuardIsAskedBeforeEachCall) {
  Story story(1);
  const Planned plan = story.plan({kHost});
  size_t writes = 0;
  story.guard = [&](const respond::PlanState&, const respond::Step&,
                    bool) -> Result<std::optional<respond::GuardStop>> {
    writes = story.writes();
    if (writes < 3) return std::optional<respond::GuardStop>();
    return std::optional<respond::GuardStop>(stop());
  };
  story.work(plan);
  EXPECT_EQ(story.writes(), 3u) << story.tale();
  EXPECT_EQ(story.report("2").end, StepEnd::kStopped);
  story.guard = {};
  story.finish(plan);
  EXPECT_TRUE(is_contained(story.cloud.things(), kHost.action));
}

// Nothing goes wrong: every call is answered in the ledger, once, and nobody waits for anything.
TEST(RespondRules, EachCallHasItsAnswer) {
  Story story(1);
  const Planned plan = story.plan();
  const Time from = story.now();
  story.work(plan);
  ASSERT_TRUE(story.done);
  EXPECT_LT(story.now() - from, std::chrono::minutes(3)) << "two of them for the processes";
  EXPECT_EQ(story.said("intended").size(), story.writes());
  const auto answers = story.said("answered");
  EXPECT_EQ(answers.size(), story.writes());
  std::set<int64_t> intentions;
  for (const auto& answer : answers) {
    EXPECT_EQ(answer["outcome"].text_or_empty(), "done");
    EXPECT_FALSE(answer["request_id"].text_or_empty().empty());
    ASSERT_NE(answer["intended"]["sequence"].integer(), nullptr);
    EXPECT_TRUE(intentions.insert(*answer["intended"]["sequence"].integer()).second);
  }
}

// A call that is sent again has the token that it had, also from another executor; no other has it.
TEST(RespondRules, ACallKeepsItsToken) {
  std::map<std::string, std::set<std::string>> tokens;  // by call
  std::map<std::string, size_t> sent;
  Story story(1);
  const Planned plan = story.plan({kHost, kKey});
  story.cloud.fate = [&](const cloud::Call& call, Time) -> Fate {
    if (!call.writes) return {};
    const std::string name = call.operation + to_json(call.parameters);
    tokens[name].insert(call.token);
    EXPECT_FALSE(call.token.empty());
    return {.kind = ++sent[name] < 3 ? Fate::Kind::kNeverArrives : Fate::Kind::kDone};
  };
  story.work(plan, env::CrashAt{.call = 60, .kind = env::CrashKind::kKilled});
  story.finish(plan);
  std::set<std::string> all;
  for (const auto& [call, its] : tokens) {
    EXPECT_EQ(its.size(), 1u) << call;
    EXPECT_EQ(sent[call], 3u) << call;
    all.insert(its.begin(), its.end());
  }
  EXPECT_EQ(all.size(), tokens.size()) << "two calls with one token";
}

// Each call must leave soon after its intention; a caller that is held up does not send it.
TEST(RespondRules, NoCallLeavesLate) {
  Story story(1);
  const Planned plan = story.plan({kKey});
  size_t calls = 0;
  story.cloud.fate = [&](const cloud::Call& call, Time now) -> Fate {
    if (!call.writes) return {};
    ++calls;
    EXPECT_TRUE(call.not_after);
    EXPECT_LE(call.not_after.value_or(now) - now, respond::kLeaveWithin);
    return {};
  };
  story.work(plan);
  EXPECT_EQ(calls, 1u);
}

// An undo dies half-way; another incident contains meanwhile; the undo goes on, and leaves it.
TEST(RespondRules, AnUndoThatGoesOnFindsWhoHoldsByNow) {
  for (const respond::Wanted& wish : {kHost, kKey}) {
    const auto begin = [&](Story& story) {
      const Planned plan = story.plan({wish});
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
      const Planned other = story.plan({wish}, kOther);
      story.finish(other);
      EXPECT_TRUE(is_contained(story.cloud.things(), wish.action));
      story.work(undo);
      EXPECT_TRUE(is_contained(story.cloud.things(), wish.action)) << story.tale();
      story.pass(std::chrono::minutes(10));
      EXPECT_TRUE(is_contained(story.cloud.things(), wish.action)) << story.tale();
      story.check_intentions();
    });
  }
}

// An executor sleeps in its last look until another has verified the step; then it may not look.
TEST(RespondRules, WhatAnotherVerifiedHasNotFailed) {
  Story story(1);
  const Planned plan = story.plan({kKey});
  story.world.run([&](env::Env env) {
    const auto store = ledger::open_memory(env, story.ledger, "salt");
    ScriptedCloud::Port port(story.cloud, env);
    respond::Executor one(env, *store, actions(), port, story.options(env));
    respond::Executor other(env, *store, actions(), port, story.options(env));
    bool slept = false;
    story.cloud.fate = [&](const cloud::Call& call, Time) -> Fate {
      if (slept || call.writes || story.writes() == 0) return {};
      slept = true;
      env.clock.sleep(respond::kLease * 2);
      EXPECT_TRUE(other.run(plan.incident, plan.hash)->is_done());
      return {.kind = Fate::Kind::kDenied};
    };
    EXPECT_TRUE(one.run(plan.incident, plan.hash)->is_done());
    EXPECT_TRUE(slept);
  });
  EXPECT_TRUE(story.said("step_failed").empty()) << story.tale();
  EXPECT_FALSE(story.state(plan).step("1").failed);
}

// Two executors at one plan from the first moment: each call leaves once.
TEST(RespondRules, TwoExecutorsAreAsOne) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    Story story(seed);
    const Planned plan = story.plan();
    story.work(plan, {}, 3);
    EXPECT_TRUE(story.done);
    EXPECT_EQ(story.said("intended").size(), story.writes());
    std::set<std::string> calls;
    for (const Arrival& arrival : story.cloud.arrivals()) {
      if (!arrival.is_write) continue;
      EXPECT_TRUE(calls.insert(arrival.operation + arrival.parameters).second) << story.tale();
    }
    story.check_contained();
    story.check_arrivals();
    if (::testing::Test::HasFailure()) FAIL() << "seed " << seed;
  }
}

const auto kDetach = wish("aws.autoscaling.detach-instance", "instance/111122223333/i-1");
const auto kSnapshot = wish("aws.ec2.snapshot-volumes", "instance/111122223333/i-1");

// Refuses what would write by `operation`.
std::function<Fate(const cloud::Call&, Time)> denies(const char* operation) {
  return [operation](const cloud::Call& call, Time) -> Fate {
    return call.operation == operation ? Fate{.kind = Fate::Kind::kDenied} : Fate{};
  };
}

// What the content says comes first is there, and for the same kind of target.
TEST(RespondRules, WhatComesFirstIsKnown) {
  size_t names = 0;
  for (const auto& [name, action] : actions()) {
    std::vector<std::string> first = action.evidence;
    first.insert(first.end(), action.prepared_by.begin(), action.prepared_by.end());
    for (const std::string& each : first) {
      ++names;
      ASSERT_TRUE(actions().contains(each)) << name << " comes after " << each;
      EXPECT_EQ(actions().at(each).target, action.target) << name << " after " << each;
    }
  }
  EXPECT_GT(names, 3u);
}

// One lever that cannot be pulled keeps nobody from pulling the next.
TEST(RespondRules, AFailedStepHoldsUpNothingThatCanGoWithoutIt) {
  Story story(1);
  const Planned plan = story.plan({kDetach, kSnapshot});
  story.cloud.fate = denies("DetachInstances");
  story.work(plan);
  EXPECT_EQ(story.report("1").end, StepEnd::kFailed);
  EXPECT_EQ(story.report("2").end, StepEnd::kDone) << story.tale();
}

// An instance that its group would end for being isolated is not isolated in the group.
TEST(RespondRules, WhatAStepNeedsMustHaveEndedWell) {
  Story story(1);
  const Planned plan = story.plan({kDetach, kHost});
  story.cloud.fate = denies("DetachInstances");
  story.work(plan);
  const auto isolation = story.state(plan).plan.steps.back();
  ASSERT_EQ(isolation.action, "aws.ec2.isolate-instance");
  EXPECT_THAT(isolation.only_after, ::testing::Contains("1"));
  EXPECT_EQ(story.report(isolation.id).end, StepEnd::kBlocked);
  EXPECT_EQ(story.cloud.things().interfaces.at("eni-1").groups.at(0), "sg-a");
}

// The answer of what makes a group is lost; again, it is there already, and does not show yet.
TEST(RespondRules, WhatIsThereAlreadyIsLookedForUntilItShows) {
  Story story(1);
  const Planned plan = story.plan({kDetach, kHost});
  bool is_lost = false;
  story.cloud.behind = std::chrono::seconds(20);
  story.cloud.fate = [&](const cloud::Call& call, Time) -> Fate {
    if (call.operation != "CreateSecurityGroup" || std::exchange(is_lost, true)) return {};
    return {.kind = Fate::Kind::kAnswerLost};
  };
  story.finish(plan);
  EXPECT_TRUE(is_lost);
  EXPECT_TRUE(is_contained(story.cloud.things(), kHost.action)) << story.tale();
  EXPECT_TRUE(story.said("step_failed").empty());
}

// A plan with the same steps, as somebody else might have written it.
Planned rewritten(Story& story, const Planned& plan,
                  const std::function<void(respond::Plan&)>& change) {
  Planned other{plan.incident, ""};
  story.world.run([&](env::Env env) {
    const auto store = ledger::open_memory(env, story.ledger, "salt");
    auto journal =
        respond::Journal::open(env.clock, *store, plan.incident, "person/mallory").value();
    respond::Plan copy = journal.book().find(plan.hash)->plan;
    change(copy);
    other.hash = respond::add_plan(journal, copy).value();
  });
  return other;
}

// Guards ask by the class that a plan says: it is never milder than that of the action.
TEST(RespondRules, APlanThatCallsItselfMilderIsRefused) {
  const std::function<void(respond::Plan&)> lies[] = {
      [](respond::Plan& plan) { plan.steps[0].risk = respond::RiskClass::kRead; },
      [](respond::Plan& plan) { plan.steps[0].is_evidence = true; }};
  for (const auto& lie : lies) {
    Story story(1);
    const Planned plan = rewritten(story, story.plan({kKey}), lie);
    story.work(plan);
    EXPECT_EQ(story.report("1").end, StepEnd::kFailed) << story.tale();
    EXPECT_EQ(story.writes(), 0u);
  }
}

// Guards ask of whom a step hits beside its target: a plan cannot keep that from them.
TEST(RespondRules, APlanThatHidesWhomItHitsIsRefused) {
  Story story(1);
  const Planned plan = rewritten(story, story.plan({kKey}),
                                 [](respond::Plan& each) { each.steps[0].also_hits = {}; });
  story.work(plan);
  EXPECT_EQ(story.report("1").end, StepEnd::kFailed) << story.tale();
  EXPECT_THAT(story.report("1").reason, ::testing::HasSubstr("eve"));
  EXPECT_EQ(story.writes(), 0u);
}

// Undoing brings back what the ledger says stood before, and nothing that somebody wrote into it.
TEST(RespondRules, AnUndoThatSomebodyWroteBringsNothingBack) {
  const std::function<void(respond::Plan&)> lies[] = {
      [](respond::Plan& plan) {
        plan.steps[0].saved.object()["status"] = codec::JsonValue("Deleted");
      },
      [](respond::Plan& plan) { plan.steps[0].target.entity = "aws:access-key/AKIAOLD"; },
      [](respond::Plan& plan) { plan.steps[0].left = codec::JsonValue(true); },
      [](respond::Plan& plan) { plan.steps[0].also_hits = {}; },
      [](respond::Plan& plan) { plan.steps[0].undoes = "2"; }};
  for (const auto& lie : lies) {
    Story story(1);
    const Planned done = story.plan({kKey, kBucket});
    story.finish(done);
    const uint64_t writes = story.writes();
    const Planned undo = rewritten(story, story.undo(done), [&](respond::Plan& plan) {
      std::erase_if(plan.steps,
                    [](const respond::Step& step) { return step.action != kKey.action; });
      plan.steps[0].id = "1";
      plan.steps[0].after.clear();
      lie(plan);
    });
    story.work(undo);
    EXPECT_EQ(story.report("1").end, StepEnd::kFailed) << story.tale();
    EXPECT_EQ(story.writes(), writes);
  }
}

// What was destroyed does not come back: neither evidence that failed nor such as is not complete
// lets it go on.
TEST(RespondRules, WhatDestroysWaitsForEvidenceUntilItIsComplete) {
  for (const bool fails : {true, false}) {
    Story story(1);
    respond::Actions known = read_actions();
    respond::Action& final = known.at(kHost.action);
    final.risk = respond::RiskClass::kIrreversible;
    story.known = &known;
    story.cloud.fate = [&](const cloud::Call& call, Time) -> Fate {
      const bool hit = fails && call.operation == "CreateSnapshots";
      return {.kind = hit ? Fate::Kind::kDenied : Fate::Kind::kByOdds};
    };
    const Planned plan = rewritten(story, story.plan({kHost}), [](respond::Plan& each) {
      each.steps[1].risk = respond::RiskClass::kIrreversible;
    });
    story.work(plan);
    EXPECT_EQ(story.report("1").end, fails ? StepEnd::kFailed : StepEnd::kDone);
    EXPECT_EQ(story.report("2").end, StepEnd::kBlocked) << story.report("2").reason;
    EXPECT_FALSE(is_contained(story.cloud.things(), kHost.action)) << story.tale();
  }
}

// Evidence that ended in error never gets complete: nobody waits for it.
TEST(RespondRules, WhatDestroysFailsWhereItsEvidenceIsLost) {
  Story story(1);
  respond::Actions known = read_actions();
  known.at(kHost.action).risk = respond::RiskClass::kIrreversible;
  story.known = &known;
  const Planned plan = rewritten(story, story.plan({kHost}), [](respond::Plan& each) {
    each.steps[1].risk = respond::RiskClass::kIrreversible;
  });
  story.work(plan);
  EXPECT_EQ(story.report("2").end, StepEnd::kBlocked) << story.report("2").reason;
  story.change([](Things& things) {
    for (auto& [id, snapshot] : things.snapshots) snapshot.state = "error";
  });
  story.work(plan);
  EXPECT_EQ(story.report("2").end, StepEnd::kFailed) << story.tale();
  EXPECT_NE(story.report("2").reason.find("A snapshot ended in error: snap-"), std::string::npos)
      << story.report("2").reason;
  EXPECT_FALSE(is_contained(story.cloud.things(), kHost.action)) << story.tale();
}

// Where the provider says that what was started has failed, the step says so at once; who tries
// again starts it anew.
TEST(RespondRules, WhatCanNeverComeTrueIsNotWaitedFor) {
  constexpr std::string_view kLost = R"(
name: aws.iam.lose
title: What is made and then has failed
description: Words.
phase: contain
class: reversible
target: aws:user
region: global
observe:
  user: {call: iam.GetUser, with: {UserName: "${target.name}"}, absent: [NoSuchEntity]}
state: {exists: "user != `null`"}
done: "`false`"
change:
  make:
    call: iam.PutUserPolicy
    with: {UserName: "${target.name}", PolicyName: made, PolicyDocument: "{}"}
    safe: desired-state
verify: {that: "`false`", within: 10m, never: "state.exists && saved.exists && 'It has failed.'"}
irreversible: Words.
)";
  respond::Actions known = read_actions();
  Diagnostics diagnostics;
  auto lost = respond::read_action("lost.yaml", std::string(kLost), diagnostics);
  ASSERT_TRUE(lost) << to_text(diagnostics[0]);
  known.emplace("aws.iam.lose", std::move(*lost));
  Story story(1);
  story.known = &known;
  const Planned plan = story.plan({wish("aws.iam.lose", "user/111122223333/eve")});
  const Time from = story.now();
  story.work(plan);
  EXPECT_EQ(story.report("1").end, StepEnd::kFailed) << story.tale();
  EXPECT_NE(story.report("1").reason.find("It has failed."), std::string::npos);
  EXPECT_LT(story.now() - from, std::chrono::minutes(3));
  EXPECT_EQ(story.writes(), 1u);
  story.work(plan);
  EXPECT_EQ(story.writes(), 2u) << story.tale();
}

// Evidence that is still being taken holds containment up for its time box.
TEST(RespondRules, ContainmentWaitsForTheTimeBoxOfEvidence) {
  for (const Duration box :
       {Duration(std::chrono::seconds(20)), Duration(std::chrono::minutes(3))}) {
    Story story(1);
    respond::Actions known = read_actions();
    known.at("aws.ec2.snapshot-volumes").time_box = box;
    story.known = &known;
    story.cloud.fate = [](const cloud::Call& call, Time) -> Fate {
      return {.kind = call.operation == "CreateSnapshots" ? Fate::Kind::kNeverArrives
                                                          : Fate::Kind::kByOdds};
    };
    const Planned plan = story.plan({kHost});
    const Time from = story.now();
    story.work(plan);
    EXPECT_TRUE(is_contained(story.cloud.things(), kHost.action)) << story.tale();
    for (const Arrival& arrival : story.cloud.arrivals()) {
      if (arrival.operation != "ec2.ModifyNetworkInterfaceAttribute") continue;
      EXPECT_GT(arrival.at - from, box) << story.tale();
      EXPECT_LT(arrival.at - from, box + std::chrono::minutes(2)) << story.tale();
      break;
    }
  }
}

// One answer that got lost does not keep everything else open for a quarter of an hour.
TEST(RespondRules, WhatIsWaitedForHoldsNothingElseUp) {
  Story story(1);
  story.at_once = 1;
  const Planned plan = story.plan({kRole, kKey, kBucket});
  story.cloud.fate = [](const cloud::Call& call, Time) -> Fate {
    return {.kind = call.operation == "PutRolePolicy" ? Fate::Kind::kNeverArrives
                                                      : Fate::Kind::kByOdds};
  };
  const Time from = story.now();
  story.work(plan);
  for (const Arrival& arrival : story.cloud.arrivals()) {
    if (!arrival.is_write) continue;
    EXPECT_LT(arrival.at - from, std::chrono::minutes(2)) << story.tale();
  }
  EXPECT_EQ(story.report("2").end, StepEnd::kDone);
  EXPECT_EQ(story.report("3").end, StepEnd::kDone);
}

// A write that only sets a state goes out again at once after a look, not after a quarter of an
// hour.
TEST(RespondRules, ALostAnswerIsLookedAfterAtOnce) {
  Story story(1);
  const Planned plan = story.plan({kKey});
  int sent = 0;
  story.cloud.fate = [&](const cloud::Call& call, Time) -> Fate {
    const bool lost = call.operation == "UpdateAccessKey" && ++sent == 1;
    return {.kind = lost ? Fate::Kind::kNeverArrives : Fate::Kind::kByOdds};
  };
  const Time from = story.now();
  story.work(plan);
  EXPECT_TRUE(story.done) << story.tale();
  EXPECT_LT(story.now() - from, std::chrono::minutes(3));
  EXPECT_EQ(sent, 2);
}

TEST(RespondRules, WhereContainmentComesFirstItGoesOutFirst) {
  Story story(1);
  const Planned plan = rewritten(story, story.plan({kHost, kKey}), [](respond::Plan& each) {
    each.contain_first = "it encrypts";
    each.steps[1].after.clear();
  });
  story.finish(plan);
  std::vector<std::string> writes;
  for (const Arrival& arrival : story.cloud.arrivals()) {
    if (arrival.is_write) writes.push_back(arrival.operation);
  }
  ASSERT_FALSE(writes.empty());
  EXPECT_EQ(writes.back(), "ec2.CreateSnapshots");
}

TEST(RespondRules, AClosedIncidentChangesNothingAnyMore) {
  Story story(1);
  const Planned plan = story.plan({kKey});
  const auto say = [&](const char* kind, const char* payload) {
    story.world.run([&](env::Env env) {
      const auto store = ledger::open_memory(env, story.ledger, "salt");
      auto journal =
          respond::Journal::open(env.clock, *store, plan.incident, "person/alice").value();
      ASSERT_TRUE(journal.append(kind, kind, payload,
                                 [](const respond::PlanBook&) -> Result<> { return {}; }));
    });
  };
  say("closed", R"({"disposition":"false_positive","reason":"a test"})");
  story.work(plan);
  EXPECT_EQ(story.report("1").end, StepEnd::kStopped) << story.report("1").reason;
  EXPECT_EQ(story.writes(), 0u);
  say("reopened", R"({"reason":"it was none"})");
  story.finish(plan);
}

}  // namespace
}  // namespace stanch::scenario

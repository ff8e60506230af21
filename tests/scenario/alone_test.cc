// Response that nobody asked for (host/alone.h), on the scripted cloud: killed at every call of an
// engine, with two engines at once, and on a cloud that does all that clouds do. What was written
// is read from the cloud's own log.

#include "host/alone.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <set>

#include "base/thin_for_test.h"
#include "codec/timestamp.h"
#include "env/os/os.h"
#include "host/autonomy.h"
#include "pipeline/content.h"
#include "pipeline/incident_recorder.h"
#include "respond_story.h"

namespace stanch::scenario {
namespace {

using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

constexpr const char* kAccount = "111122223333";
constexpr std::string_view kDeny = "aws.iam.deny-user";
constexpr std::string_view kDeactivate = "aws.iam.deactivate-access-key";
constexpr int kTurnsMax = 40;

// The built-in content, and an inventory that says that the account is of no great worth.
host::ResponseTables read_tables() {
  env::OsEnv os;
  env::Env env = os.env();
  host::ResponseTables tables = host::load_response_tables(env, "").value();
  tables.assets.add_yaml("assets/own.yaml",
                         fmt::format("assets:\n  - account: '{}'\n    environment: test\n"
                                     "    criticality: low\n",
                                     kAccount),
                         tables.diagnostics);
  EXPECT_FALSE(has_errors(tables.diagnostics));
  return tables;
}
const host::ResponseTables& tables() {
  static const host::ResponseTables all = read_tables();
  return all;
}

triage::SeverityMatrix matrix() {
  Diagnostics diagnostics;
  const auto& text = pipeline::embedded_content().files.find(std::string_view("severity.yaml"));
  return triage::SeverityMatrix::read(text->first, text->second, diagnostics);
}

// Each crash point takes a tenth of a second: so not all of them, but where time is given.
void each_crash_of(uint64_t calls, const std::function<void(env::CrashAt)>& test) {
  constexpr uint64_t kStride = 13, kMany = 1000;
  const char* const seeds = std::getenv("STANCH_SEEDS");
  const bool is_long = seeds != nullptr && std::strtoull(seeds, nullptr, 10) >= kMany;
  for (uint64_t at = 1; at <= calls; at += is_long ? 1 : kStride * thin_for_test()) {
    test({.call = at, .kind = env::CrashKind::kKilled});
    if (::testing::Test::HasFailure()) FAIL() << "after a crash at call " << at << " of " << calls;
  }
}

// eve's key was taken: what a rule says of one call that it made.
std::string finding(int number, Time when, std::string_view service, std::string_view name,
                    std::string_view target) {
  return fmt::format(
      R"({{"finding":"fnd-{0:026}","rule":"rule-{0}","title":"Title","level":"high",)"
      R"("event_time":"{1}","events":["event-{0}"],"entities":["aws:user/{2}/eve","aws:access-key/AKIAEVE","{5}"],)"
      R"("document":{{"attack":{{"tactics":[]}},"facts":{{"cloud":"aws","account":"{2}",)"
      R"("region":"eu-west-1","actor":{{"type":"user","entity":"aws:user/{2}/eve","account":"{2}"}},)"
      R"("credential":{{"entity":"aws:access-key/AKIAEVE"}},)"
      R"("action":{{"service":"{3}.amazonaws.com","name":"{4}","access":"write"}},)"
      R"("outcome":"ok","targets":[{{"entity":"{5}"}}]}}}}}})",
      number, codec::format_timestamp(when), kAccount, service, name, target);
}

// An incident of two findings, in the ledger of a story.
class AloneStory : public Story {
 public:
  explicit AloneStory(uint64_t seed, const Odds& odds = {}) : Story(seed, odds) {
    world.run([&](env::Env env) {
      const auto store = ledger::open_memory(env, ledger, "salt");
      pipeline::RecorderOptions recording;
      recording.content_version = std::string(64, '0');
      recording.matrix = matrix();
      auto recorder = pipeline::IncidentRecorder::open(*store, std::move(recording)).value();
      const Time now = env.clock.now();
      const std::string user = fmt::format("aws:user/{}/eve", kAccount);
      const std::string trail = fmt::format("aws:trail/{}/eu-west-1/main", kAccount);
      for (const std::string& each :
           {finding(1, now - std::chrono::minutes(9), "iam", "AttachUserPolicy", user),
            finding(2, now - std::chrono::minutes(8), "cloudtrail", "StopLogging", trail)}) {
        ASSERT_TRUE(recorder->add(each, now));
      }
      ASSERT_TRUE(recorder->finish());
      ASSERT_EQ(recorder->touched().size(), 1u);
      incident = *recorder->touched().begin();
    });
  }

  void promote(std::string_view action) {
    world.run([&](env::Env env) {
      const auto store = ledger::open_memory(env, ledger, "salt");
      ASSERT_TRUE(host::set_autonomy(env, *store,
                                     {.action = std::string(action),
                                      .account = kAccount,
                                      .environment = "test",
                                      .autonomy = "run",
                                      .until = {},
                                      .reason = "tried",
                                      .actor = "person/alice"}));
    });
  }

  // Turns of `engines` at once, as long as there is more to do, but for what is only due in so
  // long.
  env::Outcome respond(std::optional<env::CrashAt> crash = {}, unsigned engines = 1,
                       Duration patience = std::chrono::hours(3)) {
    return world.run(
        [&](env::Env env) {
          const auto store = ledger::open_memory(env, ledger, "salt");
          ScriptedCloud::Port port(cloud, env);
          const Time until = env.clock.now() + patience;
          const auto body = [&] {
            const host::Responding with = {
                .env = env,
                .ledger = *store,
                .tables = tables(),
                .caller = port,
                .identity = {.account = kAccount,
                             .arn = {},
                             .entity = fmt::format("aws:role/{}/stanch", kAccount),
                             .own = {fmt::format("aws:role/{}/stanch", kAccount)},
                             .roles = ""},
                .actor = std::string(host::kEngineActor),
                .stop_flag = "stop"};
            for (int turn = 0; turn < kTurnsMax; ++turn) {
              const auto alone = host::respond_alone(with, incident);
              ASSERT_TRUE(alone) << alone.error().message();
              nothing = alone->nothing;
              EXPECT_THAT(alone->unplaced, IsEmpty());
              const Time now = env.clock.now();
              if (!alone->due || *alone->due > until) return;
              env.clock.sleep(std::max<Duration>(span_of(now, std::max(now, *alone->due)),
                                                 std::chrono::seconds(1)));
            }
          };
          std::vector<std::unique_ptr<env::Thread>> threads;
          for (unsigned i = 1; i < engines; ++i) {
            threads.push_back(env.threads.start("engine", body));
          }
          body();
          for (auto& thread : threads) thread->join();
        },
        crash);
  }

  // Operations that changed something.
  std::set<std::string> changed() const {
    std::set<std::string> operations;
    for (const Arrival& arrival : cloud.arrivals()) {
      if (arrival.changed) operations.insert(arrival.operation);
    }
    return operations;
  }

  // After all plans that it may make.
  bool is_left_to_people(std::string_view action) const {
    return std::ranges::any_of(said("task_added"), [&](const codec::JsonValue& task) {
      const std::string_view title = task["title"].text_or_empty();
      return title.starts_with("Contain by hand, nothing came") && title.contains(action);
    });
  }

  // What holds whatever happened: each fact is said once, and nothing left unannounced.
  void check_told_once() const {
    std::set<std::string> tasks;
    for (const codec::JsonValue& task : said("task_added")) {
      EXPECT_TRUE(tasks.insert(task["title"].text_or_empty()).second) << tale();
    }
    std::set<std::string> shadows;
    for (const codec::JsonValue& shadow : said("run_in_shadow")) {
      EXPECT_TRUE(shadows.insert(to_json(shadow)).second) << tale();
    }
    check_intentions();
  }

  model::IncidentId incident;
  std::string nothing;  // why the last turn planned nothing
};

bool is_cut_off(const Things& now) {
  return now.keys.at("AKIAEVE").status == "Inactive" && !now.users.at("eve").policies.empty();
}

TEST(Alone, OfAFreshInstallationRestoresVisibilityAndNothingElse) {
  AloneStory story(1);
  story.respond();
  EXPECT_TRUE(story.cloud.things().trails.at(kTrail));
  EXPECT_THAT(story.changed(), UnorderedElementsAre("cloudtrail.StartLogging"));
  EXPECT_EQ(story.said("plan_made").size(), 1u) << story.nothing;
  EXPECT_EQ(story.said("run_in_shadow").size(), 1u) << story.tale();
  EXPECT_FALSE(story.said("approval_asked").empty());
  story.check_told_once();
}

TEST(Alone, OfAFreshInstallationStaysInShadowWhereverItDies) {
  const uint64_t calls = AloneStory(1).respond().calls;
  each_crash_of(calls, [&](env::CrashAt crash) {
    AloneStory story(1);
    story.respond(crash);
    story.respond();
    EXPECT_THAT(story.changed(), UnorderedElementsAre("cloudtrail.StartLogging"));
    EXPECT_EQ(story.said("plan_made").size(), 1u) << story.tale();
    story.check_told_once();
  });
}

TEST(Alone, ContainsWhatIsPromotedWhereverItDies) {
  const auto begin = [](AloneStory& story) {
    story.promote(kDeny);
    story.promote(kDeactivate);
  };
  AloneStory first(1);
  begin(first);
  const uint64_t calls = first.respond().calls;
  EXPECT_TRUE(is_cut_off(first.cloud.things())) << first.tale();
  each_crash_of(calls, [&](env::CrashAt crash) {
    AloneStory story(1);
    begin(story);
    story.respond(crash);
    story.respond();
    EXPECT_TRUE(is_cut_off(story.cloud.things())) << story.tale();
    EXPECT_THAT(story.changed(), UnorderedElementsAre("cloudtrail.StartLogging",
                                                      "iam.PutUserPolicy", "iam.UpdateAccessKey"));
    EXPECT_EQ(story.said("plan_made").size(), 1u) << story.tale();
    EXPECT_EQ(story.cloud.things().users.at("eve").policies.size(), 1u) << story.tale();
    story.check_told_once();
  });
}

// Two engines at once, a cloud that answers late, twice or not at all, and one that freezes.
TEST(Alone, TwoEnginesAreOne) {
  size_t seeds = 0, left_to_people = 0;
  each_seed(20, [&](uint64_t seed) {
    ++seeds;
    AloneStory story(seed, hard());
    story.promote(kDeny);
    story.promote(kDeactivate);
    const env::Outcome outcome = story.respond({}, 2);
    ASSERT_EQ(outcome.end, env::End::kFinished) << seed << outcome.message;
    story.cloud.settle(Time::max());
    story.check_told_once();
    // A cloud that never answers wins in the end: then people are told.
    if (story.is_left_to_people(kDeny) || story.is_left_to_people(kDeactivate)) {
      ++left_to_people;
      return;
    }
    EXPECT_TRUE(is_cut_off(story.cloud.things())) << seed << "\n" << story.tale();
    EXPECT_EQ(story.cloud.things().users.at("eve").policies.size(), 1u);
  });
  EXPECT_LE(left_to_people * 50, seeds) << "seldom";
}

// What a cloud that does not answer keeps from being contained is not given up in silence.
TEST(Alone, TellsPeopleWhatItCannotContain) {
  AloneStory story(1);
  story.promote(kDeny);
  story.cloud.fate = [](const cloud::Call& call, Time) -> Fate {
    const bool is_of_user = call.operation == "ListUserPolicies" || call.operation == "GetUser" ||
                            call.operation == "GetUserPolicy" || call.operation == "ListAccessKeys";
    return {.kind = is_of_user ? Fate::Kind::kThrottled : Fate::Kind::kByOdds};
  };
  story.respond({}, 1, std::chrono::hours(48));
  EXPECT_TRUE(story.is_left_to_people(kDeny)) << story.tale();
  EXPECT_TRUE(story.cloud.things().users.at("eve").policies.empty());
  story.check_told_once();
}

// What a person takes back of autonomy binds whoever comes after it.
TEST(Alone, WritesNothingOnceItIsDemoted) {
  AloneStory story(1);
  story.promote(kDeny);
  story.world.run([&](env::Env env) {
    const auto store = ledger::open_memory(env, story.ledger, "salt");
    ASSERT_TRUE(host::set_autonomy(env, *store,
                                   {.action = std::string(kDeny),
                                    .account = kAccount,
                                    .environment = "*",
                                    .autonomy = "shadow",
                                    .until = {},
                                    .reason = "enough",
                                    .actor = "person/alice"}));
  });
  story.respond();
  EXPECT_THAT(story.changed(), UnorderedElementsAre("cloudtrail.StartLogging"));
}

// The attacker undoes containment; the engine contains again, as often as the action allows.
TEST(Alone, ContainsAgainWhatSomebodyOpened) {
  AloneStory story(1);
  story.promote(kDeny);
  story.promote(kDeactivate);
  story.respond({}, 1, std::chrono::seconds(5));
  ASSERT_TRUE(is_cut_off(story.cloud.things()));
  story.change([](Things& now) { now.keys.at("AKIAEVE").status = "Active"; });
  story.respond();
  EXPECT_TRUE(is_cut_off(story.cloud.things())) << story.tale();
  story.check_told_once();
}

// Who was killed after the last step and before it was said that the plans have ended, and applies
// again, is told of the plan that was meant, and asked nothing.
TEST(Alone, APlanAndItsUndoOfWhichNothingIsLeftAreToldApart) {
  Story story(1);
  const Planned plan = story.plan({kKey});
  story.finish(plan);
  const Planned undo = story.undo(plan);
  story.finish(undo);
  story.world.run([&](env::Env env) {
    const auto store = ledger::open_memory(env, story.ledger, "salt");
    ScriptedCloud::Port port(story.cloud, env);
    const host::Responding with = {.env = env,
                                   .ledger = *store,
                                   .tables = tables(),
                                   .caller = port,
                                   .identity = {},
                                   .actor = "person/alice",
                                   .stop_flag = "stop"};
    const auto found = host::find_plan(with, kIncident, "", host::WhichPlan::kToApply);
    ASSERT_TRUE(found) << found.error().message();
    EXPECT_EQ(found->hash, undo.hash);
    const auto open = host::find_plan(with, kIncident, "", host::WhichPlan::kOpen);
    EXPECT_FALSE(open) << "whoever pauses or aborts says which";
  });
}

}  // namespace
}  // namespace stanch::scenario

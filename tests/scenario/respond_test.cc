// Plans on a scripted cloud, with executors that crash at every call, freeze, and stand in each
// other's way; lost answers, requests that come late, reads of the past. What is asserted reads
// what arrived at the cloud, and what the ledger had when it left.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "cloud/scripted_cloud.h"
#include "codec/json.h"
#include "codec/timestamp.h"
#include "env/sim/sim.h"
#include "ledger/memory_store.h"
#include "respond/execute/executor.h"
#include "respond/execute/make_undo.h"

namespace stanch::scenario {
namespace {

using env::SimWorld;
using respond::StepEnd;

const respond::Actions& actions() {
  static const respond::Actions all = [] {
    respond::Actions made;
    for (const auto& file :
         std::filesystem::recursive_directory_iterator(STANCH_SOURCE_DIR "/content/actions")) {
      if (file.path().extension() != ".yaml") continue;
      std::ifstream in(file.path());
      std::stringstream text;
      text << in.rdbuf();
      Diagnostics diagnostics;
      auto action = respond::read_action(file.path().string(), text.str(), diagnostics);
      if (action) made.emplace(action->name, std::move(*action));
    }
    return made;
  }();
  return all;
}

constexpr const char* kTrail = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/main";

Things things() {
  Things things;
  things.users["eve"] = {};
  things.keys["AKIAEVE"] = {.user = "eve"};
  things.keys["AKIAOLD"] = {.user = "eve", .status = "Inactive"};
  things.roles["deploy"] = {};
  things.instances["i-1"] = {.scaling_group = "web", .volumes = {"vol-1", "vol-2"}};
  things.interfaces["eni-1"] = {"i-1", {"sg-a"}};
  things.interfaces["eni-2"] = {"i-1", {"sg-b", "sg-c"}};
  for (const char* group : {"sg-a", "sg-b", "sg-c"}) things.groups[group] = {group, "vpc-1", true};
  things.buckets["data"] = "";
  things.trails[kTrail] = false;
  return things;
}

std::vector<respond::Wanted> wanted() {
  const auto in_account = [](const char* action, const char* entity) {
    return respond::Wanted{action, {entity, "111122223333", "eu-west-1"}};
  };
  return {in_account("aws.cloudtrail.restore-logging", "aws:trail/111122223333/eu-west-1/main"),
          in_account("aws.iam.deny-user", "aws:user/111122223333/eve"),
          in_account("aws.iam.deactivate-access-key", "aws:access-key/AKIAEVE"),
          in_account("aws.iam.revoke-role-sessions", "aws:role/111122223333/deploy"),
          in_account("aws.autoscaling.detach-instance", "aws:instance/111122223333/i-1"),
          in_account("aws.ec2.isolate-instance", "aws:instance/111122223333/i-1"),
          in_account("aws.s3.block-public-access", "aws:bucket/data")};
}

// One world: a cloud and a ledger, which outlive the processes that work on them.
class Story {
 public:
  Story(uint64_t seed, const Odds& odds) : world(seed), cloud(seed, things(), odds), seed_(seed) {
    ledger = std::make_shared<ledger::MemoryState>();
    ledger->id = "led-test";
    ledger->origin = "test";
    cloud.witness = [this] { return ledger->rows.size(); };
  }

  // Makes the plan known. Never disturbed.
  void plan() {
    world.run([this](env::Env env) {
      ScriptedCloud calm(1, cloud.things(), {});
      ScriptedCloud::Port port(calm, env);
      const auto store = ledger::open_memory(env, ledger, "salt");
      auto journal = respond::Journal::open(env.clock, *store, kIncident, "person/alice").value();
      const auto plan = respond::make_plan(
          {.incident = kIncident, .wanted = wanted(), .now = env.clock.now()}, actions(),
          [](const respond::Target&) {
            return respond::Surroundings{.is_known = true, .used_by = {}};
          },
          port);
      ASSERT_TRUE(plan) << plan.error().message();
      for (const auto& step : plan->steps) {
        EXPECT_TRUE(step.lacks.empty()) << step.action << " " << step.lacks.at(0);
      }
      hash = respond::add_plan(journal, *plan).value();
    });
  }

  respond::ExecutorOptions options(env::Env env) {
    uint8_t bytes[8];
    env.random.fill(bytes);
    respond::ExecutorOptions options;
    options.holder = codec::to_hex(bytes);
    options.actor = "engine";
    options.credential = "aws:role/111122223333/stanch-respond";
    options.retries_failed = true;
    return options;
  }

  // One process works on the plan, `executors` threads of it at once.
  env::Outcome work(const std::string& plan_hash, std::optional<env::CrashAt> crash = {},
                    unsigned executors = 1) {
    done = false;
    return world.run(
        [&](env::Env env) {
          const auto store = ledger::open_memory(env, ledger, "salt");
          ScriptedCloud::Port port(cloud, env);
          const auto body = [&] {
            respond::Executor executor(env, *store, actions(), port, options(env));
            const auto report = executor.run(kIncident, plan_hash);
            if (report && report->is_done()) done = true;
            if (report) last = *report;
          };
          std::vector<std::unique_ptr<env::Thread>> threads;
          for (unsigned i = 1; i < executors; ++i) {
            threads.push_back(env.threads.start("executor", body));
          }
          body();
          for (auto& thread : threads) thread->join();
        },
        crash);
  }

  void finish(const std::string& plan_hash, unsigned executors = 1) {
    for (int i = 0; i < 40 && !done; ++i) {
      const env::Outcome outcome = work(plan_hash, {}, executors);
      ASSERT_EQ(outcome.end, env::End::kFinished) << outcome.message;
    }
    ASSERT_TRUE(done) << where() << words(last);
  }

  std::string undo_plan() {
    std::string made;
    world.run([&](env::Env env) {
      cloud.settle(env.clock.now());
      ScriptedCloud calm(1, cloud.things(), {});
      ScriptedCloud::Port port(calm, env);
      const auto store = ledger::open_memory(env, ledger, "salt");
      auto journal = respond::Journal::open(env.clock, *store, kIncident, "person/alice").value();
      const auto plan = respond::make_undo({.plan = hash, .steps = {}, .now = env.clock.now()},
                                           journal, *store, env.clock, actions(), port);
      ASSERT_TRUE(plan) << plan.error().message();
      made = respond::add_plan(journal, *plan).value();
    });
    return made;
  }

  std::string where() const { return fmt::format("seed {}: ", seed_); }
  static std::string words(const respond::PlanReport& report) {
    std::string words;
    for (const auto& step : report.steps) {
      words += fmt::format("\n  step {} {} {}", step.step, static_cast<int>(step.end), step.reason);
    }
    return words;
  }

  // ---- what must hold

  void check_contained() const {
    const Things& now = cloud.things();
    EXPECT_EQ(now.keys.at("AKIAEVE").status, "Inactive") << where();
    EXPECT_EQ(now.users.at("eve").policies.size(), 1u) << where();
    EXPECT_EQ(now.roles.at("deploy").policies.size(), 1u) << where();
    EXPECT_EQ(now.instances.at("i-1").scaling_group, "") << where();
    EXPECT_TRUE(now.trails.at(kTrail)) << where();
    EXPECT_NE(now.buckets.at("data"), "") << where();
    for (const auto& [id, interface] : now.interfaces) {
      ASSERT_EQ(interface.groups.size(), 1u) << where();
      EXPECT_FALSE(now.groups.at(interface.groups[0]).has_egress) << where();
    }
  }
  // What is made without a token is made once; evidence before what needs it.
  void check_arrivals() const {
    size_t snapshots = 0, groups = 0;
    bool has_evidence = false;
    for (const Arrival& arrival : cloud.arrivals()) {
      if (!arrival.refused.empty()) continue;
      snapshots += arrival.operation == "ec2.CreateSnapshots";
      groups += arrival.operation == "ec2.CreateSecurityGroup";
      has_evidence |= arrival.operation == "ec2.CreateSnapshots";
      if (arrival.operation == "ec2.ModifyNetworkInterfaceAttribute") {
        EXPECT_TRUE(has_evidence || said_before("evidence_missing", arrival))
            << where() << "isolated before the evidence was taken, and nobody said so";
      }
    }
    EXPECT_EQ(snapshots, 1u) << where();
    EXPECT_EQ(groups, 1u) << where();
    EXPECT_EQ(cloud.things().instances.size(), 2u) << where() << "one replacement";
    check_intentions();
  }
  bool said_before(std::string_view kind, const Arrival& arrival) const {
    const std::string member = fmt::format("\"kind\":\"{}\"", kind);
    return std::any_of(ledger->rows.begin(),
                       ledger->rows.begin() + static_cast<int64_t>(arrival.witness),
                       [&](const auto& row) { return row.header.contains(member); });
  }
  // Everything that happened, for a failure.
  std::string tale() const {
    std::string tale;
    size_t arrival = 0;
    for (uint64_t i = 0; i <= ledger->rows.size(); ++i) {
      for (; arrival < cloud.arrivals().size() && cloud.arrivals()[arrival].witness <= i;
           ++arrival) {
        const Arrival& each = cloud.arrivals()[arrival];
        if (!each.is_write) continue;
        tale += fmt::format("    {} {} {}{}\n", codec::format_timestamp(each.at), each.operation,
                            each.parameters, each.changed ? " CHANGED" : "");
      }
      if (i == ledger->rows.size()) break;
      const auto& row = ledger->rows[i];
      codec::JsonParser parser;
      const auto header = codec::JsonValue::of(parser.parse(row.header));
      if (header["kind"].text_or_empty() == "plan_made") continue;
      tale += fmt::format("{} {} {} {}\n", i, header["time"].text_or_empty(),
                          header["kind"].text_or_empty(), row.payload->json.substr(0, 400));
    }
    return tale;
  }
  // No write left before the ledger had its intention, and each has one of its own.
  void check_intentions() const {
    codec::JsonParser parser;
    std::set<uint64_t> used;
    for (const Arrival& arrival : cloud.arrivals()) {
      if (!arrival.is_write) continue;
      bool found = false;
      for (uint64_t i = 0; i < arrival.witness && !found; ++i) {
        const auto& row = ledger->rows[i];
        if (used.contains(i) || row.header.find("\"kind\":\"intended\"") == row.header.npos)
          continue;
        const auto payload = codec::JsonValue::of(parser.parse(row.payload->json));
        std::string operation = payload["operation"].text_or_empty();
        std::ranges::replace(operation, ':', '.');
        found = operation == arrival.operation &&
                to_json(payload["request"]["parameters"]) == arrival.parameters;
        if (found) used.insert(i);
      }
      EXPECT_TRUE(found) << where() << arrival.operation << " " << arrival.parameters
                         << " left without its intention";
    }
  }

  static inline const model::IncidentId kIncident{"inc-aaaaaaaaaaaaaaaaaaaaaaaaaa"};
  SimWorld world;
  ScriptedCloud cloud;
  std::shared_ptr<ledger::MemoryState> ledger;
  std::string hash;
  bool done = false;
  respond::PlanReport last;

 private:
  uint64_t seed_;
};

TEST(Respond, ContainsAndTakesBack) {
  Story story(1, {});
  story.plan();
  const env::Outcome outcome = story.work(story.hash);
  ASSERT_EQ(outcome.end, env::End::kFinished) << outcome.message;
  ASSERT_TRUE(story.done) << Story::words(story.last);
  story.check_contained();
  story.check_arrivals();
  const std::string undo = story.undo_plan();
  story.done = false;
  story.finish(undo);
  const Things& now = story.cloud.things();
  const Things before = things();
  EXPECT_EQ(now.keys.at("AKIAEVE").status, "Active");
  EXPECT_EQ(now.keys.at("AKIAOLD").status, "Inactive");
  EXPECT_TRUE(now.users.at("eve").policies.empty());
  EXPECT_TRUE(now.roles.at("deploy").policies.empty());
  EXPECT_EQ(now.interfaces.at("eni-1").groups, before.interfaces.at("eni-1").groups);
  EXPECT_EQ(now.interfaces.at("eni-2").groups, before.interfaces.at("eni-2").groups);
  EXPECT_EQ(now.groups.size(), before.groups.size());
  EXPECT_EQ(now.buckets.at("data"), "");
  EXPECT_EQ(now.instances.at("i-1").scaling_group, "web");
  EXPECT_EQ(now.snapshots.size(), 2u) << "evidence stays";
  story.check_intentions();
}

// A crash at every call of the whole story, then somebody else goes on.
TEST(Respond, ACrashAnywhereCostsNothing) {
  uint64_t calls = 0;
  {
    Story story(1, {});
    story.plan();
    calls = story.work(story.hash).calls;
  }
  ASSERT_GT(calls, 100u);
  for (uint64_t at = 1; at <= calls; ++at) {
    Story story(1, {});
    story.plan();
    const env::Outcome outcome =
        story.work(story.hash, env::CrashAt{.call = at, .kind = env::CrashKind::kKilled});
    ASSERT_EQ(outcome.end, env::End::kCrashed) << at;
    ASSERT_NO_FATAL_FAILURE(story.finish(story.hash)) << "after a crash at call " << at;
    story.check_contained();
    story.check_arrivals();
    if (::testing::Test::HasFailure()) FAIL() << "after a crash at call " << at;
  }
}

uint64_t seeds(uint64_t usual) {
  const char* said = std::getenv("STANCH_SEEDS");
  return said == nullptr ? usual : std::strtoull(said, nullptr, 10);
}

Odds hard() {
  return {.lost_answer = 6,
          .late = 12,
          .never_arrives = 12,
          .throttled = 15,
          .unavailable = 15,
          .frozen = 40,
          .denied = 0,
          .lag_max = std::chrono::seconds(8)};
}

// Everything at once, by the seed: crashes, two executors, a cloud that does what clouds do.
TEST(Respond, SeededStoriesEndContained) {
  const char* one = std::getenv("STANCH_SEED");
  const uint64_t first = one == nullptr ? 1 : std::strtoull(one, nullptr, 10);
  const uint64_t last = one == nullptr ? seeds(300) : first;
  for (uint64_t seed = first; seed <= last; ++seed) {
    Story story(seed, hard());
    story.plan();
    env::sim::Dice dice(seed, 5);
    for (int crash = 0; crash < 3; ++crash) {
      story.work(story.hash,
                 env::CrashAt{.call = 1 + dice.below(600), .kind = env::CrashKind::kKilled},
                 static_cast<unsigned>(1 + dice.below(2)));
    }
    ASSERT_NO_FATAL_FAILURE(story.finish(story.hash, 2));
    story.check_contained();
    story.check_arrivals();
    if (one != nullptr) fmt::print("{}", story.tale());
    if (::testing::Test::HasFailure()) FAIL() << "STANCH_SEED=" << seed << " shows it again";
  }
}

}  // namespace
}  // namespace stanch::scenario

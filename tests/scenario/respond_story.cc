#include "respond_story.h"

#include <errno.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "base/thin_for_test.h"
#include "codec/json.h"
#include "codec/timestamp.h"

namespace stanch::scenario {

using codec::JsonValue;

respond::Actions read_actions() {
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
}

const respond::Actions& actions() {
  static const respond::Actions all = read_actions();
  return all;
}

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

respond::Wanted wish(const char* action, const char* entity) {
  return {action, {fmt::format("aws:{}", entity), "111122223333", "eu-west-1"}};
}

Wishes wanted() {
  return {wish("aws.cloudtrail.restore-logging", "trail/111122223333/eu-west-1/main"),
          kUser,
          kKey,
          kRole,
          wish("aws.autoscaling.detach-instance", "instance/111122223333/i-1"),
          kHost,
          kBucket};
}

bool is_contained(const Things& now, std::string_view action) {
  const auto verb = action.substr(action.rfind('.') + 1);
  if (verb == "restore-logging") return now.trails.at(kTrail);
  if (verb == "deny-user") return !now.users.at("eve").policies.empty();
  if (verb == "deactivate-access-key") return now.keys.at("AKIAEVE").status == "Inactive";
  if (verb == "revoke-role-sessions") return !now.roles.at("deploy").policies.empty();
  if (verb == "detach-instance") return now.instances.at("i-1").scaling_group.empty();
  if (verb == "snapshot-volumes") return now.snapshots.size() >= 2;
  if (verb == "block-public-access") return now.buckets.at("data").contains("true");
  EXPECT_EQ(verb, "isolate-instance");
  return std::ranges::all_of(now.interfaces, [&](const auto& each) {
    const auto& [id, interface] = each;
    return interface.groups.size() == 1 && !now.groups.at(interface.groups[0]).is_open();
  });
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

void each_seed(uint64_t usual, const std::function<void(uint64_t)>& test) {
  const auto number = [](const char* name) -> std::optional<uint64_t> {
    const char* said = std::getenv(name);
    if (said == nullptr) return {};
    return std::strtoull(said, nullptr, 10);
  };
  const std::optional<uint64_t> one = number("STANCH_SEED");
  const uint64_t last =
      one.value_or(number("STANCH_SEEDS").value_or(std::max<uint64_t>(usual / thin_for_test(), 1)));
  for (uint64_t seed = one.value_or(1); seed <= last; ++seed) {
    test(seed);
    if (!::testing::Test::HasFailure()) continue;
    const auto* info = ::testing::UnitTest::GetInstance()->current_test_info();
    FAIL() << fmt::format("again: STANCH_SEED={} {} --gtest_filter={}.{}", seed,
                          program_invocation_short_name, info->test_suite_name(), info->name());
  }
}

void each_crash(uint64_t calls, const std::function<void(env::CrashAt)>& test) {
  for (uint64_t at = 1; at <= calls; at += thin_for_test()) {
    test({.call = at, .kind = env::CrashKind::kKilled});
    if (::testing::Test::HasFailure()) FAIL() << "after a crash at call " << at << " of " << calls;
  }
}

Story::Story(uint64_t seed, const Odds& odds)
    : world(seed),
      cloud(seed, things(), odds),
      ledger(std::make_shared<ledger::MemoryState>()),
      seed_(seed) {
  ledger->id = "led-test";
  ledger->origin = "test";
  cloud.witness = [this] { return ledger->rows.size(); };
}

void Story::calmly(const std::function<void(env::Env, ledger::Ledger&, cloud::Caller&)>& body) {
  world.run([&](env::Env env) {
    cloud.settle(env.clock.now());
    ScriptedCloud calm(1, cloud.things(), {});
    ScriptedCloud::Port port(calm, env);
    body(env, *ledger::open_memory(env, ledger, "salt"), port);
  });
}

Planned Story::plan(const Wishes& wishes, const model::IncidentId& incident) {
  Planned planned{incident, ""};
  calmly([&](env::Env env, ledger::Ledger& store, cloud::Caller& port) {
    auto journal = respond::Journal::open(env.clock, store, incident, "person/alice").value();
    const auto plan = respond::make_plan(
        {.incident = incident, .wanted = wishes, .now = env.clock.now()}, *known,
        [](const respond::Target&) { return true; }, port);
    ASSERT_TRUE(plan) << plan.error().message();
    for (const auto& step : plan->steps) {
      EXPECT_TRUE(step.lacks.empty()) << step.action << " " << step.lacks.at(0);
    }
    planned.hash = respond::add_plan(journal, *plan).value();
  });
  return planned;
}

std::optional<Planned> Story::try_undo(const Planned& plan) {
  std::optional<Planned> planned;
  calmly([&](env::Env env, ledger::Ledger& store, cloud::Caller& port) {
    auto journal = respond::Journal::open(env.clock, store, plan.incident, "person/alice").value();
    const auto back = respond::make_undo({.plan = plan.hash, .steps = {}, .now = env.clock.now()},
                                         journal, store, env.clock, *known, port);
    if (!back) {
      EXPECT_EQ(back.error().code(), ErrorCode::kInvalid) << where() << back.error().message();
      return;
    }
    planned = Planned{plan.incident, respond::add_plan(journal, *back).value()};
  });
  return planned;
}

Planned Story::undo(const Planned& plan) {
  const auto planned = try_undo(plan);
  EXPECT_TRUE(planned) << where() << "there is nothing to take back";
  return planned.value_or(Planned{plan.incident, ""});
}

respond::ExecutorOptions Story::options(env::Env env) const {
  uint8_t bytes[8];
  env.random.fill(bytes);
  respond::ExecutorOptions options;
  options.holder = codec::to_hex(bytes);
  options.actor = "engine";
  options.signer = [](const cloud::Call&) { return "aws:role/111122223333/stanch-respond"; };
  options.retries_failed = retries_failed;
  options.at_once = at_once;
  options.guard = guard;
  return options;
}

env::Outcome Story::work(const Planned& plan, std::optional<env::CrashAt> crash,
                         unsigned executors) {
  done = false;
  last = {};
  return world.run(
      [&](env::Env env) {
        const auto store = ledger::open_memory(env, ledger, "salt");
        ScriptedCloud::Port port(cloud, env);
        const auto body = [&] {
          respond::Executor executor(env, *store, *known, port, options(env));
          const auto report = executor.run(plan.incident, plan.hash);
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

void Story::finish(const Planned& plan, unsigned executors) {
  done = false;
  for (int i = 0; i < 40 && !done; ++i) {
    const env::Outcome outcome = work(plan, {}, executors);
    ASSERT_EQ(outcome.end, env::End::kFinished) << where() << outcome.message;
  }
  ASSERT_TRUE(done) << where() << "never done" << words()
                    << (std::getenv("STANCH_SEED") ? tale() : "");
}

env::Outcome Story::watch(const model::IncidentId& incident, std::optional<env::CrashAt> crash) {
  watched = {};
  return world.run(
      [&](env::Env env) {
        const auto store = ledger::open_memory(env, ledger, "salt");
        ScriptedCloud::Port port(cloud, env);
        respond::Executor executor(env, *store, *known, port, options(env));
        constexpr int kTurnsMax = 200;
        for (int turn = 0; turn < kTurnsMax; ++turn) {
          const auto seen = executor.watch(incident);
          ASSERT_TRUE(seen) << where() << seen.error().message();
          watched.looked += seen->looked;
          watched.breaches += seen->breaches;
          if (!seen->next) return;
          const Time now = env.clock.now();
          env.clock.sleep(*seen->next > now ? span_of(now, *seen->next) : std::chrono::seconds(1));
        }
        ADD_FAILURE() << where() << "watching never ends";
      },
      crash);
}

respond::Executor::Watched Story::watch_once(Duration after) {
  respond::Executor::Watched turn;
  world.run([&](env::Env env) {
    const auto store = ledger::open_memory(env, ledger, "salt");
    ScriptedCloud::Port port(cloud, env);
    respond::Executor executor(env, *store, *known, port, options(env));
    env.clock.sleep(after);
    auto seen = executor.watch(kIncident);
    ASSERT_TRUE(seen) << where() << seen.error().message();
    turn = *std::move(seen);
  });
  return turn;
}

Time Story::now() {
  Time now{};
  world.run([&](env::Env env) { now = env.clock.now(); });
  return now;
}

void Story::pass(Duration time) {
  world.run([&](env::Env env) {
    env.clock.sleep(time);
    cloud.settle(env.clock.now());
  });
}

void Story::forge(const Planned& plan, const std::string& hash) {
  calmly([&](env::Env env, ledger::Ledger& store, cloud::Caller&) {
    auto journal =
        respond::Journal::open(env.clock, store, plan.incident, "person/mallory").value();
    const std::string document = respond::plan_document(journal.book().find(plan.hash)->plan);
    const auto always = [](const respond::PlanBook&) -> Result<> { return {}; };
    const std::string payload = codec::json_object([&](codec::JsonWriter& json) {
      json.field("plan", hash).field("mode", "live").key("because").begin_array().end_array();
      json.key("document").raw(document);
    });
    ASSERT_TRUE(journal.append("plan_made", hash, payload, always));
  });
}

void Story::change(const std::function<void(Things&)>& by) {
  world.run([&](env::Env env) { cloud.change(env.clock.now(), by); });
}

const respond::StepReport& Story::report(std::string_view step) const {
  static const respond::StepReport kNone{
      .step = "none", .end = respond::StepEnd::kBlocked, .stop = {}, .reason = "no such step"};
  const auto found = std::ranges::find(last.steps, step, &respond::StepReport::step);
  return found == last.steps.end() ? kNone : *found;
}

respond::PlanState Story::state(const Planned& plan) {
  respond::PlanState state;
  calmly([&](env::Env env, ledger::Ledger& store, cloud::Caller&) {
    const auto journal =
        respond::Journal::open(env.clock, store, plan.incident, "person/alice").value();
    if (const auto* found = journal.book().find(plan.hash)) state = *found;
  });
  return state;
}

std::vector<JsonValue> Story::said(std::string_view kind) const {
  std::vector<JsonValue> said;
  codec::JsonParser parser;
  const std::string member = fmt::format("\"kind\":\"{}\"", kind);
  for (const auto& row : ledger->rows) {
    if (!row.header.contains(member)) continue;
    said.push_back(JsonValue::of(parser.parse(row.payload->json)));
  }
  return said;
}

bool Story::said_before(std::string_view kind, const Arrival& arrival) const {
  const std::string member = fmt::format("\"kind\":\"{}\"", kind);
  return std::any_of(ledger->rows.begin(),
                     ledger->rows.begin() + static_cast<int64_t>(arrival.witness),
                     [&](const auto& row) { return row.header.contains(member); });
}

std::string Story::where() const { return fmt::format("seed {}: ", seed_); }

std::string Story::words() const {
  std::string words;
  for (const auto& step : last.steps) {
    words += fmt::format("\n  step {} {} {}", step.step, static_cast<int>(step.end), step.reason);
  }
  return words;
}

std::string Story::tale() const {
  std::string tale;
  size_t arrival = 0;
  codec::JsonParser parser;
  for (uint64_t i = 0; i <= ledger->rows.size(); ++i) {
    for (; arrival < cloud.arrivals().size() && cloud.arrivals()[arrival].witness <= i; ++arrival) {
      const Arrival& each = cloud.arrivals()[arrival];
      if (!each.is_write) continue;
      tale += fmt::format("    {} {} {}{}\n", codec::format_timestamp(each.at), each.operation,
                          each.parameters, each.changed ? " CHANGED" : "");
    }
    if (i == ledger->rows.size()) break;
    const auto& row = ledger->rows[i];
    const auto header = JsonValue::of(parser.parse(row.header));
    if (header["kind"].text_or_empty() == "plan_made") continue;
    tale += fmt::format("{} {} {} {}\n", i, header["time"].text_or_empty(),
                        header["kind"].text_or_empty(), row.payload->json.substr(0, 400));
  }
  return tale + words();
}

size_t Story::writes() const {
  return static_cast<size_t>(std::ranges::count_if(
      cloud.arrivals(), [](const Arrival& arrival) { return arrival.is_write; }));
}

void Story::check_contained() const {
  const Things& now = cloud.things();
  EXPECT_EQ(now.keys.at("AKIAEVE").status, "Inactive") << where();
  EXPECT_EQ(now.users.at("eve").policies.size(), 1u) << where();
  EXPECT_EQ(now.roles.at("deploy").policies.size(), 1u) << where();
  EXPECT_EQ(now.instances.at("i-1").scaling_group, "") << where();
  EXPECT_TRUE(now.trails.at(kTrail)) << where();
  EXPECT_NE(now.buckets.at("data"), "") << where();
  for (const auto& [id, interface] : now.interfaces) {
    ASSERT_EQ(interface.groups.size(), 1u) << where();
    EXPECT_FALSE(now.groups.at(interface.groups[0]).is_open()) << where();
  }
}

void Story::check_taken_back() const {
  const Things& now = cloud.things();
  const Things before = scenario::things();
  for (const auto& [id, key] : before.keys)
    EXPECT_EQ(now.keys.at(id).status, key.status) << where();
  EXPECT_TRUE(now.users.at("eve").policies.empty()) << where();
  EXPECT_TRUE(now.roles.at("deploy").policies.empty()) << where();
  for (const auto& [id, interface] : before.interfaces) {
    EXPECT_EQ(now.interfaces.at(id).groups, interface.groups) << where() << id;
  }
  EXPECT_EQ(now.groups.size(), before.groups.size()) << where();
  EXPECT_EQ(now.buckets, before.buckets) << where();
  EXPECT_EQ(now.instances.at("i-1").scaling_group, "web") << where();
}

void Story::check_arrivals() const {
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

void Story::check_intentions() const {
  struct Intention {
    uint64_t row;
    std::string operation, parameters;
    bool used = false;
  };
  std::vector<Intention> intentions;
  codec::JsonParser parser;
  for (uint64_t i = 0; i < ledger->rows.size(); ++i) {
    if (!ledger->rows[i].header.contains("\"kind\":\"intended\"")) continue;
    const auto payload = JsonValue::of(parser.parse(ledger->rows[i].payload->json));
    std::string operation = payload["operation"].text_or_empty();
    std::ranges::replace(operation, ':', '.');
    intentions.push_back({i, operation, to_json(payload["request"]["parameters"])});
  }
  // As they left: a late one arrives after others that left after it.
  std::vector<Arrival> arrivals(cloud.arrivals().begin(), cloud.arrivals().end());
  std::ranges::stable_sort(arrivals, {}, &Arrival::witness);
  for (const Arrival& arrival : arrivals) {
    if (!arrival.is_write) continue;
    const auto found = std::ranges::find_if(intentions, [&](const Intention& each) {
      return !each.used && each.row < arrival.witness && each.operation == arrival.operation &&
             each.parameters == arrival.parameters;
    });
    EXPECT_NE(found, intentions.end()) << where() << arrival.operation << " " << arrival.parameters
                                       << " left without its intention";
    if (found != intentions.end()) found->used = true;
  }
}

}  // namespace stanch::scenario

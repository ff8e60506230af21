// `stanch replay`, killed at every call and repeated: in the end the ledger is, byte for byte,
// that of a replay that nothing disturbed. (Salts are made from a key here; else they are drawn.)

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "codec/json.h"
#include "env/sim/sim.h"
#include "host/replay.h"
#include "ledger/memory_store.h"
#include "ledger/verify.h"
#include "triage/state.h"

namespace stanch {
namespace {

using env::CrashAt;
using env::CrashKind;
using env::End;
using env::SimWorld;

const host::LoadedRules& rules() {
  static const host::LoadedRules loaded = [] {
    std::optional<host::LoadedRules> made;
    SimWorld world(0);
    world.run([&](env::Env env) { made = host::load_rule_set(env, {}).value(); });
    return *std::move(made);
  }();
  return loaded;
}

struct Call {
  std::string_view user, address, service, name, parameters;
  int minute;
};

std::string record(const Call& call) {
  return fmt::format(
      R"({{"eventVersion":"1.08","userIdentity":{{"type":"IAMUser","principalId":"AIDA{0}",)"
      R"("arn":"arn:aws:iam::111122223333:user/{0}","accountId":"111122223333",)"
      R"("accessKeyId":"AKIA{0}","userName":"{0}"}},"eventTime":"2026-01-02T03:{5:02}:00Z",)"
      R"("eventSource":"{2}.amazonaws.com","eventName":"{3}","awsRegion":"eu-west-1",)"
      R"("sourceIPAddress":"{1}","userAgent":"aws-cli/2.0","requestParameters":{4},)"
      R"("responseElements":null,"eventID":"00000000-0000-0000-0000-{5:012}","readOnly":false,)"
      R"("eventType":"AwsApiCall","managementEvent":true,"recipientAccountId":"111122223333"}})"
      "\n",
      call.user, call.address, call.service, call.name, call.parameters, call.minute);
}

// Two people stop trails, each by themselves; then the first makes a key for the second: one
// attack after all. A third does something of their own.
std::vector<std::string> story() {
  std::vector<std::string> events = {
      record({"alice", "203.0.113.7", "cloudtrail", "StopLogging", R"({"name":"one"})", 1}),
      record({"bob", "198.51.100.9", "cloudtrail", "StopLogging", R"({"name":"two"})", 2}),
      record({"carol", "192.0.2.44", "cloudtrail", "DeleteTrail", R"({"name":"three"})", 3}),
      record({"alice", "203.0.113.7", "iam", "CreateAccessKey", R"({"userName":"bob"})", 4}),
      record({"bob", "198.51.100.9", "cloudtrail", "DeleteTrail", R"({"name":"two"})", 5}),
  };
  return events;
}

std::string stream_text(const ledger::MemoryState& state) {
  std::string text;
  for (const ledger::MemoryState::Row& row : state.rows) {
    text += row.stream + " " + row.header;
    text += row.payload ? row.payload->salt + row.payload->json + "\n" : "erased\n";
  }
  return text;
}

// The first line of which two ledgers say different things.
std::string difference(std::string_view a, std::string_view b) {
  while (!a.empty() && !b.empty()) {
    const std::string_view left = a.substr(0, a.find('\n')), right = b.substr(0, b.find('\n'));
    if (left != right) return fmt::format("{}\n{}", left, right);
    a.remove_prefix(std::min(left.size() + 1, a.size()));
    b.remove_prefix(std::min(right.size() + 1, b.size()));
  }
  return fmt::format("{}\n{}", a, b);
}

// All files' findings into the ledger `state`.
Result<host::ReplayOutcome> replay(env::Env env,
                                   const std::shared_ptr<ledger::MemoryState>& state) {
  const auto store = ledger::open_memory(env, state, "a key for salts");
  host::ReplayRequest request;
  request.options.paths = {"logs"};
  request.options.jobs = 1;
  request.program_version = "test";
  request.options.spool_folder = "state/spool";
  request.recorder.content_version = rules().content_version;
  return host::replay(env, rules(), *store, std::move(request), {});
}

std::shared_ptr<ledger::MemoryState> new_ledger() {
  auto state = std::make_shared<ledger::MemoryState>();
  state->id = "led-test";
  state->origin = "test";
  return state;
}

// `events` in as many files, in this order.
void put_files(SimWorld& world, const std::vector<std::string>& events) {
  (void)rules();  // which takes a world of its own
  for (size_t i = 0; i < events.size(); ++i) {
    world.put_file(fmt::format("logs/{:03}.ndjson", i), events[i]);
  }
}

std::map<std::string, triage::IncidentState> incidents_of(const ledger::MemoryState& state,
                                                          env::Env env) {
  const auto store = ledger::open_memory(env, std::make_shared<ledger::MemoryState>(state));
  std::map<std::string, triage::IncidentState> incidents;
  for (const auto& [name, places] : state.places) {
    if (!name.starts_with("incident/")) continue;
    triage::IncidentFold fold(model::IncidentId(name.substr(9)));
    const auto entries = ledger::read_all(*store, model::StreamId(name)).value();
    for (const model::Entry& entry : entries) fold.apply(entry);
    EXPECT_EQ(fold.state().foreign, 0u);
    incidents[name] = fold.state();
  }
  return incidents;
}

TEST(Replay, MakesOneIncidentOfWhatBelongsTogether) {
  SimWorld world(1);
  put_files(world, story());
  const auto state = new_ledger();
  world.run([&](env::Env env) {
    const auto outcome = replay(env, state);
    ASSERT_TRUE(outcome) << outcome.error().message();
    EXPECT_GE(outcome->counts.findings, 5u);
    EXPECT_EQ(outcome->counts.known, 0u);
    EXPECT_EQ(outcome->counts.opened, 3u);
    EXPECT_EQ(outcome->counts.merged, 1u);
    size_t open = 0, merged = 0;
    for (const auto& [name, incident] : incidents_of(*state, env)) {
      merged += !incident.merged_into.empty();
      open += incident.merged_into.empty();
      if (incident.merged_from.empty()) continue;
      // Alice's began first; it has bob's findings too.
      EXPECT_TRUE(incident.entities.contains("aws:access-key/AKIAbob"));
      EXPECT_TRUE(incident.entities.contains("aws:access-key/AKIAalice"));
      EXPECT_FALSE(incident.entities.contains("aws:user/111122223333/carol"));
    }
    EXPECT_EQ(open, 2u);
    EXPECT_EQ(merged, 1u);
  });
}

TEST(Replay, TimeIsThatOfTheEvents) {
  SimWorld world(1);
  put_files(world, story());
  const auto state = new_ledger();
  world.run([&](env::Env env) {
    ASSERT_TRUE(replay(env, state));
    for (const auto& row : state->rows) {
      EXPECT_NE(row.header.find(R"("time":"2026-01-02T03:0)"), row.header.npos) << row.header;
    }
  });
}

TEST(Replay, KilledAnywhereAndRepeatedGivesTheSameLedger) {
  const auto run = [](const std::shared_ptr<ledger::MemoryState>& state) {
    return [state](env::Env env) { (void)replay(env, state); };
  };
  SimWorld calm(1);
  put_files(calm, story());
  const auto expected = new_ledger();
  const uint64_t calls = calm.run(run(expected)).calls;
  const std::string text = stream_text(*expected);
  ASSERT_GT(expected->rows.size(), 10u);
  std::set<size_t> sizes;
  for (uint64_t call = 1; call <= calls; ++call) {
    SimWorld world(1);
    put_files(world, story());
    const auto state = new_ledger();
    ASSERT_EQ(world.run(run(state), CrashAt{call, CrashKind::kKilled}).end, End::kCrashed);
    sizes.insert(state->rows.size());
    ASSERT_EQ(world.run(run(state)).end, End::kFinished);
    ASSERT_TRUE(stream_text(*state) == text)
        << "killed at call " << call << ": " << difference(stream_text(*state), text);
  }
  EXPECT_GT(sizes.size(), 3u);  // some came between the appends
}

TEST(Replay, RepeatedItAppendsNothing) {
  SimWorld world(1);
  put_files(world, story());
  const auto state = new_ledger();
  world.run([&](env::Env env) {
    ASSERT_TRUE(replay(env, state));
    const std::string text = stream_text(*state);
    const auto again = replay(env, state);
    ASSERT_TRUE(again);
    EXPECT_EQ(again->counts.known, again->counts.findings);
    EXPECT_EQ(again->counts.opened, 0u);
    EXPECT_TRUE(stream_text(*state) == text);
  });
}

// The same events in files of other names and order: the same incidents, of the same findings.
TEST(Replay, DoesNotDependOnTheOrderOfFiles) {
  const auto told = [](const std::vector<std::string>& events) {
    SimWorld world(1);
    put_files(world, events);
    const auto state = new_ledger();
    std::string text;
    world.run([&](env::Env env) {
      EXPECT_TRUE(replay(env, state));
      for (const auto& [name, incident] : incidents_of(*state, env)) {
        text += name + ":";
        for (const auto& [id, joined] : incident.findings) text += " " + id;
        text += "\n";
      }
    });
    return text;
  };
  std::vector<std::string> events = story();
  const std::string expected = told(events);
  std::ranges::sort(events);
  do {
    ASSERT_EQ(told(events), expected);
  } while (std::ranges::next_permutation(events).found);
}

// The first half today, the second tomorrow, by another process.
TEST(Replay, GoesOnWithIncidentsOfEarlierRuns) {
  const std::vector<std::string> events = story();
  SimWorld world(1);
  put_files(world, {events[0], events[1], events[2]});
  const auto state = new_ledger();
  world.run([&](env::Env env) { ASSERT_TRUE(replay(env, state)); });
  put_files(world, events);
  world.run([&](env::Env env) {
    const auto outcome = replay(env, state);
    ASSERT_TRUE(outcome) << outcome.error().message();
    EXPECT_EQ(outcome->counts.opened, 0u);
    EXPECT_EQ(outcome->counts.merged, 1u);
    EXPECT_EQ(incidents_of(*state, env).size(), 3u);
  });
}

}  // namespace
}  // namespace stanch

#include "pipeline/incident_recorder.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>

#include "base/thin_for_test.h"
#include "codec/hash.h"
#include "codec/json_writer.h"
#include "codec/timestamp.h"
#include "env/sim/sim.h"
#include "ledger/memory_store.h"
#include "pipeline/content.h"
#include "triage/state.h"

namespace stanch::pipeline {
namespace {

using model::IncidentId;
using model::Severity;
using model::StreamId;

constexpr std::string_view kNow = "2026-01-02T03:00:00Z";
Time now() { return codec::parse_timestamp(kNow).value(); }

// A finding by `actor` on `target`, in that minute, as finding_joined keeps it.
std::string payload(const std::string& id, std::string_view level, std::string_view actor,
                    std::string_view target, int minute) {
  const std::string time = fmt::format("2026-01-02T03:{:02}:00Z", minute);
  return fmt::format(
      R"({{"finding":"{0}","rule":"rule-{0}","title":"Title","level":"{1}","event_time":"{4}",)"
      R"("events":["{0}"],"entities":["{2}","{3}"],"document":{{"attack":{{"tactics":[]}},)"
      R"("facts":{{"actor":{{"type":"user","entity":"{2}"}},"action":{{"access":"write"}},)"
      R"("outcome":"ok","targets":[{{"entity":"{3}"}}]}}}}}})",
      id, level, actor, target, time);
}
std::string finding_id(int number) {
  return "fnd-" + codec::to_hex(codec::sha256(std::to_string(number))).substr(0, 26);
}

// A ledger, and what happens to it; each step may use a recorder of its own, as after a restart.
class World {
 public:
  World() : state_(std::make_shared<ledger::MemoryState>()) {
    state_->id = "led-test";
    state_->origin = "test";
  }

  env::Outcome run(const std::function<void(ledger::Ledger&)>& step,
                   std::optional<env::CrashAt> crash = {}) {
    env::SimWorld world(1);
    return world.run(
        [&](env::Env env) {
          const auto store = ledger::open_memory(env, state_, "a key for salts");
          step(*store);
        },
        crash);
  }

  static std::unique_ptr<IncidentRecorder> recorder(ledger::Ledger& ledger) {
    RecorderOptions options;
    options.content_version = std::string(64, '0');
    Diagnostics diagnostics;
    for (const auto& [path, text] : embedded_content().files) {
      if (path != "severity.yaml") continue;
      options.matrix =
          triage::SeverityMatrix::read(std::string(path), std::string(text), diagnostics);
    }
    EXPECT_TRUE(diagnostics.empty());
    return IncidentRecorder::open(ledger, std::move(options)).value();
  }

  // Hands them in, one flush each if `singly`.
  void add(const std::vector<std::string>& payloads, bool singly = false) {
    run([&](ledger::Ledger& ledger) {
      const auto recording = recorder(ledger);
      for (const std::string& each : payloads) {
        ASSERT_TRUE(recording->add(each, now()).has_value());
        if (singly) {
          ASSERT_TRUE(recording->flush().has_value());
        }
      }
      ASSERT_TRUE(recording->finish().has_value());
    });
  }

  void say(const IncidentId& incident, const std::string& kind, const std::string& json) {
    run([&](ledger::Ledger& ledger) {
      say(ledger, incident, kind, "key " + std::to_string(said_++), json);
    });
  }
  static void say(ledger::Ledger& ledger, const IncidentId& incident, const std::string& kind,
                  const std::string& key, const std::string& json) {
    append(ledger, model::incident_stream(incident), kind, key, json);
  }
  void begin_merge(const IncidentId& absorbed, const IncidentId& into) {
    run([&](ledger::Ledger& ledger) {
      append(ledger, model::kTriageStream, "incidents_merged", absorbed.text(),
             fmt::format(R"({{"absorbed":"{}","into":"{}","because":["one case"]}})",
                         absorbed.text(), into.text()));
    });
  }

  triage::IncidentState incident(const IncidentId& id) {
    triage::IncidentState state;
    run([&](ledger::Ledger& ledger) { state = incident(ledger, id); });
    return state;
  }
  static triage::IncidentState incident(ledger::Ledger& ledger, const IncidentId& id) {
    triage::IncidentFold fold(id);
    const auto entries = ledger::read_all(ledger, model::incident_stream(id));
    for (const model::Entry& entry : *entries) fold.apply(entry);
    EXPECT_EQ(fold.state().foreign, 0u);
    return fold.state();
  }

  model::Entry last_of(const StreamId& stream) {
    model::Entry last;
    run([&](ledger::Ledger& ledger) { last = ledger::read_all(ledger, stream)->back(); });
    return last;
  }
  ledger::MemoryState& rows() { return *state_; }

 private:
  static void append(ledger::Ledger& ledger, const StreamId& stream, const std::string& kind,
                     const std::string& key, const std::string& json) {
    const model::EntryDraft draft{.kind = kind,
                                  .key = key,
                                  .time = now(),
                                  .actor = "person/alice",
                                  .content_version = std::string(64, '0'),
                                  .payload = json};
    const auto appended = ledger::append_missing(ledger, stream, std::span(&draft, 1));
    ASSERT_TRUE(appended.has_value()) << appended.error().message();
  }

  std::shared_ptr<ledger::MemoryState> state_;
  int said_ = 0;
};

const std::string kAlice = "aws:user/1/alice", kBob = "aws:user/1/bob";

std::string alice(int number, std::string_view level, const std::string& target = "aws:bucket/a") {
  return payload(finding_id(number), level, kAlice, target, number);
}
std::string bob(int number, std::string_view level, const std::string& target = "aws:bucket/b") {
  return payload(finding_id(number), level, kBob, target, number);
}
IncidentId opened_by(int number) { return model::incident_id(finding_id(number)); }

// The older incident goes on, and the newer one was the worse.
TEST(IncidentRecorder, AMergeTakesTheWorseSeverityAlong) {
  for (const bool restarts : {false, true}) {
    World world;
    const std::vector<std::string> before = {alice(1, "low"), bob(2, "high")};
    const std::string bridge = alice(3, "medium", kBob);
    if (restarts) {
      world.add(before);
      world.add({bridge});
    } else {
      world.add({before[0], before[1], bridge}, true);
    }
    EXPECT_EQ(world.incident(opened_by(2)).merged_into, opened_by(1).text());
    const triage::IncidentState whole = world.incident(opened_by(1));
    EXPECT_EQ(whole.finding_count(), 3u);
    EXPECT_EQ(whole.severity, Severity::kS2) << restarts;
  }
}

// What a person had said of the one that came in holds too, though the matrix sees nothing in it.
TEST(IncidentRecorder, AMergeKeepsWhatAPersonSaidOfSeverity) {
  World world;
  world.add({alice(1, "low"), bob(2, "low")});
  world.say(opened_by(2), "severity_set",
            R"({"severity":"S1","by":"person","because":["changed"],"reason":"customer data"})");
  world.add({alice(3, "medium", kBob)});
  EXPECT_EQ(world.incident(opened_by(1)).severity, Severity::kS1);
  const auto entries = world.rows().rows.size();
  world.add({alice(3, "medium", kBob)});
  EXPECT_EQ(world.rows().rows.size(), entries);  // said once
}

// Stanch contained somebody, and the provider's log tells of that.
TEST(IncidentRecorder, WhatStanchDidItselfOpensNothing) {
  const std::string hash(64, 'a');
  World world;
  world.add({alice(1, "high")});
  world.say(opened_by(1), "intended",
            fmt::format(R"({{"plan":"{}","step":"s1","call":0,"attempt":1,)"
                        R"("operation":"iam:PutUserPolicy","target":"{}","credential":"{}",)"
                        R"("request":{{"id":"deny","parameters":{{"UserName":"alice"}}}},)"
                        R"("idempotency":"desired_state","valid_until":"2026-01-02T03:15:00Z"}})",
                        hash, kAlice, kBob));
  const model::EntryCitation citation =
      model::citation_of(world.last_of(model::incident_stream(opened_by(1))));
  world.say(opened_by(1), "answered",
            fmt::format(R"({{"intended":{{"stream":"{}","sequence":{},"hash":"{}"}},)"
                        R"("outcome":"done","request_id":"r-1","answer":{{}}}})",
                        citation.stream.text(), citation.sequence, codec::to_hex(citation.hash)));
  const auto with_request_id = [](std::string finding, std::string_view id) {
    finding.insert(finding.find(R"("outcome")"), fmt::format(R"("request_id":"{}",)", id));
    return finding;
  };
  const std::string own = with_request_id(bob(2, "high", kAlice), "r-1");
  const size_t before = world.rows().rows.size();
  world.add({own});
  EXPECT_EQ(world.rows().rows.size(), before + 1);
  EXPECT_EQ(world.last_of(model::kTriageStream).kind, "own_call_seen");
  world.add({own});
  EXPECT_EQ(world.rows().rows.size(), before + 1) << "said once";
  EXPECT_EQ(world.incident(opened_by(1)).finding_count(), 1u);

  world.add({with_request_id(bob(3, "high", kAlice), "r-2")});
  EXPECT_EQ(world.last_of(model::kTriageStream).kind, "finding_assigned")
      << "somebody else with our credentials is a finding like any other";
}

std::string split_to(const IncidentId& into, int finding) {
  return fmt::format(R"({{"into":"{}","findings":["{}"],"reason":"not the same"}})", into.text(),
                     finding_id(finding));
}

TEST(IncidentRecorder, AMergeLeavesWhereItIsWhatAPersonSplitOff) {
  World world;
  world.add({alice(1, "low"), bob(2, "low"), bob(3, "low")});
  ASSERT_EQ(world.incident(opened_by(2)).finding_count(), 2u);
  world.say(opened_by(2), "split", split_to(model::incident_id_of_act("x"), 3));
  world.add({alice(4, "medium", kBob)});
  EXPECT_EQ(world.incident(opened_by(2)).merged_into, opened_by(1).text());
  const triage::IncidentState whole = world.incident(opened_by(1));
  EXPECT_EQ(whole.finding_count(), 3u);
  EXPECT_FALSE(whole.findings.contains(finding_id(3)));
}

TEST(IncidentRecorder, WhatBelongsToASplitOffFindingFollowsIt) {
  World world;
  world.add({alice(1, "low"), alice(2, "medium", kBob), bob(3, "low")});
  ASSERT_EQ(world.incident(opened_by(1)).finding_count(), 3u);
  const IncidentId into = model::incident_id_of_act("x");
  std::string leaving = split_to(into, 3);
  leaving.insert(leaving.find("],\"reason"), ",\"" + finding_id(2) + "\"");
  world.say(opened_by(1), "split", leaving);
  world.say(into, "incident_opened",
            fmt::format(R"({{"incident":"{}","title":"t","by":"split"}})", into.text()));
  for (std::string joined : {alice(2, "medium", kBob), bob(3, "low")}) {
    joined.pop_back();
    world.say(into, "finding_joined", joined + R"(,"because":["split"]})");
  }
  world.add({bob(5, "low", "aws:bucket/new")});
  EXPECT_TRUE(world.incident(into).findings.contains(finding_id(5)));
}

TEST(IncidentRecorder, AnIncidentIsClosedThoughItsTextsWereErased) {
  World world;
  world.add({alice(1, "low")});
  world.say(opened_by(1), "closed", R"({"disposition":"false_positive","reason":"a drill"})");
  for (ledger::MemoryState::Row& row : world.rows().rows) {
    if (row.header.find("\"closed\"") != std::string::npos) row.payload.reset();
  }
  EXPECT_TRUE(world.incident(opened_by(1)).is_closed());
  world.add({alice(2, "low")});
  EXPECT_EQ(world.incident(opened_by(1)).finding_count(), 1u);
  EXPECT_EQ(world.incident(opened_by(2)).finding_count(), 1u);
}

// By those who recorded what was split, and by those who start later.
TEST(IncidentRecorder, WhatJoinsAfterASplitGoesWhereItBelongs) {
  for (const bool restarts : {false, true}) {
    SCOPED_TRACE(restarts);
    World world;
    const IncidentId whole = opened_by(1), part = model::incident_id_of_act("x");
    const std::vector<std::string> leaving = {alice(2, "medium", kBob), bob(3, "high")};
    const auto split = [&](ledger::Ledger& ledger) {
      std::string said = split_to(part, 3);
      said.insert(said.find("],\"reason"), ",\"" + finding_id(2) + "\"");
      World::say(ledger, whole, "split", "1", said);
      World::say(ledger, part, "incident_opened", "2",
                 fmt::format(R"({{"incident":"{}","title":"t","by":"split"}})", part.text()));
      for (std::string joined : leaving) {
        joined.pop_back();
        World::say(ledger, part, "finding_joined", joined, joined + R"(,"because":["split"]})");
      }
    };
    const std::vector<std::string> before = {alice(1, "low"), leaving[0], leaving[1]};
    const std::vector<std::string> later = {alice(4, "low"), bob(5, "low", "aws:bucket/new")};
    if (restarts) {
      world.add(before);
      world.run(split);
      world.add(later);
    } else {
      world.run([&](ledger::Ledger& ledger) {
        const auto recording = World::recorder(ledger);
        for (const std::string& each : before) ASSERT_TRUE(recording->add(each, now()));
        ASSERT_TRUE(recording->flush());
        split(ledger);
        for (const std::string& each : later) ASSERT_TRUE(recording->add(each, now()));
        ASSERT_TRUE(recording->finish());
      });
    }
    const triage::IncidentState stays = world.incident(whole), left = world.incident(part);
    EXPECT_EQ(stays.finding_count(), 2u);
    EXPECT_TRUE(stays.findings.contains(finding_id(4)));
    EXPECT_EQ(left.finding_count(), 3u);
    EXPECT_TRUE(left.findings.contains(finding_id(5)));
    // Weighed with what came by the split.
    EXPECT_EQ(left.severity, Severity::kS2);
    EXPECT_TRUE(stays.merged_into.empty() && left.merged_into.empty());
  }
}

// ---------------------------------------------------------------- merges wait for findings

// What joins two incidents is durable at once; what the other has comes piece by piece, and what is
// found meanwhile is not in its way.
TEST(IncidentRecorder, WhatJoinsTwoIncidentsIsThereBeforeTheyAreOne) {
  constexpr int kOfBob = 100;
  World world;
  world.run([&](ledger::Ledger& ledger) {
    const auto recording = World::recorder(ledger);
    std::vector<std::string> before = {alice(1, "low")};
    for (int i = 2; i < 2 + kOfBob; ++i) {
      before.push_back(payload(finding_id(i), "medium", kBob, "aws:bucket/b", 1));
    }
    for (const std::string& each : before) ASSERT_TRUE(recording->add(each, now()));
    ASSERT_TRUE(recording->add(payload(finding_id(500), "medium", kAlice, kBob, 2), now()));
    ASSERT_TRUE(recording->flush());
    EXPECT_EQ(World::incident(ledger, opened_by(2)).merged_into, "");
    EXPECT_TRUE(World::incident(ledger, opened_by(1)).findings.contains(finding_id(500)));

    int pieces = 1;
    for (; recording->catch_up().value(); ++pieces) {
      if (pieces != 3) continue;
      ASSERT_TRUE(
          recording->add(payload(finding_id(501), "high", kBob, "aws:bucket/new", 3), now()));
      ASSERT_TRUE(recording->flush());
      const triage::IncidentState between = World::incident(ledger, opened_by(1));
      EXPECT_TRUE(between.findings.contains(finding_id(501)));
      EXPECT_LT(between.finding_count(), 50u);
      EXPECT_EQ(between.severity, Severity::kS2);  // it was the worst of all
    }
    EXPECT_GT(pieces, kOfBob / 16);
    const triage::IncidentState whole = World::incident(ledger, opened_by(1));
    EXPECT_EQ(World::incident(ledger, opened_by(2)).merged_into, opened_by(1).text());
    EXPECT_EQ(whole.finding_count(), size_t{kOfBob} + 3);
    EXPECT_EQ(whole.severity, Severity::kS2);  // and is not lowered to what the other was
  });
}

// One rule that says critical is confirmed by one of the other incident.
TEST(IncidentRecorder, TwoIncidentsThatAreWorseTogetherAreWeighedTogether) {
  World world;
  world.add({alice(1, "critical"), bob(2, "medium")});
  EXPECT_EQ(world.incident(opened_by(1)).severity, Severity::kS2);
  world.run([&](ledger::Ledger& ledger) {
    const auto recording = World::recorder(ledger);
    std::string bridge = alice(3, "medium", kBob);
    bridge.replace(bridge.find(R"("ok")"), 4, R"("denied")");  // which confirms nothing
    ASSERT_TRUE(recording->add(bridge, now()));
    ASSERT_TRUE(recording->flush());
    EXPECT_EQ(World::incident(ledger, opened_by(1)).severity, Severity::kS2);
    for (bool more = true; more;) more = recording->catch_up().value();
  });
  EXPECT_EQ(world.incident(opened_by(1)).severity, Severity::kS1);
}

// Live, nobody hands the same findings in again, and nobody calls finish().
TEST(IncidentRecorder, AMergeThatARestartInterruptedGoesOn) {
  World world;
  world.run([&](ledger::Ledger& ledger) {
    const auto recording = World::recorder(ledger);
    for (const std::string& each : {alice(1, "low"), bob(2, "medium"), alice(3, "medium", kBob)}) {
      ASSERT_TRUE(recording->add(each, now()));
    }
    ASSERT_TRUE(recording->flush());
  });
  EXPECT_EQ(world.incident(opened_by(2)).merged_into, "");
  world.run([&](ledger::Ledger& ledger) {
    const auto recording = World::recorder(ledger);
    for (bool more = true; more;) more = recording->catch_up().value();
  });
  EXPECT_EQ(world.incident(opened_by(2)).merged_into, opened_by(1).text());
}

// What joins a restricted incident with another tells of it only once that is restricted, too.
TEST(IncidentRecorder, NothingOfARestrictedIncidentIsToldBeforeTheOtherIsRestricted) {
  World world;
  world.add({alice(1, "low"), bob(2, "low")});
  world.say(opened_by(2), "restricted", R"({"people":["carol"],"reason":"an insider"})");
  world.run([&](ledger::Ledger& ledger) {
    const auto recording = World::recorder(ledger);
    ASSERT_TRUE(recording->add(alice(3, "medium", kBob), now()));
    ASSERT_TRUE(recording->flush());
    bool is_restricted = false;
    for (const auto& entry : *ledger::read_all(ledger, model::incident_stream(opened_by(1)))) {
      is_restricted |= entry.kind == "restricted";
      const bool tells =
          entry.kind == "finding_joined" && !entry.payload->json.contains(finding_id(1));
      EXPECT_TRUE(!tells || is_restricted) << entry.sequence;
    }
    EXPECT_TRUE(is_restricted);
  });
}

TEST(IncidentRecorder, KilledBetweenPiecesOfAMergeIsCompletedByTheNext) {
  std::vector<std::string> all = {alice(1, "low")};
  for (int i = 2; i < 42; ++i)
    all.push_back(payload(finding_id(i), "medium", kBob, "aws:bucket/b", 1));
  all.push_back(alice(43, "medium", kBob));
  const auto live = [&](ledger::Ledger& ledger) {
    const auto recording = World::recorder(ledger);
    for (const std::string& each : all) {
      if (!recording->add(each, now())) return;
    }
    if (!recording->flush()) return;
    for (auto more = recording->catch_up(); more && *more;) more = recording->catch_up();
  };
  World calm;
  const uint64_t calls = calm.run(live).calls;
  const auto expected = calm.incident(opened_by(1));
  ASSERT_EQ(expected.finding_count(), 42u);
  for (uint64_t call = 1; call <= calls; call += thin_for_test()) {
    World world;
    ASSERT_EQ(world.run(live, env::CrashAt{call, env::CrashKind::kKilled}).end, env::End::kCrashed);
    world.add(all);
    const auto whole = world.incident(opened_by(1));
    ASSERT_EQ(whole.finding_count(), 42u) << "killed at call " << call;
    ASSERT_EQ(whole.severity, expected.severity) << "killed at call " << call;
    ASSERT_EQ(world.incident(opened_by(2)).merged_into, opened_by(1).text()) << call;
  }
}

// ---------------------------------------------------------------- crashes, repeats, other people

// What two batches and a half tell: each of many people twice, the second time when others were
// long recorded; and a flood of one low rule.
std::vector<std::string> two_batches() {
  std::vector<std::string> payloads;
  int number = 1000;
  // What nobody has an incident for yet; of every second nobody ever will.
  for (int person = 0; person < 240; person += 2) {
    payloads.push_back(payload(finding_id(++number), "informational",
                               fmt::format("aws:user/1/person{}", person), "aws:bucket/any", 0));
  }
  for (int round = 0; round < 2; ++round) {
    for (int person = 0; person < 120; ++person) {
      payloads.push_back(payload(finding_id(++number), round == 0 ? "medium" : "low",
                                 fmt::format("aws:user/1/person{}", person),
                                 fmt::format("aws:bucket/of{}", person), round));
    }
  }
  for (int i = 0; i < 400; ++i) {
    std::string flood = payload(finding_id(++number), "low", fmt::format("aws:role/1/r{}", i % 150),
                                "aws:bucket/same", 3 + i / 100);
    const std::string rule = "rule-" + finding_id(number);
    flood.replace(flood.find(rule), rule.size(), "rule-flood");
    payloads.push_back(std::move(flood));
  }
  return payloads;
}

std::string text_of(const ledger::MemoryState& state) {
  std::string text;
  for (const ledger::MemoryState::Row& row : state.rows) {
    text += row.header + (row.payload ? row.payload->json : "erased") + "\n";
  }
  return text;
}

// What is informational opens nothing, and is told when something worse is its kin, or the kin of
// its kin; whatever comes first.
TEST(IncidentRecorder, WhatIsInformationalWaitsForSomethingWorse) {
  const auto quiet = [](int number, std::string_view actor, std::string_view target) {
    return payload(finding_id(number), "informational", actor, target, number);
  };
  // Alice gave bob a password.
  std::string link = quiet(2, "aws:user/1/alice", "aws:bucket/b");
  const std::string_view behind = R"("outcome")";
  link.insert(link.find(behind), R"("minted":[{"principal":"aws:user/1/bob"}],)");
  const std::vector<std::string> payloads = {
      quiet(1, "aws:user/1/bob", "aws:bucket/a"), link,
      quiet(3, "aws:user/1/carol", "aws:bucket/c"),
      payload(finding_id(4), "low", "aws:user/1/alice", "aws:bucket/d", 4)};
  std::vector<size_t> order = {0, 1, 2, 3};
  do {
    for (const bool singly : {false, true}) {
      World world;
      RecorderCounts counts;
      world.run([&](ledger::Ledger& ledger) {
        const auto recording = World::recorder(ledger);
        for (const size_t i : order) {
          ASSERT_TRUE(recording->add(payloads[i], now()).has_value());
          if (singly) {
            ASSERT_TRUE(recording->flush().has_value());
          }
        }
        ASSERT_TRUE(recording->finish().has_value());
        counts = recording->counts();
      });
      const triage::IncidentState state = world.incident(model::incident_id(finding_id(4)));
      EXPECT_EQ(state.findings.size(), 3u) << "alice's, and what bob did with what she made";
      EXPECT_EQ(counts.opened, 1u);
      EXPECT_EQ(counts.aside, 1u) << "carol's";
      EXPECT_EQ(counts.findings, 4u);
    }
  } while (std::ranges::next_permutation(order).found);
}

TEST(IncidentRecorder, KilledBetweenBatchesAndRepeatedSaysTheSame) {
  const std::vector<std::string> payloads = two_batches();
  World calm;
  const auto add = [&](ledger::Ledger& ledger) {
    const auto recording = World::recorder(ledger);
    for (const std::string& each : payloads) {
      if (!recording->add(each, now())) return;
    }
    (void)recording->finish();
  };
  const uint64_t calls = calm.run(add).calls;
  const std::string expected = text_of(calm.rows());
  ASSERT_NE(expected.find("findings_counted"), std::string::npos);
  ASSERT_NE(expected.find("findings_folded"), std::string::npos);
  std::set<size_t> sizes;
  for (uint64_t call = 1; call <= calls; call += thin_for_test() + call / 40) {
    World world;
    ASSERT_EQ(world.run(add, env::CrashAt{call, env::CrashKind::kKilled}).end, env::End::kCrashed);
    sizes.insert(world.rows().rows.size());
    world.run(add);
    ASSERT_TRUE(text_of(world.rows()) == expected) << "killed at call " << call;
  }
  EXPECT_GT(sizes.size(), 5u);
}

// One incident of more than is appended at once, most of it called by what came later.
TEST(IncidentRecorder, KilledWhileKinAreToldTellsThemToo) {
  std::vector<std::string> payloads;
  int number = 5000;
  const auto add = [&](std::string_view level, std::string_view actor, int minute) {
    payloads.push_back(payload(finding_id(++number), level, actor, "aws:bucket/any", minute));
  };
  for (int i = 0; i < 240; ++i) add("informational", "aws:user/1/alice", i / 30);
  add("low", "aws:user/1/alice", 9);
  const IncidentId incident = opened_by(number);
  for (int i = 0; i < 60; ++i)
    add("informational", i % 2 == 0 ? "aws:user/1/alice" : "aws:user/1/bob", 10);
  for (int i = 0; i < 30; ++i) add("low", "aws:user/1/alice", 11);
  // What carol did is told because somebody touched her; then so many do that it links no more.
  for (int i = 0; i < 3; ++i) add("informational", "aws:user/1/carol", 12);
  for (int i = 0; i < 20; ++i) {
    payloads.push_back(payload(finding_id(++number), "medium", fmt::format("aws:user/1/m{}", i),
                               "aws:user/1/carol", 13));
  }
  constexpr size_t kAlices = 240 + 1 + 30 + 30;
  const auto run = [&](ledger::Ledger& ledger) {
    const auto recording = World::recorder(ledger);
    for (const std::string& each : payloads) {
      if (!recording->add(each, now())) return;
    }
    (void)recording->finish();
  };
  World calm;
  const uint64_t calls = calm.run(run).calls;
  ASSERT_EQ(calm.incident(incident).findings.size(), kAlices);
  const auto told = [](World& world) {
    const std::string text = text_of(world.rows());
    size_t count = 0;
    for (size_t at = 0; (at = text.find("\"finding_joined\"", at)) != std::string::npos; ++at)
      ++count;
    return count;
  };
  ASSERT_EQ(told(calm), kAlices + 3 + 20);
  for (uint64_t call = 1; call <= calls; call += 3 * thin_for_test()) {
    World world;
    ASSERT_EQ(world.run(run, env::CrashAt{call, env::CrashKind::kKilled}).end, env::End::kCrashed);
    world.run(run);
    const triage::IncidentState state = world.incident(incident);
    ASSERT_EQ(state.findings.size(), kAlices) << "killed at call " << call << " of " << calls;
    ASSERT_TRUE(state.exists()) << call;
    ASSERT_EQ(told(world), told(calm)) << "killed at call " << call << " of " << calls;
  }
}

TEST(IncidentRecorder, RepeatedAfterAFloodSaysNothingNew) {
  World world;
  world.add(two_batches());
  const std::string text = text_of(world.rows());
  world.add(two_batches());
  EXPECT_TRUE(text_of(world.rows()) == text);
  // With others before, between and behind them, too.
  std::vector<std::string> more = two_batches();
  more.insert(more.begin(), alice(1, "high"));
  more.insert(more.begin() + 300, alice(2, "low"));
  const size_t entries = world.rows().rows.size();
  world.add(more);
  EXPECT_EQ(world.rows().rows.size(),
            entries + 6);  // assigned twice; opened, severity, joined twice
  EXPECT_EQ(world.incident(opened_by(1)).finding_count(), 2u);
}

// A person began a merge and was interrupted: it holds, before anything else is decided.
TEST(IncidentRecorder, CompletesWhatAPersonBeganToMerge) {
  for (const bool forward : {false, true}) {
    World world;
    world.add({alice(1, "medium"), bob(2, "medium")});
    const IncidentId absorbed = opened_by(forward ? 1 : 2), into = opened_by(forward ? 2 : 1);
    world.begin_merge(absorbed, into);
    world.add({alice(3, "medium", kBob), alice(4, "low"), bob(5, "low")});
    EXPECT_EQ(world.incident(absorbed).merged_into, into.text());
    EXPECT_EQ(world.incident(into).merged_into, "");
    EXPECT_EQ(world.incident(into).finding_count(), 5u);
  }
}

TEST(IncidentRecorder, LeavesTheSeverityThatAPersonRaisedMeanwhile) {
  World world;
  world.run([&](ledger::Ledger& ledger) {
    const auto recording = World::recorder(ledger);
    ASSERT_TRUE(recording->add(alice(1, "low"), now()));
    ASSERT_TRUE(recording->flush());
    World::say(
        ledger, opened_by(1), "severity_set", "1",
        R"({"severity":"S1","by":"person","because":["changed"],"reason":"the board asks"})");
    ASSERT_TRUE(recording->add(alice(2, "high"), now()));
    ASSERT_TRUE(recording->finish());
  });
  EXPECT_EQ(world.incident(opened_by(1)).severity, Severity::kS1);
  EXPECT_EQ(world.incident(opened_by(1)).finding_count(), 2u);
}

// Hands all on; what becomes of an append to an incident, the test says.
class Meddling final : public ledger::Ledger {
 public:
  using Append = std::function<Result<ledger::Appended>()>;
  using Meddle = std::function<Result<ledger::Appended>(const Append& append)>;
  explicit Meddling(ledger::Ledger& of) : of_(of) {}

  // With the append to an incident after next_ones of them.
  void meddle_after(int next_ones, Meddle meddle) {
    before_ = next_ones;
    meddle_ = std::move(meddle);
  }

  Result<ledger::Appended> append(const StreamId& stream, uint64_t next,
                                  std::span<const model::EntryDraft> drafts) override {
    const Append plain = [&] { return of_.append(stream, next, drafts); };
    if (!meddle_ || !model::find_incident_of(stream) || before_-- > 0) return plain();
    return std::exchange(meddle_, nullptr)(plain);
  }
  const std::string& id() const override { return of_.id(); }
  const std::string& origin() const override { return of_.origin(); }
  Result<std::vector<model::Entry>> read(const StreamId& stream, uint64_t from,
                                         size_t limit) override {
    return of_.read(stream, from, limit);
  }
  Result<ledger::StreamHead> head(const StreamId& stream) override { return of_.head(stream); }
  Result<std::vector<ledger::StreamHead>> streams(std::string_view prefix, std::string_view after,
                                                  size_t limit) override {
    return of_.streams(prefix, after, limit);
  }
  Result<model::Entry> find(const StreamId& stream, const model::EntryId& id) override {
    return of_.find(stream, id);
  }
  Result<ledger::Followed> follow(const ledger::Cursor& from, size_t limit) override {
    return of_.follow(from, limit);
  }
  Result<ledger::Lease> take_lease(std::string_view name, std::string_view holder, Time at,
                                   Duration duration) override {
    return of_.take_lease(name, holder, at, duration);
  }
  Result<> give_lease(const ledger::Lease& lease) override { return of_.give_lease(lease); }
  ledger::IncidentList& incidents() override { return of_.incidents(); }

 private:
  ledger::Ledger& of_;
  int before_ = 0;
  Meddle meddle_;
};

// What was weighed for an append that did not take place is weighed again.
TEST(IncidentRecorder, SeverityIsDecidedThoughTheAppendFailedOnce) {
  const auto unknown = [](const auto&) {
    return Error(ErrorCode::kUnknownOutcome, "no answer came");
  };
  for (const int before : {0, 1}) {
    for (const std::string_view failure : {"somebody was quicker", "not done", "done"}) {
      SCOPED_TRACE(fmt::format("{} before, {}", before, failure));
      World world;
      world.run([&](ledger::Ledger& ledger) {
        Meddling meddling(ledger);
        const auto recording = World::recorder(meddling);
        meddling.meddle_after(before, [&](const Meddling::Append& append) {
          if (failure == "not done") return Result<ledger::Appended>(unknown(append));
          if (failure == "done") {
            EXPECT_TRUE(append());
            return Result<ledger::Appended>(unknown(append));
          }
          World::say(ledger, opened_by(1), "note", "1", R"({"text":"seen"})");
          return append();
        });
        ASSERT_TRUE(recording->add(alice(1, "high"), now()));
        ASSERT_TRUE(recording->flush());
        ASSERT_TRUE(recording->add(alice(2, "critical"), now()));
        ASSERT_TRUE(recording->finish());
      });
      const triage::IncidentState state = world.incident(opened_by(1));
      EXPECT_EQ(state.finding_count(), 2u);
      ASSERT_EQ(state.severities.size(), 2u);
      EXPECT_EQ(state.severities[0].severity, Severity::kS2);
      EXPECT_EQ(state.severity, Severity::kS1);
    }
  }
}

TEST(IncidentRecorder, NothingJoinsWhatWasClosedMeanwhile) {
  World world;
  world.run([&](ledger::Ledger& ledger) {
    const auto recording = World::recorder(ledger);
    ASSERT_TRUE(recording->add(alice(1, "high"), now()));
    ASSERT_TRUE(recording->flush());
    World::say(ledger, opened_by(1), "closed", "1",
               R"({"disposition":"false_positive","reason":"a test of ours"})");
    ASSERT_TRUE(recording->add(alice(2, "high"), now()));
    ASSERT_TRUE(recording->finish());
  });
  EXPECT_EQ(world.incident(opened_by(1)).finding_count(), 1u);
  EXPECT_EQ(world.incident(opened_by(2)).finding_count(), 1u);
}

// It was assigned; before its incident had it, that was closed.
TEST(IncidentRecorder, DecidesAnewWhenTheIncidentWasClosedOnTheWay) {
  World world;
  world.add({alice(1, "high")});
  world.run([&](ledger::Ledger& ledger) {
    const model::EntryDraft assigned{
        .kind = "finding_assigned",
        .key = finding_id(2),
        .time = now(),
        .actor = "engine",
        .content_version = "",
        .payload = fmt::format(R"({{"finding":"{}","incident":"{}","opens":false,"because":[]}})",
                               finding_id(2), opened_by(1).text())};
    ASSERT_TRUE(ledger::append_missing(ledger, model::kTriageStream, std::span(&assigned, 1)));
  });
  world.say(opened_by(1), "closed", R"({"disposition":"false_positive","reason":"a test"})");
  for (int repeat = 0; repeat < 2; ++repeat) {
    world.add({alice(1, "high"), alice(2, "high"), alice(3, "high")});
    EXPECT_EQ(world.incident(opened_by(1)).finding_count(), 1u);
    EXPECT_EQ(world.incident(opened_by(2)).finding_count(), 2u);
  }
}

TEST(IncidentRecorder, AMergeBringsSecrecyAndWhatWasOnlyCounted) {
  World world;
  world.add({alice(1, "medium"), bob(2, "medium")});
  world.say(opened_by(2), "restricted", R"({"people":["alice","carol"],"reason":"insider"})");
  world.say(opened_by(1), "restricted", R"({"people":["bob","carol"],"reason":"insider"})");
  world.say(opened_by(2), "tlp_set", R"({"tlp":"RED"})");
  world.say(opened_by(2), "findings_folded",
            R"({"rule":"r","count":7,"first":"2026-01-02T03:00:00Z","last":"2026-01-02T03:00:00Z",)"
            R"("samples":["fnd-x"]})");
  world.add({alice(3, "medium", kBob)});
  const triage::IncidentState whole = world.incident(opened_by(1));
  EXPECT_TRUE(whole.restricted);
  EXPECT_EQ(whole.people, std::vector<std::string>{"carol"});
  EXPECT_EQ(whole.tlp, model::Tlp::kRed);
  EXPECT_EQ(whole.finding_count(), 10u);
}

TEST(IncidentRecorder, AsksOnceForAPersonWhenAnIncidentIsTooWide) {
  World world;
  std::vector<std::string> payloads;
  for (int i = 0; i < 60; ++i) {
    payloads.push_back(payload(finding_id(i), "medium", fmt::format("aws:user/1/u{}", i),
                               fmt::format("aws:user/1/u{}", i + 1), i % 60));
  }
  for (int repeat = 0; repeat < 2; ++repeat) {
    world.add(payloads);
    const triage::IncidentState state = world.incident(opened_by(0));
    ASSERT_EQ(state.tasks.size(), 1u);
    EXPECT_EQ(state.tasks.begin()->first, IncidentWriter::kTooWideTask);
  }
}

}  // namespace
}  // namespace stanch::pipeline

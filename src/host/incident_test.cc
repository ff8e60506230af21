// What people do to incidents, in a simulated world: any of them may be interrupted anywhere, and
// many act at once. The simulated memory store is its own second opinion on other backends.

#include "host/incident.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "env/sim/sim.h"
#include "host/incident_list.h"
#include "ledger/memory_store.h"

namespace stanch::host {
namespace {

using codec::JsonWriter;
using env::CrashAt;
using env::SimWorld;
using model::IncidentId;
using triage::IncidentState;

using Memory = std::shared_ptr<ledger::MemoryState>;

std::unique_ptr<ledger::Store> open(const env::Env& env, const Memory& memory) {
  return ledger::open_memory(env, memory, "a key for salts");
}

std::string joined_payload(const std::string& finding) {
  return json_object([&](JsonWriter& json) {
    json.field("finding", finding)
        .field("rule", "rule \"quoted\"\\")
        .field("title", "T " + finding);
    json.field("level", "high");
    for (const char* name : {"events", "entities"}) {
      json.key(name).begin_array().string(finding + "-e").end_array();
    }
    json.key("because").begin_array().string("its \"first\"").end_array();
  });
}

// An incident of these findings, as the engine makes it.
IncidentId incident_of(ledger::Ledger& ledger, const std::string& name,
                       const std::vector<std::string>& findings) {
  const IncidentId id = model::incident_id_of_act(name);
  std::vector<model::EntryDraft> drafts = {
      {.kind = "incident_opened",
       .key = id.text(),
       .time = {},
       .actor = "engine",
       .content_version = "",
       .payload = json_object([&](JsonWriter& json) {
         json.field("incident", id.text()).field("title", name).field("by", "finding");
       })}};
  for (const std::string& finding : findings) {
    drafts.push_back({.kind = "finding_joined",
                      .key = finding,
                      .time = {},
                      .actor = "engine",
                      .content_version = "",
                      .payload = joined_payload(finding)});
  }
  const auto appended = ledger::append_missing(ledger, incident_stream(id), drafts);
  EXPECT_TRUE(appended) << appended.error().message();
  return id;
}

std::set<std::string> findings_of(const IncidentState& state) {
  std::set<std::string> out;
  for (const auto& [id, joined] : state.findings) {
    if (!joined.gone) out.insert(id);
  }
  return out;
}

Act note(const std::string& text) {
  return [text](const IncidentState&) -> Result<std::vector<Said>> {
    return std::vector<Said>{
        {"note", json_object([&](JsonWriter& json) { json.field("text", text); })}};
  };
}

using Findings = std::set<std::string>;

class IncidentTest : public testing::Test {
 protected:
  // Outside a crash nothing may go wrong.
  template <typename Body>
  void run(Body body) {
    SimWorld world(1);
    const auto outcome = world.run([&](env::Env env) {
      const auto store = open(env, memory_);
      body(env, *store);
    });
    EXPECT_EQ(outcome.end, env::End::kFinished) << outcome.message;
  }
  Memory memory_ = std::make_shared<ledger::MemoryState>();
};

TEST_F(IncidentTest, IsFoundByItsBeginning) {
  run([](env::Env&, ledger::Ledger& ledger) {
    const IncidentId a = incident_of(ledger, "a", {});
    incident_of(ledger, "b", {});
    const std::string id = a.text();
    for (const std::string& text : {id, id.substr(4), id.substr(0, 12)}) {
      const auto found = find_incident(ledger, text);
      ASSERT_TRUE(found) << text;
      EXPECT_EQ(*found, a);
    }
    EXPECT_EQ(find_incident(ledger, "inc-").error().code(), ErrorCode::kInvalid);
    for (const char* text : {"inc-zzzz", "../..", "", "\x1b[2J"}) {
      const auto found = find_incident(ledger, text);
      ASSERT_FALSE(found) << text;
      EXPECT_EQ(found.error().message().find('\x1b'), std::string::npos);
    }
    EXPECT_EQ(load_incident(ledger, IncidentId("inc-zzzz")).error().code(), ErrorCode::kNotFound);
  });
}

// Whoever is overtaken between reading and appending checks again, and loses nothing.
TEST_F(IncidentTest, AnActIsCheckedAgainWhenSomebodyWasQuicker) {
  run([](env::Env& env, ledger::Ledger& ledger) {
    const IncidentId id = incident_of(ledger, "a", {});
    unsigned checked = 0;
    const auto acted = act(env, ledger, id, "unverified/a", [&](const IncidentState& state) {
      if (++checked <= 3) {
        EXPECT_TRUE(act(env, ledger, id, "unverified/b", note(fmt::format("b{}", checked))));
      }
      return note(fmt::format("a after {}", state.notes.size()))(state);
    });
    ASSERT_TRUE(acted);
    EXPECT_EQ(checked, 4U);
    std::vector<std::string> notes;
    for (const triage::Note& each : acted->state.notes) notes.push_back(each.text);
    EXPECT_EQ(notes, (std::vector<std::string>{"b1", "b2", "b3", "a after 3"}));
    EXPECT_EQ(acted->next, 5U);

    checked = 0;
    const auto refused = act(env, ledger, id, "unverified/a",
                             [&](const IncidentState&) -> Result<std::vector<Said>> {
                               if (++checked == 1) {
                                 EXPECT_TRUE(act(env, ledger, id, "unverified/b", note("c")));
                                 return note("never")({});
                               }
                               return Error(ErrorCode::kInvalid, "not any more");
                             });
    ASSERT_FALSE(refused);
    EXPECT_EQ(load_incident(ledger, id)->notes.back().text, "c");
  });
}

// In every order in which the seeds let six people go on.
TEST(IncidentSim, ManyAtOnceLoseNothing) {
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    const Memory memory = std::make_shared<ledger::MemoryState>();
    SimWorld world(seed);
    const auto outcome = world.run([&](env::Env env) {
      const IncidentId id = incident_of(*open(env, memory), "a", {});
      std::vector<std::unique_ptr<env::Thread>> people;
      for (int person = 0; person < 6; ++person) {
        people.push_back(env.threads.start(fmt::format("p{}", person), [&, person] {
          const auto store = open(env, memory);
          env::Env own = env;
          for (int i = 0; i < 3; ++i) {
            EXPECT_TRUE(
                act(own, *store, id, "unverified/p", note(fmt::format("{} {}", person, i))));
          }
        }));
      }
      for (auto& person : people) person->join();
      const auto state = load_incident(*open(env, memory), id);
      std::set<std::string> notes;
      for (const triage::Note& each : state->notes) notes.insert(each.text);
      EXPECT_EQ(notes.size(), 18U);
      EXPECT_EQ(state->notes.size(), 18U);
    });
    ASSERT_EQ(outcome.end, env::End::kFinished) << outcome.message;
  }
}

TEST_F(IncidentTest, MergingKeepsEveryFindingAndSaysWhy) {
  run([](env::Env& env, ledger::Ledger& ledger) {
    const IncidentId a = incident_of(ledger, "a", {"fnd-1", "fnd-2"});
    const IncidentId b = incident_of(ledger, "b", {"fnd-3"});
    ASSERT_TRUE(merge_incidents(env, ledger, {a, b, "one call", "unverified/x"}));
    const auto gone = load_incident(ledger, a), on = load_incident(ledger, b);
    EXPECT_EQ(gone->merged_into, b.text());
    EXPECT_FALSE(check_here(*gone));
    EXPECT_EQ(findings_of(*on), (Findings{"fnd-1", "fnd-2", "fnd-3"}));
    EXPECT_EQ(on->merged_from, (std::set<std::string>{a.text()}));
    EXPECT_EQ(on->foreign, 0U);
    const triage::JoinedFinding& joined = on->findings.at("fnd-1");
    EXPECT_EQ(joined.because,
              (std::vector<std::string>{"merged from " + a.text(), "its \"first\""}));
    EXPECT_EQ(joined.finding.rule, "rule \"quoted\"\\");
    // Repeated, it adds nothing.
    const uint64_t entries = on->entries;
    EXPECT_TRUE(merge_incidents(env, ledger, {a, b, "again", "unverified/y"}));
    EXPECT_EQ(load_incident(ledger, b)->entries, entries);
  });
}

TEST_F(IncidentTest, MergesThatMakeNoSenseAreRefused) {
  run([](env::Env& env, ledger::Ledger& ledger) {
    const IncidentId a = incident_of(ledger, "a", {"fnd-1"}), b = incident_of(ledger, "b", {}),
                     c = incident_of(ledger, "c", {}), d = incident_of(ledger, "d", {});
    ASSERT_TRUE(merge_incidents(env, ledger, {a, b, "r", "unverified/x"}));
    ASSERT_TRUE(
        act(env, ledger, d, "unverified/x", [](const IncidentState&) -> Result<std::vector<Said>> {
          return std::vector<Said>{
              {"closed", json_object([](JsonWriter& json) {
                 json.field("disposition", "false_positive").field("reason", "r");
               })}};
        }));
    const struct {
      IncidentId absorbed, into;
      std::string says;
    } cases[] = {
        {c, c, "itself"},
        {a, c, "already"},          // it went to b
        {b, a, "merge into that"},  // a circle
        {c, a, "merge into that"},  // it would go nowhere
        {c, d, "closed"},           // it would be hidden among the closed
        {d, c, "closed"},
        {IncidentId("inc-zzzz"), c, "no incident"},
        {c, IncidentId("inc-zzzz"), "no incident"},
    };
    for (const auto& each : cases) {
      const auto merged =
          merge_incidents(env, ledger, {each.absorbed, each.into, "r", "unverified/x"});
      ASSERT_FALSE(merged) << each.says;
      EXPECT_NE(merged.error().message().find(each.says), std::string::npos)
          << merged.error().message();
    }
    EXPECT_TRUE(load_incident(ledger, c)->merged_into.empty());
  });
}

// A finding that left and came back had an entry of its own name there already: it was lost.
TEST_F(IncidentTest, WhatWasSplitOffAndComesBackIsThereAgain) {
  run([](env::Env& env, ledger::Ledger& ledger) {
    const IncidentId a = incident_of(ledger, "a", {"fnd-1", "fnd-2", "fnd-3"});
    std::set<std::string> children;
    for (int round = 0; round < 3; ++round) {
      const auto child =
          split_incident(env, ledger, {a, {"fnd-1", "fnd-2"}, "", "not the same", "unverified/x"});
      ASSERT_TRUE(child) << child.error().message();
      EXPECT_TRUE(children.insert(child->text()).second) << "a new incident each time";
      EXPECT_EQ(findings_of(*load_incident(ledger, *child)), (Findings{"fnd-1", "fnd-2"}));
      EXPECT_EQ(findings_of(*load_incident(ledger, a)), (Findings{"fnd-3"}));
      ASSERT_TRUE(merge_incidents(env, ledger, {*child, a, "the same", "unverified/x"}));
      EXPECT_EQ(findings_of(*load_incident(ledger, a)), (Findings{"fnd-1", "fnd-2", "fnd-3"}));
    }
    EXPECT_EQ(load_incident(ledger, a)->foreign, 0U);
  });
}

TEST_F(IncidentTest, WhatWasSplitOffDoesNotMoveAlong) {
  run([](env::Env& env, ledger::Ledger& ledger) {
    const IncidentId a = incident_of(ledger, "a", {"fnd-1", "fnd-2"});
    const IncidentId b = incident_of(ledger, "b", {});
    ASSERT_TRUE(split_incident(env, ledger, {a, {"fnd-1"}, "", "r", "unverified/x"}));
    ASSERT_TRUE(merge_incidents(env, ledger, {a, b, "r", "unverified/x"}));
    EXPECT_EQ(findings_of(*load_incident(ledger, b)), (Findings{"fnd-2"}));
  });
}

TEST_F(IncidentTest, SplitsThatMakeNoSenseAreRefused) {
  run([](env::Env& env, ledger::Ledger& ledger) {
    const IncidentId a = incident_of(ledger, "a", {"fnd-1", "fnd-2"});
    const IncidentId b = incident_of(ledger, "b", {"fnd-3", "fnd-4"});
    for (const auto& leaving : std::vector<std::vector<std::string>>{
             {}, {"fnd-1", "fnd-2"}, {"fnd-3"}, {"fnd-1", "fnd-9"}}) {
      EXPECT_FALSE(split_incident(env, ledger, {a, leaving, "", "r", "unverified/x"}));
    }
    ASSERT_TRUE(merge_incidents(env, ledger, {b, a, "r", "unverified/x"}));
    EXPECT_FALSE(split_incident(env, ledger, {b, {"fnd-3"}, "", "r", "unverified/x"}));
    EXPECT_EQ(ledger.streams("incident/", "")->size(), 2U);
    // Named twice, it leaves once.
    const auto child =
        split_incident(env, ledger, {a, {"fnd-1", "fnd-1"}, "", "r", "unverified/x"});
    ASSERT_TRUE(child);
    EXPECT_EQ(load_incident(ledger, *child)->entries, 2U);
    EXPECT_EQ(load_incident(ledger, *child)->title, "T fnd-1");
  });
}

// Interrupted at any place and repeated, it ends as if nothing had been.
template <typename Do, typename Look>
void expect_repeatable(Do act_once, Look look) {
  for (const auto kind : {env::CrashKind::kKilled, env::CrashKind::kPowerLostWorst}) {
    std::string want;
    uint64_t calls = 0;
    for (uint64_t at = 0; at <= calls; ++at) {
      const Memory memory = std::make_shared<ledger::MemoryState>();
      SimWorld world(7);
      world.run([&](env::Env env) {
        const auto store = open(env, memory);
        incident_of(*store, "a", {"fnd-1", "fnd-2", "fnd-3"});
        incident_of(*store, "b", {"fnd-4"});
      });
      const auto once = [&](env::Env env) {
        const auto store = open(env, memory);
        const auto done = act_once(env, *store);
        EXPECT_TRUE(done) << done.error().message();
      };
      if (at == 0) {
        calls = world.run(once).calls;
        ASSERT_GT(calls, 5U);
      } else {
        const auto crashed = world.run(once, CrashAt{at, kind});
        ASSERT_EQ(crashed.end, env::End::kCrashed) << at;
      }
      world.run(once);
      std::string got;
      world.run([&](env::Env env) { got = look(*open(env, memory)); });
      if (at == 0) want = got;
      EXPECT_EQ(got, want) << "crashed at call " << at;
    }
  }
}

std::string told(ledger::Ledger& ledger) {
  std::string out;
  const auto heads = ledger.streams("incident/", "");
  for (const ledger::StreamHead& head : *heads) {
    const auto state = load_incident(ledger, IncidentId(head.stream.text().substr(9)));
    if (!state) {
      out += head.stream.text() + " is not there\n";
      continue;
    }
    out += fmt::format("{} into '{}' from {} split {} foreign {}:", state->headline(),
                       state->merged_into, state->merged_from.size(), state->split_into.size(),
                       state->foreign);
    for (const std::string& finding : findings_of(*state)) out += " " + finding;
    out += "\n";
  }
  return out;
}

TEST(IncidentSim, AnInterruptedMergeIsCompletedByRepeatingIt) {
  expect_repeatable(
      [](env::Env& env, ledger::Ledger& ledger) {
        return merge_incidents(env, ledger,
                               {model::incident_id_of_act("a"), model::incident_id_of_act("b"),
                                "one call", "unverified/x"});
      },
      told);
}

TEST(IncidentSim, AnInterruptedSplitIsCompletedByRepeatingIt) {
  expect_repeatable(
      [](env::Env& env, ledger::Ledger& ledger) {
        return split_incident(env, ledger,
                              {model::incident_id_of_act("a"),
                               {"fnd-1", "fnd-2"},
                               "Another",
                               "not the same",
                               "unverified/x"});
      },
      told);
}

// Two who merged a into b and b into a at once ended both.
TEST(IncidentSim, MergesInACircleAtOnceLeaveOneThatGoesOn) {
  std::set<std::string> survivors;
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    const Memory memory = std::make_shared<ledger::MemoryState>();
    SimWorld world(seed);
    const auto outcome = world.run([&](env::Env env) {
      const auto store = open(env, memory);
      const std::vector<IncidentId> ids = {incident_of(*store, "a", {"fnd-1"}),
                                           incident_of(*store, "b", {"fnd-2"}),
                                           incident_of(*store, "c", {"fnd-3"})};
      std::vector<std::unique_ptr<env::Thread>> people;
      for (size_t i = 0; i < ids.size(); ++i) {
        people.push_back(env.threads.start(fmt::format("p{}", i), [&, i] {
          env::Env own = env;
          const auto merged = merge_incidents(
              own, *open(env, memory), {ids[i], ids[(i + 1) % ids.size()], "r", "unverified/p"});
          EXPECT_TRUE(merged || merged.error().code() == ErrorCode::kInvalid);
        }));
      }
      for (auto& person : people) person->join();
      size_t open_ones = 0;
      for (const IncidentId& id : ids) {
        const auto state = load_incident(*store, id);
        if (!state->merged_into.empty()) continue;
        ++open_ones;
        survivors.insert(id.text());
      }
      EXPECT_GE(open_ones, 1U) << "seed " << seed;
      EXPECT_LT(open_ones, 3U) << "seed " << seed;
      // Every finding is where somebody looks.
      Findings seen;
      for (const IncidentId& id : ids) {
        const auto state = load_incident(*store, id);
        if (state->merged_into.empty()) seen.merge(findings_of(*state));
      }
      EXPECT_EQ(seen, (Findings{"fnd-1", "fnd-2", "fnd-3"})) << "seed " << seed;
    });
    ASSERT_EQ(outcome.end, env::End::kFinished) << outcome.message;
  }
  EXPECT_EQ(survivors.size(), 3U) << "the seeds try every order";
}

// The list is a fold as well: however it is brought up to date, it says what a fresh one says.
TEST(IncidentSim, TheListFollowsTheEntriesWhoeverBringsItUpToDate) {
  for (uint64_t seed = 1; seed <= 40; ++seed) {
    const Memory memory = std::make_shared<ledger::MemoryState>();
    SimWorld world(seed);
    const auto outcome = world.run([&](env::Env env) {
      std::vector<IncidentId> ids;
      for (const char* name : {"a", "b", "c"}) {
        ids.push_back(incident_of(*open(env, memory), name, {std::string("fnd-") + name}));
      }
      std::vector<std::unique_ptr<env::Thread>> people;
      for (int person = 0; person < 3; ++person) {
        people.push_back(env.threads.start(fmt::format("p{}", person), [&, person] {
          const auto store = open(env, memory);
          env::Env own = env;
          for (const IncidentId& id : ids) {
            EXPECT_TRUE(act(own, *store, id, "unverified/p",
                            [&](const IncidentState&) -> Result<std::vector<Said>> {
                              return std::vector<Said>{
                                  {"assigned", json_object([&](JsonWriter& json) {
                                     json.field("person", fmt::format("p{}", person));
                                   })}};
                            }));
            EXPECT_TRUE(update_incident_list(*store));
          }
        }));
      }
      for (auto& person : people) person->join();
      const auto store = open(env, memory);
      EXPECT_TRUE(update_incident_list(*store));
      const auto rows = store->incidents().list({});
      ASSERT_EQ(rows->size(), ids.size());
      for (const ledger::IncidentRow& row : *rows) {
        EXPECT_EQ(row, row_of(*load_incident(*store, IncidentId(row.id)))) << "seed " << seed;
      }
    });
    ASSERT_EQ(outcome.end, env::End::kFinished) << outcome.message;
  }
}

}  // namespace
}  // namespace stanch::host

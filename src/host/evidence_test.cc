// Evidence of incidents that went on in another.

#include "host/evidence.h"

#include <gtest/gtest.h>

#include "env/sim/sim.h"
#include "host/incident.h"
#include "ledger/memory_store.h"

namespace stanch::host {
namespace {

using model::IncidentId;

Act taken(const std::string& id) {
  return [id](const triage::IncidentState&) -> Result<std::vector<Said>> {
    return std::vector<Said>{{"evidence_taken", json_object([&](codec::JsonWriter& json) {
                                json.field("evidence", id).field("what", "a disk");
                                json.field("source", "aws:instance/1/i-1");
                                json.field("taken_at", "2026-03-01T00:00:00Z");
                                json.field("authority", "court").field("means", "dd");
                              })}};
  };
}
Act sealed(const std::string& id) {
  return [id](const triage::IncidentState&) -> Result<std::vector<Said>> {
    return std::vector<Said>{{"evidence_sealed", json_object([&](codec::JsonWriter& json) {
                                json.field("evidence", id).field("place", "here");
                                json.field("size", uint64_t{1});
                              })}};
  };
}

IncidentId opened(env::Env& env, ledger::Ledger& ledger, const std::string& name) {
  const IncidentId id = model::incident_id_of_act(name);
  const model::EntryDraft draft{
      .kind = "incident_opened",
      .key = id.text(),
      .time = {},
      .actor = "engine",
      .content_version = "",
      .payload = json_object([&](codec::JsonWriter& json) {
        json.field("incident", id.text()).field("title", name).field("by", "finding");
      })};
  EXPECT_TRUE(ledger::append_missing(ledger, incident_stream(id), {{draft}}));
  EXPECT_TRUE(act(env, ledger, id, "person/alice", taken("of-" + name)));
  return id;
}

// What was taken before two incidents turned out to be one was neither listed nor handed out.
TEST(Evidence, OfWhatWentOnInAnotherGoesAlong) {
  env::SimWorld world(1);
  const auto memory = std::make_shared<ledger::MemoryState>();
  const auto outcome = world.run([&](env::Env env) {
    const auto store = ledger::open_memory(env, memory, "a key for salts");
    const IncidentId a = opened(env, *store, "a"), b = opened(env, *store, "b"),
                     c = opened(env, *store, "c");
    opened(env, *store, "another");
    const auto merge = [&](const IncidentId& absorbed, const IncidentId& into) {
      ASSERT_TRUE(merge_incidents(
          env, *store,
          {.absorbed = absorbed, .into = into, .reason = "one attack", .actor = "person/alice"}));
    };
    merge(a, b);
    merge(b, c);
    ASSERT_TRUE(act(env, *store, c, "person/alice", sealed("of-a")));
    const auto evidence = load_evidence(*store, c);
    ASSERT_TRUE(evidence) << evidence.error().message();
    std::string items;
    for (const respond::EvidenceItem& item : evidence->book.items()) items += item.id + " ";
    EXPECT_EQ(items, "of-a of-b of-c ");
    EXPECT_TRUE(evidence->book.find("of-a")->seal) << "where it goes on";
    EXPECT_EQ(evidence->book.find("of-a")->stream, incident_stream(a));
    EXPECT_EQ(evidence->streams,
              (std::vector{incident_stream(a), incident_stream(b), incident_stream(c)}));
    EXPECT_EQ(load_evidence(*store, a)->book.items().size(), 1u);
  });
  EXPECT_EQ(outcome.end, env::End::kFinished) << outcome.message;
}

}  // namespace
}  // namespace stanch::host

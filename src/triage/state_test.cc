// Folding. tests/golden/triage/<case>.in.ndjson are ledgers as programs wrote them at their time,
// <case>.out.json is what every later program makes of them. STANCH_UPDATE=1 writes the second
// from the code; review it as code. Old cases are never changed.

#include "triage/state.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>

#include "codec/hash.h"
#include "codec/readable_for_test.h"
#include "codec/timestamp.h"
#include "model/entry_kind.h"

namespace stanch::triage {
namespace {

namespace fs = std::filesystem;

const fs::path kFolder = fs::path(STANCH_SOURCE_DIR) / "tests/golden/triage";

// The entries of a case: a line each, with the kind, the time, who, and the payload (null: it was
// erased). "HASH of N" is the hash of the entry of that sequence.
std::vector<model::Entry> read_entries(const std::string& text) {
  std::vector<model::Entry> entries;
  std::istringstream lines(text);
  codec::JsonParser parser;
  for (std::string line; std::getline(lines, line);) {
    constexpr std::string_view kHashOf = "HASH of ";
    if (const size_t at = line.find(kHashOf); at != line.npos) {
      const size_t end = line.find('"', at);
      const size_t number = std::stoul(line.substr(at + kHashOf.size(), end));
      line.replace(at, end - at, codec::to_hex(model::citation_of(entries.at(number)).hash));
    }
    const codec::JsonView view = parser.parse(line);
    EXPECT_TRUE(view.exists()) << line;
    model::Entry entry;
    entry.stream = model::StreamId("incident/inc-gmgscbjjd3yicgcjjista6uauq");
    entry.sequence = entries.size();
    entry.kind = view["kind"].string_or_empty();
    entry.time = codec::parse_timestamp(view["at"].string_or_empty()).value();
    entry.actor = view["by"].string_or_empty();
    if (const codec::JsonView payload = view["payload"]; payload.is_object()) {
      entry.payload = model::EntryPayload{std::string(payload.raw()), std::string(32, '0')};
    }
    entries.push_back(std::move(entry));
  }
  return entries;
}

std::string read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string folded(const std::vector<model::Entry>& entries, bool privileged = true) {
  IncidentFold fold(model::IncidentId("inc-gmgscbjjd3yicgcjjista6uauq"));
  for (const model::Entry& entry : entries) fold.apply(entry);
  std::string text, readable;
  codec::JsonWriter json(text);
  json.begin_object();
  append_json(fold.state(), privileged, json);
  json.end_object();
  codec::JsonParser parser;
  codec::append_readable(parser.parse(text), "", readable);
  return readable + "\n";
}

TEST(IncidentFold, OfKeptLedgersIsWhatItWas) {
  size_t cases = 0;
  for (const fs::directory_entry& file : fs::directory_iterator(kFolder)) {
    const std::string name = file.path().filename();
    constexpr std::string_view kIn = ".in.ndjson";
    if (!name.ends_with(kIn)) continue;
    ++cases;
    const std::string state = folded(read_entries(read(file.path())));
    const fs::path out = kFolder / (name.substr(0, name.size() - kIn.size()) + ".out.json");
    if (std::getenv("STANCH_UPDATE") != nullptr) std::ofstream(out, std::ios::binary) << state;
    EXPECT_EQ(state, read(out)) << out;
  }
  EXPECT_GT(cases, 0u);
}

std::vector<model::Entry> story() { return read_entries(read(kFolder / "story-1.in.ndjson")); }

// So that no kind is forgotten: each that an incident has is in the story, or says nothing about
// the incident as such and is counted.
TEST(IncidentFold, KnowsTheKindsOfAnIncident) {
  std::set<std::string> told;
  for (const model::Entry& entry : story()) told.insert(entry.kind);
  // Those between these two of the table are the incident's own.
  bool own = false;
  size_t kinds = 0;
  for (const model::EntryKind& kind : model::entry_kinds()) {
    own = own || kind.name == "incident_opened";
    if (!own) continue;
    ++kinds;
    EXPECT_TRUE(told.contains(std::string(kind.name))) << kind.name;
    if (kind.name == "report_made") break;
  }
  EXPECT_EQ(kinds, 33u);
}

// What concerns different things may come in any order.
TEST(IncidentFold, DoesNotDependOnHowConcernsInterleave) {
  const std::vector<model::Entry> entries = story();
  // The first opens it; what a person or the engine says about one thing keeps its order.
  const auto concern_of = [](const model::Entry& entry) -> std::string {
    const auto is = [&](std::initializer_list<std::string_view> kinds) {
      return std::ranges::find(kinds, entry.kind) != kinds.end();
    };
    if (is({"finding_joined", "findings_folded", "split", "scope_changed"})) return "findings";
    if (is({"severity_set"})) return "severity";
    if (is({"acknowledged", "assigned", "state_moved", "closed", "reopened", "merged_into"})) {
      return "life";
    }
    if (entry.kind.starts_with("role") || entry.kind.starts_with("handover")) return "roles";
    if (entry.kind.starts_with("task")) return "tasks";
    if (entry.kind.starts_with("link")) return "links";
    if (entry.kind.starts_with("clock")) return "clocks";
    return entry.kind;
  };
  const std::string expected = folded(entries);
  std::mt19937_64 random(1);
  for (int round = 0; round < 200; ++round) {
    std::map<std::string, std::vector<model::Entry>> queues;
    for (size_t i = 1; i < entries.size(); ++i) {
      queues[concern_of(entries[i])].push_back(entries[i]);
    }
    for (auto& [name, queue] : queues) std::ranges::reverse(queue);
    std::vector<model::Entry> mixed = {entries[0]};
    while (!queues.empty()) {
      const auto queue =
          std::next(queues.begin(), static_cast<ptrdiff_t>(random() % queues.size()));
      mixed.push_back(queue->second.back());
      queue->second.pop_back();
      if (queue->second.empty()) queues.erase(queue);
    }
    ASSERT_EQ(folded(mixed), expected) << round;
  }
}

TEST(IncidentFold, KeepsPrivilegedNotesBackUnlessAsked) {
  EXPECT_NE(folded(story(), true).find("For counsel only"), std::string::npos);
  const std::string without = folded(story(), false);
  EXPECT_EQ(without.find("For counsel only"), std::string::npos);
  EXPECT_NE(without.find("\"notes_withheld\": 1"), std::string::npos);
}

// Whatever stands there, folding goes on, and says how many entries it could not use.
TEST(IncidentFold, CountsWhatMakesNoSense) {
  struct Case {
    const char *kind, *payload;
  };
  const Case cases[] = {
      {"finding_joined", "{}"},
      {"finding_joined", R"({"finding":"f","level":"terrible"})"},
      {"severity_set", R"({"severity":"S9"})"},
      {"state_moved", R"({"to":"nirvana"})"},
      {"role_withdrawn", R"({"role":"commander","person":"nobody"})"},
      {"handover_accepted", R"({"role":"commander","to":"x"})"},
      {"clock_paused", R"({"clock":"tick","until":"2026-01-01T00:00:00Z"})"},
      {"clock_paused", R"({"clock":"contain","until":"soon"})"},
      {"clock_resumed", R"({"clock":"tick"})"},
      {"task_done", R"({"task":"none"})"},
      {"task_assigned", R"({"task":"none","owner":"x"})"},
      {"link_removed", R"({"relation":"ticket","target":"none"})"},
      {"aware", R"({"when":"yesterday"})"},
      {"material", "{}"},
      {"classified", "{}"},
      {"tlp_set", R"({"tlp":"PURPLE"})"},
      {"note", "no JSON"},
  };
  std::vector<model::Entry> entries = {story()[0]};
  const std::string before = folded(entries);
  for (const Case& given : cases) {
    model::Entry entry = entries[0];
    entry.kind = given.kind;
    entry.payload = model::EntryPayload{given.payload, std::string(32, '0')};
    IncidentFold fold(model::IncidentId("inc-1"));
    fold.apply(entries[0]);
    fold.apply(entry);
    EXPECT_EQ(fold.state().foreign, 1u) << given.kind << " " << given.payload;
    EXPECT_EQ(fold.state().entries, 2u);
  }
  // A second opening changes nothing; an opening that was erased still says that it began.
  entries.push_back(entries[0]);
  IncidentFold twice(model::IncidentId("inc-1"));
  for (const model::Entry& entry : entries) twice.apply(entry);
  EXPECT_EQ(twice.state().foreign, 1u);
  entries[0].payload.reset();
  IncidentFold erased(model::IncidentId("inc-1"));
  erased.apply(entries[0]);
  EXPECT_TRUE(erased.state().exists());
  EXPECT_EQ(erased.state().title, "");
  EXPECT_EQ(erased.state().erased, 1u);
}

TEST(IncidentFold, AFindingThatCameBackIsThereOnce) {
  std::vector<model::Entry> entries;
  for (const model::Entry& entry : story()) {
    if (entry.kind == "finding_joined" || entry.kind == "split") entries.push_back(entry);
  }
  const model::Entry split_off = entries[1];
  entries.push_back(split_off);
  entries.push_back(split_off);
  IncidentFold fold(model::IncidentId("inc-1"));
  for (const model::Entry& entry : entries) fold.apply(entry);
  EXPECT_EQ(fold.state().finding_count(), 2u);
  EXPECT_EQ(fold.state().foreign, 1u);
  EXPECT_EQ(fold.state().entities.at("aws:access-key/AKIASVC").findings, 1u);
}

// An incident whose texts were erased by law stays closed, answered for, and out of sight.
TEST(IncidentFold, ErasingTextsUndoesNoDecision) {
  using model::Status;
  const auto folds = [](std::initializer_list<const char*> kinds, uint32_t version = 1) {
    IncidentFold fold(model::IncidentId("inc-1"));
    for (const char* kind : kinds) {
      model::Entry entry;
      entry.stream = model::StreamId("incident/inc-1");
      entry.kind = kind;
      entry.kind_version = version;
      entry.time = Time(std::chrono::hours(1));
      entry.actor = "person/alice";
      if (version > 1) entry.payload = model::EntryPayload{R"({"what":"ever"})", "0"};
      fold.apply(entry);
    }
    return fold.state();
  };
  for (const uint32_t version : {1u, 99u}) {  // erased; and written by a newer program
    EXPECT_EQ(folds({"incident_opened", "closed"}, version).status, Status::kClosed);
    EXPECT_EQ(folds({"incident_opened", "merged_into"}, version).status, Status::kClosed);
    EXPECT_EQ(folds({"incident_opened", "closed", "reopened"}, version).status, Status::kNew);
    EXPECT_EQ(folds({"incident_opened", "acknowledged"}, version).acknowledged->by, "person/alice");
    EXPECT_EQ(folds({"incident_opened", "acknowledged"}, version).status, Status::kAcknowledged);
    EXPECT_EQ(folds({"incident_opened", "update_given"}, version).updates.size(), 1u);
    EXPECT_EQ(folds({"incident_opened", "tlp_set"}, version).tlp, model::Tlp::kRed);
    const IncidentState state = folds({"incident_opened", "restricted", "note"}, version);
    EXPECT_TRUE(state.restricted);
    EXPECT_TRUE(state.people.empty());
    EXPECT_EQ(version == 1 ? state.erased : state.foreign, 3u);
  }
}

TEST(IncidentFold, ABreachEndsContainment) {
  IncidentFold fold(model::IncidentId("inc-1"));
  const auto move = [&](const char* from, const char* to) {
    model::Entry entry;
    entry.kind = "state_moved";
    entry.payload =
        model::EntryPayload{std::string(R"({"from":")") + from + R"(","to":")" + to + "\"}", "0"};
    fold.apply(entry);
  };
  move("new", "containing");
  move("containing", "contained_watching");
  EXPECT_TRUE(fold.state().contained);
  move("contained_watching", "contained");
  EXPECT_TRUE(fold.state().contained);
  move("contained", "containing");
  EXPECT_FALSE(fold.state().contained);
  move("containing", "contained_watching");
  EXPECT_TRUE(fold.state().contained);
}

}  // namespace
}  // namespace stanch::triage

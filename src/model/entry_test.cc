#include "model/entry.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <set>

#include "codec/timestamp.h"
#include "model/entry_kind.h"

namespace stanch::model {
namespace {

Entry sample() {
  Entry entry;
  entry.stream = StreamId("incident/inc-abc");
  entry.sequence = 7;
  entry.id = entry_id(entry.stream, "note", "request-1");
  entry.time = codec::parse_timestamp("2026-03-01T02:03:04.5Z").value();
  entry.actor = "person/al\"ice\u20ac";
  entry.kind = "note";
  entry.content_version = "";
  entry.prev = stream_root("led-1", entry.stream);
  entry.payload = EntryPayload{R"({"text":"hello"})", "000102030405060708090a0b0c0d0e0f"};
  entry.commitment = payload_commitment(*entry.payload);
  return entry;
}

// Computed with printf and sha256sum, as docs/formats/ledger.md says.
TEST(Entry, HashesAreThoseOfSha256sum) {
  const Entry entry = sample();
  EXPECT_EQ(codec::to_hex(entry.commitment),
            "3312ad6ff2dc8ff4fcbe0f6d773766439f13a05b5b0fcb98e4d99d72625d60e5");
  EXPECT_EQ(codec::to_hex(entry.prev),
            "0cea8bbf4e98882d78ae52eeead234ccf40168254ba987547593d2ed8e8aa5d9");
  EXPECT_EQ(header_line(entry),
            "{\"actor\":\"person/al\\\"ice\u20ac\","
            "\"commitment\":\"" +
                codec::to_hex(entry.commitment) + "\",\"content\":\"\",\"id\":\"" +
                entry.id.text() + "\",\"kind\":\"note\",\"kind_version\":1,\"prev\":\"" +
                codec::to_hex(entry.prev) +
                "\",\"schema\":\"stanch.entry/1\",\"sequence\":7,"
                "\"stream\":\"incident/inc-abc\",\"time\":\"2026-03-01T02:03:04.500Z\"}\n");
}

TEST(Entry, HeaderIsReadBack) {
  Entry entry = sample();
  const std::string line = header_line(entry);
  const auto read = parse_header_line(line);
  ASSERT_TRUE(read) << read.error().message();
  entry.payload.reset();
  EXPECT_EQ(*read, entry);
  EXPECT_EQ(citation_of(entry).hash, codec::sha256(line));
}

TEST(Entry, HeaderThatDiffersInAnyByteIsAnotherOrNone) {
  const std::string line = header_line(sample());
  for (size_t i = 0; i < line.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string changed = line;
      changed[i] = static_cast<char>(changed[i] ^ (1 << bit));
      const auto read = parse_header_line(changed);
      EXPECT_TRUE(!read || header_line(*read) == changed);
    }
  }
}

TEST(Entry, RefusesOtherForms) {
  const std::string line = header_line(sample());
  EXPECT_FALSE(parse_header_line(line.substr(0, line.size() - 1)));
  EXPECT_FALSE(parse_header_line(" " + line));
  EXPECT_FALSE(parse_header_line(""));
  EXPECT_FALSE(parse_header_line("[]\n"));
  EXPECT_FALSE(parse_header_line(std::string(kEntryHeaderBytesMax, ' ') + "\n"));
  std::string newer = line;
  newer.replace(newer.find("stanch.entry/1"), 14, "stanch.entry/2");
  const auto read = parse_header_line(newer);
  ASSERT_FALSE(read);
  EXPECT_NE(read.error().message().find("newer program"), std::string::npos);
}

TEST(EntryIds, DependOnStreamKindAndKey) {
  const EntryId id = entry_id(StreamId("a"), "note", "k");
  EXPECT_EQ(id.text().size(), 4 + 26u);
  EXPECT_EQ(id, entry_id(StreamId("a"), "note", "k"));
  EXPECT_NE(id, entry_id(StreamId("b"), "note", "k"));
  EXPECT_NE(id, entry_id(StreamId("a"), "closed", "k"));
  EXPECT_NE(id, entry_id(StreamId("a"), "note", "l"));
}

TEST(EntryNames, AreTextWithoutControlCharacters) {
  EXPECT_EQ(stream_complaint("incident/inc-1"), "");
  EXPECT_NE(stream_complaint(""), "");
  EXPECT_NE(stream_complaint("a\nb"), "");
  EXPECT_NE(stream_complaint("a\xff"), "");
  EXPECT_NE(stream_complaint(std::string(kEntryStreamBytesMax + 1, 'a')), "");
  EXPECT_EQ(actor_complaint("person/\u00e9lise"), "");
  EXPECT_NE(actor_complaint("\x7f"), "");
}

// ---------------------------------------------------------------- kinds

TEST(EntryKinds, AreAWellFormedTable) {
  std::set<std::pair<std::string_view, uint32_t>> names;
  for (const EntryKind& kind : entry_kinds()) {
    EXPECT_TRUE(names.emplace(kind.name, kind.version).second) << kind.name;
    EXPECT_FALSE(kind.summary.empty()) << kind.name;
    EXPECT_LE(kind.since, kEntryKindListVersion) << kind.name;
    EXPECT_EQ(kind.retention == Retention::kPermanent, !kind.erasable) << kind.name;
    std::set<std::string_view> fields;
    for (const PayloadField& field : kind.fields) {
      EXPECT_TRUE(fields.insert(field.name).second) << kind.name << " " << field.name;
      EXPECT_FALSE(field.summary.empty()) << kind.name << " " << field.name;
    }
    EXPECT_EQ(find_entry_kind(kind.name, kind.version), &kind);
  }
  EXPECT_EQ(find_entry_kind("note", 999), nullptr);
  EXPECT_EQ(current_entry_kind("no such kind"), nullptr);
}

// What an incident's life is told in; a kind that is renamed or lost loses old ledgers' meaning.
TEST(EntryKinds, TellTheWholeLifeOfAnIncident) {
  for (const char* name : {"finding_joined",
                           "severity_set",
                           "acknowledged",
                           "plan_made",
                           "approval_asked",
                           "approved",
                           "approval_refused",
                           "state_saved",
                           "intended",
                           "answered",
                           "verified",
                           "step_failed",
                           "watched",
                           "evidence_taken",
                           "evidence_sealed",
                           "notice_sent",
                           "role_given",
                           "handover_accepted",
                           "aware",
                           "material",
                           "classified",
                           "lesson_recorded",
                           "hold_taken",
                           "hold_returned",
                           "budget_taken",
                           "autonomy_set",
                           "intake_position",
                           "kill_switch_pulled",
                           "merged_into",
                           "erased",
                           "legal_hold_set",
                           "run_in_shadow",
                           "unknown_stated",
                           "guard_stopped",
                           "undo_stopped",
                           "exception_set"}) {
    EXPECT_NE(current_entry_kind(name), nullptr) << name;
  }
}

std::string verdict(std::string_view kind, std::string_view payload) {
  codec::JsonParser parser;
  const auto checked = check_payload(*current_entry_kind(kind), parser.parse(payload));
  return checked ? "fits" : checked.error().message();
}

TEST(EntryKinds, CheckPayloads) {
  const std::string hash(64, 'a');
  const struct {
    std::string_view kind;
    std::string payload, expected;
  } rows[] = {
      {"note", R"({"text":"x"})", "fits"},
      {"note", R"({"text":"x","privileged":true})", "fits"},
      {"note", R"({})", "payload of note: text is missing"},
      {"note", R"({"text":5})", "payload of note: text is no text"},
      {"note", R"({"text":"x","privileged":"yes"})", "payload of note: privileged is no boolean"},
      {"note", R"({"text":"x","other":1})", "payload of note: other is no member of it"},
      {"note", R"({"text":"x","\u0074ext":"y"})", "payload of note: text stands twice"},
      {"note", R"([])", "payload of note: it is no object"},
      {"tlp_set", R"({"tlp":"RED"})", "fits"},
      {"tlp_set", R"({"tlp":"red"})",
       "payload of tlp_set: tlp is none of RED|AMBER+STRICT|AMBER|GREEN|CLEAR"},
      {"aware", R"({"person":"a","when":"2026-03-01T02:03:04Z","why":"b"})", "fits"},
      {"aware", R"({"person":"a","when":"2026-03-01T02:03:04+00:00","why":"b"})",
       "payload of aware: when is no time (RFC 3339, Z)"},
      {"erased", R"({"sequence":1,"hash":")" + hash + R"(","authority":"a","reason":"r"})", "fits"},
      {"erased", R"({"sequence":1.5,"hash":")" + hash + R"(","authority":"a","reason":"r"})",
       "payload of erased: sequence is no integer"},
      {"erased", R"({"sequence":1,"hash":"A","authority":"a","reason":"r"})",
       "payload of erased: hash is no hash (64 hex digits)"},
      {"merged_from",
       R"({"incident":"i","merged":{"stream":"s","sequence":0,"hash":")" + hash + R"("}})", "fits"},
      {"merged_from", R"({"incident":"i","merged":{"stream":"s","sequence":0}})",
       "payload of merged_from: merged is no citation"},
      {"split", R"({"into":"i","findings":["a","b"],"reason":"r"})", "fits"},
      {"split", R"({"into":"i","findings":["a",1],"reason":"r"})",
       "payload of split: findings is no list of texts"},
      {"setting_changed", R"({"setting":"a","value":{"is":[1]},"reason":"r"})", "fits"},
      {"setting_changed", R"({"setting":"a","value":1,"reason":"r"})",
       "payload of setting_changed: value is no object"},
  };
  for (const auto& row : rows)
    EXPECT_EQ(verdict(row.kind, row.payload), row.expected) << row.payload;
}

// STANCH_UPDATE=1 writes the documents anew.
void expect_document(const std::string& name, const std::string& text) {
  const std::string path = std::string(STANCH_SOURCE_DIR) + "/docs/formats/" + name;
  if (std::getenv("STANCH_UPDATE") != nullptr) std::ofstream(path, std::ios::binary) << text;
  std::ifstream file(path, std::ios::binary);
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}), text)
      << name << " is stale: ./dev test --update writes it";
}

TEST(EntryKinds, AreDocumented) {
  expect_document("entry-kinds.md", entry_kinds_page());
  expect_document("entry-kinds.schema.json", entry_kinds_schema());
}

}  // namespace
}  // namespace stanch::model

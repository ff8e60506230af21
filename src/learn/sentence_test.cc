// Sentences. tests/golden/learn/sentences.txt shows each kind with all members, and with those
// alone that must be there. STANCH_UPDATE=1 writes it from the code; review it as text that people
// read.

#include "learn/sentence.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>

#include "codec/json_writer.h"
#include "codec/timestamp.h"
#include "learn/limits.h"

namespace stanch::learn {
namespace {

using model::EntryKind;
using model::FieldType;
using model::PayloadField;

const std::string kGolden = std::string(STANCH_SOURCE_DIR) + "/tests/golden/learn/sentences.txt";

// The members that a pattern names: and whether each stands in a group that may be left out.
struct Member {
  std::string path;
  bool in_group = false, chooses = false;
};
std::vector<Member> members_of(std::string_view pattern) {
  std::vector<Member> members;
  bool in_group = false;
  for (size_t at = 0; at < pattern.size(); ++at) {
    if (pattern[at] == '[') in_group = true;
    if (pattern[at] == ']') in_group = false;
    if (pattern[at] != '{') continue;
    const size_t end = pattern.find('}', at);
    std::string path(pattern.substr(at + 1, end - at - 1));
    const size_t question = path.find('?');
    members.push_back({path.substr(0, question), in_group, question != path.npos});
    at = end;
  }
  return members;
}

TEST(Sentences, ThereIsOneForEveryKind) {
  size_t count = 0;
  for (const EntryKind& kind : model::entry_kinds()) {
    EXPECT_NE(find_sentence(kind.name, kind.version), nullptr) << kind.name << "/" << kind.version;
    ++count;
  }
  EXPECT_EQ(sentence_rows().size(), count);
}

TEST(Sentences, NameMembersThatTheKindHas) {
  for (const SentenceRow& row : sentence_rows()) {
    const EntryKind* kind = model::find_entry_kind(row.kind, row.version);
    ASSERT_NE(kind, nullptr) << row.kind;
    EXPECT_FALSE(row.pattern.empty());
    for (const Member& member : members_of(row.pattern)) {
      const std::string name = member.path.substr(0, member.path.find('.'));
      const auto field = std::ranges::find(kind->fields, name, &PayloadField::name);
      ASSERT_NE(field, kind->fields.end()) << row.kind << ": " << member.path;
      const bool is_object = field->type == FieldType::kObject;
      EXPECT_EQ(is_object, member.path.find('.') != member.path.npos) << member.path;
      EXPECT_NE(field->type, FieldType::kObjects);
      EXPECT_EQ(field->type == FieldType::kBoolean, member.chooses) << row.kind << member.path;
      // What may be absent must not leave a hole; a list may be empty.
      const bool may_be_empty = !field->required || is_object || field->type == FieldType::kTexts;
      const bool is_excused = member.chooses || (row.kind == "notice_sent" && name == "to");
      EXPECT_TRUE(member.in_group || !may_be_empty || is_excused) << row.kind << ": " << name;
    }
  }
}

void append_sample(const PayloadField& field, codec::JsonWriter& json) {
  const std::string hash(64, 'a');
  const auto citation = [&] {
    json.begin_object().field("stream", "triage").field("sequence", 7).field("hash", hash);
    json.end_object();
  };
  json.key(field.name);
  switch (field.type) {
    case FieldType::kText:
      json.string(field.choices.empty()
                      ? fmt::format("‹{}›", field.name)
                      : std::string(field.choices.substr(0, field.choices.find('|'))));
      break;
    case FieldType::kTime: json.string("2026-03-01T02:03:04.500Z"); break;
    case FieldType::kInteger: json.number(int64_t{3}); break;
    case FieldType::kBoolean: json.boolean(true); break;
    case FieldType::kHash: json.string(hash); break;
    case FieldType::kTexts:
      json.begin_array()
          .string(fmt::format("‹{} 1›", field.name))
          .string(fmt::format("‹{} 2›", field.name))
          .end_array();
      break;
    case FieldType::kCitation: citation(); break;
    case FieldType::kCitations:
      json.begin_array();
      citation();
      json.end_array();
      break;
    case FieldType::kObject:
      json.raw(R"({"facts":{"actor":{"entity":"aws:user/1/a"},"action":{"name":"CreateUser"},)"
               R"("source":{"entity":"ip/203.0.113.7"},"outcome":"ok"}})");
      break;
    case FieldType::kObjects: json.begin_array().end_array(); break;
  }
}

std::string told(const EntryKind& kind, bool all) {
  std::string payload;
  codec::JsonWriter json(payload);
  json.begin_object();
  for (const PayloadField& field : kind.fields) {
    if (field.required || all) append_sample(field, json);
  }
  json.end_object();
  codec::JsonParser parser;
  const codec::JsonView view = parser.parse(payload);
  EXPECT_TRUE(model::check_payload(kind, view)) << payload;
  return sentence(*find_sentence(kind.name, kind.version), view);
}

TEST(Sentences, AreWhatTheyWere) {
  std::string text;
  for (const EntryKind& kind : model::entry_kinds()) {
    const std::string all = told(kind, true), few = told(kind, false);
    text += fmt::format("{}/{}\n  {}\n", kind.name, kind.version, all);
    if (few != all) text += fmt::format("  {}\n", few);
    for (const std::string& each : {all, few}) {
      EXPECT_EQ(each.find_first_of("{}[]"), each.npos) << each;
      EXPECT_EQ(each.find("  "), each.npos) << each;
    }
  }
  if (std::getenv("STANCH_UPDATE") != nullptr) std::ofstream(kGolden, std::ios::binary) << text;
  std::ifstream file(kGolden, std::ios::binary);
  std::stringstream kept;
  kept << file.rdbuf();
  EXPECT_EQ(text, kept.str());
}

std::string told(std::string_view pattern, std::string_view payload,
                 const SentenceLimits& limits = {}) {
  codec::JsonParser parser;
  return sentence({"note", 1, Topic::kPeople, pattern}, parser.parse(payload), limits);
}

TEST(Sentence, FollowsItsPattern) {
  struct {
    std::string_view pattern, payload, told;
  } const table[] = {
      {"plain", "{}", "plain"},
      {"{a}", R"({"a":"x"})", "x"},
      {"{a}{b}", R"({"a":"x","b":5})", "x5"},
      {"a[ {b}]", "{}", "a"},
      {"a[ {b}]", R"({"b":""})", "a"},
      {"a[ {b}]", R"({"b":null})", "a"},
      {"a[ {b}]", R"({"b":[]})", "a"},
      {"a[ {b}]", R"({"b":["x","y"]})", "a x, y"},
      {"a[ {b} {c}]", R"({"b":"x"})", "a"},
      {"a[ {b} {c}]!", R"({"b":"x","c":"y"})", "a x y!"},
      {"{b?yes|no}", R"({"b":true})", "yes"},
      {"{b?yes|no}", R"({"b":false})", "no"},
      {"{b?yes|}", R"({"b":false})", ""},
      {"{b?yes|no}", R"({"b":"true"})", "no"},
      {"{b?yes|no}", "{}", "no"},
      {"{because}", R"({"because":["x","y"]})", "x; y"},
      {"{a.b.c}", R"({"a":{"b":{"c":"x"}}})", "x"},
      {"[{a.b.c}]", R"({"a":{"b":"c"}})", ""},
      {"{a}", R"({"a":{"stream":"s/1","sequence":4,"hash":"0"}})", "s/1/4"},
      {"{a}", R"({"a":12345678901234567890})", "12345678901234567890"},
      // What is told is not looked at again.
      {"{a}", R"({"a":"{b} [c] {d?e|f}"})", "{b} [c] {d?e|f}"},
  };
  for (const auto& row : table) EXPECT_EQ(told(row.pattern, row.payload), row.told) << row.pattern;
}

TEST(Sentence, IsCutBetweenCharacters) {
  EXPECT_EQ(told("{a}.", R"({"a":"äöü"})", {.code_points = 3, .list = 9}), "äöü.");
  EXPECT_EQ(told("{a}.", R"({"a":"äöüß"})", {.code_points = 3, .list = 9}), "äöü….");
  EXPECT_EQ(told("{a}.", R"({"a":["x","y","z"]})", {.code_points = 9, .list = 3}), "x, y, z.");
  EXPECT_EQ(told("{a}.", R"({"a":["x","y","z","äöüß"]})", {.code_points = 3, .list = 2}),
            "x, y and 2 more.");
}

TEST(Sentence, TellsTimesAndChoicesInWords) {
  codec::JsonParser parser;
  const auto of = [&](std::string_view kind, std::string_view payload) {
    return sentence(*find_sentence(kind, 1), parser.parse(payload));
  };
  EXPECT_EQ(of("state_moved", R"({"from":"containing","to":"contained_watching"})"),
            "Now contained, watching; was containing");
  EXPECT_EQ(of("closed", R"({"disposition":"false_positive","reason":"a_b"})"),
            "Closed as false positive: a_b");
  EXPECT_EQ(of("clock_jumped", R"({"from":"2026-03-01T02:03:04.5+01:00","to":"soon"})"),
            "The machine's clock was set from 2026-03-01 01:03:04 UTC to soon");
}

}  // namespace
}  // namespace stanch::learn

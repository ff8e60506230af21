#include "learn/timeline.h"

#include <gtest/gtest.h>

#include "learn/entries_for_test.h"

namespace stanch::learn {
namespace {

StreamForTest story() {
  return StreamForTest()
      .add("10:00:00", "incident_opened", R"({"title":"Keys made","by":"finding"})")
      .erased("10:01:00", "note", "person/alice")
      .add("10:02:00", "note", R"({"text":"for you only","privileged":true})", "person/lea")
      .add("10:03:00", "from_the_future", R"({"what":"ever"})")
      .add("10:04:00", "note", "no json")
      .add("10:05:00", "erased",
           R"({"sequence":1,"hash":"aa","authority":"GDPR","reason":"request 12"})",
           "unverified/root")
      .erased("10:06:00", "acknowledged");
}

std::vector<std::string> texts(const std::vector<TimelineLine>& lines) {
  std::vector<std::string> found;
  for (const TimelineLine& line : lines) {
    found.push_back(std::string(name_of(line.telling)) + "|" + line.text);
  }
  return found;
}

TEST(Timeline, LeavesNoEntryOut) {
  EXPECT_EQ(texts(timeline_of(story().entries(), {})),
            (std::vector<std::string>{
                "told|Opened by finding: Keys made",
                "erased|note: erased: GDPR, request 12",
                "withheld|Note for counsel, left out",
                "foreign|from_the_future/1: of a newer program; this one cannot read it",
                "unclear|note: its payload makes no sense",
                "told|Payload of entry 1 erased, by GDPR: request 12",
                "erased|acknowledged: erased: no entry says why",
            }));
}

TEST(Timeline, ShowsNotesForCounselIfAsked) {
  const auto lines =
      timeline_of(story().entries(), {.since = {}, .until = {}, .privileged = true, .limits = {}});
  EXPECT_EQ(lines[2].text, "For counsel. Note: for you only");
  EXPECT_TRUE(lines[2].privileged);
}

TEST(Timeline, IsOfAWindowAndStillKnowsWhyAnEntryIsGone) {
  const TimelineOptions options{.since = time_for_test("10:01:00"),
                                .until = time_for_test("10:02:00"),
                                .privileged = false,
                                .limits = {}};
  const auto lines = timeline_of(story().entries(), options);
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_EQ(lines[0].text, "note: erased: GDPR, request 12");
  EXPECT_EQ(lines[0].sequence, 1u);
  EXPECT_EQ(lines[0].actor, "person/alice");
}

TEST(Timeline, OfAKnownKindInANewerVersionIsForeign) {
  StreamForTest stream;
  stream.add("10:00:00", "note", R"({"text":"x"})");
  stream.entries()[0].kind_version = 2;
  EXPECT_EQ(timeline_of(stream.entries(), {})[0].telling, Telling::kForeign);
}

TEST(Timeline, NamesWhoSaysSo) {
  EXPECT_EQ(actor_for_people("engine"), "engine");
  EXPECT_EQ(actor_for_people("person/alice"), "alice");
  EXPECT_EQ(actor_for_people("unverified/alice"), "alice (unverified)");
}

TEST(Timeline, AsJson) {
  std::string text;
  codec::JsonWriter json(text);
  json.begin_object();
  append_json(timeline_of(StreamForTest()
                              .add("10:02:00", "note", R"({"text":"\u001b[2J","privileged":true})")
                              .entries(),
                          {.since = {}, .until = {}, .privileged = true, .limits = {}}),
              json);
  json.end_object();
  EXPECT_EQ(text, R"({"entries":[{"sequence":0,"time":"2026-03-01T10:02:00Z","actor":"engine",)"
                  R"("kind":"note","kind_version":1,"topic":"people","telling":"told",)"
                  R"("privileged":true,"text":"For counsel. Note: \u001b[2J"}]})");
}

}  // namespace
}  // namespace stanch::learn

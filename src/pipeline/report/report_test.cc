// The report of one story, told with words that are harmless and with words that are not.

#include "pipeline/report/report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "codec/json_writer.h"
#include "codec/timestamp.h"
#include "triage/severity.h"

namespace stanch::pipeline::report {
namespace {

using testing::HasSubstr;
using testing::Not;

namespace fs = std::filesystem;
const fs::path kGolden = fs::path(STANCH_SOURCE_DIR) / "tests/golden/report";

constexpr std::string_view kIncident = "inc-gmgscbjjd3yicgcjjista6uauq";

// What somebody who wants to harm the reader writes into whatever he can.
constexpr std::string_view kHostile =
    "=1+1 \x1b[2J\x07 <script>alert(1)</script><img src=x onerror=alert(1)> \"'> --> ]]> "
    "'; DROP TABLE x;-- ../../etc/passwd ![i](http://evil.example/i.png) [l](javascript:alert(1)) "
    "| `x` \xe2\x80\xae www.evil.example @all #1 ${7*7} {{7*7}} </style></title></svg> \xff";

std::string quoted(std::string_view text) {
  std::string out;
  codec::append_json_string(text, out);
  return out;
}

class Story {
 public:
  // `word` stands in all that people and logs write.
  explicit Story(std::string_view word) : word_(quoted(word)) {
    add("02:17:31", "engine", "incident_opened",
        R"({"incident":"inc","title":W,"by":"person","source":W,"description":W})");
    add("02:17:31", "engine", "finding_joined", finding("fnd-a", "02:16:10", "aws:user/1/x"));
    add("02:17:40", "engine", "finding_joined", finding("fnd-b", "02:16:40", "aws:bucket/y"));
    add("02:17:41", "engine", "severity_set",
        R"({"severity":"S2","by":"matrix","because":["a rule of level high",W]})");
    add("02:24:00", "person/alice", "acknowledged", R"({"person":"alice","comment":W})");
    add("02:24:10", "person/alice", "role_given", R"({"role":"commander","person":W})");
    add("02:26:00", "person/alice", "state_moved", R"({"from":"acknowledged","to":"triaged"})");
    add("02:27:00", "person/bob", "hypothesis_set",
        R"({"hypothesis":"h1","text":W,"standing":"open","because":[W]})");
    add("02:28:00", "person/bob", "note", R"({"text":W})");
    add("02:28:30", "person/lea", "note", R"({"text":"COUNSEL ALONE","privileged":true})");
    add("02:29:00", "person/alice", "task_added",
        R"({"task":"t1","title":W,"owner":W,"due":"2026-11-09T04:00:00Z"})");
    add("02:31:00", "person/alice", "severity_set",
        R"({"severity":"S1","previous":"S2","by":"person","because":[],"reason":W})");
    add("02:32:00", "person/alice", "scope_changed",
        R"({"added":["aws:bucket/more"],"removed":["ip/203.0.113.7"],"because":[W]})");
    add("02:36:00", "person/alice", "tlp_set", R"({"tlp":"AMBER+STRICT"})");
    add("02:36:20", "person/alice", "link_added", R"({"relation":"ticket","target":W,"title":W})");
    add("02:50:00", "person/alice", "state_moved",
        R"({"from":"triaged","to":"containing","reason":W})");
    add("02:51:00", "engine", "state_moved", R"({"from":"containing","to":"contained_watching"})");
    add("02:52:00", "engine", "unknown_stated",
        R"({"what":W,"because":"data_events_off","scope":[W]})");
    add("03:00:00", "person/alice", "update_given", R"({"text":W,"audience":W})");
    add("03:01:00", "person/bob", "note", R"({"text":"goes"})");
    add("03:02:00", "engine", "erased",
        R"({"sequence":19,"hash":"00000000000000000000000000000000000000000000000000000000)"
        R"(00000000","authority":W,"reason":W})");
    entries_[19].payload.reset();
    add("03:03:00", "engine", "omen_read", R"({"bird":W})");
  }

  Story& add(std::string_view time, std::string actor, std::string kind, std::string payload) {
    for (size_t at = 0; (at = payload.find('W', at)) != std::string::npos; at += word_.size()) {
      payload.replace(at, 1, word_);
    }
    model::Entry entry;
    entry.stream = model::StreamId("incident/" + std::string(kIncident));
    entry.sequence = entries_.size();
    entry.time = codec::parse_timestamp("2026-11-09T" + std::string(time) + "Z").value();
    entry.actor = std::move(actor);
    entry.kind = std::move(kind);
    entry.payload = model::EntryPayload{std::move(payload), std::string(32, '0')};
    entries_.push_back(std::move(entry));
    return *this;
  }

  std::string written(std::string_view format, bool privileged = false) const {
    triage::IncidentFold fold{model::IncidentId(std::string(kIncident))};
    learn::CaseFold case_fold{model::IncidentId(std::string(kIncident))};
    for (const model::Entry& entry : entries_) {
      fold.apply(entry);
      case_fold.apply(entry);
    }
    const Time now = codec::parse_timestamp("2026-11-09T04:00:00Z").value();
    const triage::Overview overview = triage::overview_of(fold.state(), {}, {}, now);
    const learn::Case times = case_fold.result();
    learn::TimelineOptions options;
    options.privileged = privileged;
    const auto timeline = learn::timeline_of(entries_, options);
    const Source source{.state = fold.state(),
                        .overview = overview,
                        .times = times,
                        .timeline = timeline,
                        .now = now,
                        .privileged = privileged,
                        .ledger = "ldg-test",
                        .last_hash = std::string(64, 'a'),
                        .program_version = "1.0",
                        .content_version = ""};
    if (format == "json") {
      std::string text;
      codec::JsonWriter json(text);
      json.begin_object();
      append_json(source, json);
      json.end_object();
      return text;
    }
    return format == "html" ? html_of(report_of(source)) : markdown_of(report_of(source));
  }

 private:
  static std::string finding(std::string_view id, std::string_view time, std::string_view target) {
    return R"({"finding":")" + std::string(id) +
           R"(","rule":"r","title":W,"level":"high","event_time":"2026-11-09T)" +
           std::string(time) +
           R"(Z","events":["e"],"entities":["ip/203.0.113.7",W],"techniques":["T1098"],)"
           R"("because":[W],"document":{"attack":{"tactics":["persistence"]},"facts":{)"
           R"("cloud":"aws","actor":{"type":"user","entity":"aws:user/1/mallory","user_name":W},)"
           R"("source":{"entity":"ip/203.0.113.7"},"action":{"service":"iam.amazonaws.com",)"
           R"("name":"CreateUser","access":"write"},"outcome":"ok","targets":[{"entity":")" +
           std::string(target) + R"("},{"entity":W}]}}})";
  }

  std::string word_;
  std::vector<model::Entry> entries_;
};

// The tags of a page, with the names of their attributes; text and values are left out.
std::string tags_of(const std::string& html) {
  std::string tags;
  const size_t body = html.find("<body>");
  for (size_t at = html.find('<', body); at != std::string::npos; at = html.find('<', at)) {
    bool in_value = false;
    for (; at < html.size(); ++at) {
      if (html[at] == '"') in_value = !in_value;
      if (!in_value && html[at] != '"') tags += html[at];
      if (!in_value && html[at] == '>') break;
    }
    tags += '\n';
  }
  return tags;
}

TEST(Report, IsWhatItWas) {
  fs::create_directories(kGolden);
  for (const bool privileged : {false, true}) {
    const fs::path path = kGolden / (privileged ? "story-privileged.md" : "story.md");
    const std::string markdown = Story("some words").written("markdown", privileged);
    if (std::getenv("STANCH_UPDATE") != nullptr) {
      std::ofstream(path, std::ios::binary) << markdown;
    }
    std::ifstream file(path, std::ios::binary);
    std::stringstream kept;
    kept << file.rdbuf();
    EXPECT_EQ(markdown, kept.str()) << path;
  }
}

TEST(Report, HasAllItsSections) {
  const std::string html = Story("some words").written("html");
  for (const std::string_view id : {"summary", "course", "decisions", "scope", "metrics", "people",
                                    "work", "unknown", "timeline"}) {
    EXPECT_THAT(html, HasSubstr("<section id=\"" + std::string(id) + "\""));
    EXPECT_THAT(html, HasSubstr("href=\"#" + std::string(id) + "\""));
  }
  EXPECT_THAT(html, HasSubstr("<svg class=\"chart\""));
  EXPECT_THAT(html, HasSubstr("<svg class=\"scope\""));
  EXPECT_THAT(html, HasSubstr("TLP:AMBER+STRICT"));
  EXPECT_THAT(html, HasSubstr("S1 Critical"));
  EXPECT_THAT(html, HasSubstr("data events off"));
}

// The markup of the page does not depend on what stands in it.
TEST(Report, IsOfOneShapeWhateverPeopleWrite) {
  for (const bool privileged : {false, true}) {
    const std::string plain = Story("some words").written("html", privileged);
    const std::string hostile = Story(kHostile).written("html", privileged);
    EXPECT_EQ(tags_of(plain), tags_of(hostile));
    EXPECT_GT(tags_of(plain).size(), 2000u);
  }
}

TEST(Report, RunsNothingAndAsksNobody) {
  const std::string html = Story(kHostile).written("html");
  for (const std::string_view never :
       {"<script", "<img", "<iframe", "<link", "<object", "<form", "url(", "@import", "src=\"",
        "href=\"http", "href=\"javascript", "</title></svg>"}) {
    EXPECT_THAT(html, Not(HasSubstr(std::string(never))));
  }
  EXPECT_THAT(html, HasSubstr("default-src 'none'; style-src 'unsafe-inline'"));
  EXPECT_THAT(html, HasSubstr("&lt;script&gt;alert(1)&lt;/script&gt;")) << "but it is told";
}

TEST(Report, IsInertOnATerminal) {
  for (const std::string_view format : {"html", "markdown"}) {
    const std::string text = Story(kHostile).written(format);
    for (const char c : text) ASSERT_TRUE(c == '\n' || c >= ' ' || c < 0) << format << int{c};
    EXPECT_THAT(text, Not(HasSubstr("\x7f")));
    EXPECT_THAT(text, Not(HasSubstr("\xe2\x80\xae")));
    EXPECT_THAT(text, Not(HasSubstr("\xff")));
  }
}

TEST(Report, HasNoMarkupOfPeopleInMarkdown) {
  const std::string text = Story(kHostile).written("markdown");
  for (const std::string_view never :
       {"<script", "<img", "![i]", "[l](", "http://", "www.evil", "@all", "| `x`", " #1"}) {
    // Escaped ones have a backslash before their sign.
    for (size_t at = text.find(never); at != std::string::npos; at = text.find(never, at + 1)) {
      EXPECT_TRUE(at > 0 && text[at - 1] == '\\') << never << " in " << text.substr(at, 60);
    }
  }
  // Every row of a table has as many cells as its heading.
  std::istringstream lines(text);
  size_t cells = 0, rows = 0;
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with('|')) {
      cells = 0;
      continue;
    }
    size_t bars = 0;
    for (size_t i = 0; i < line.size(); ++i) {
      if (line[i] == '\\') {
        ++i;
      } else if (line[i] == '|') {
        ++bars;
      }
    }
    if (cells == 0) cells = bars;
    EXPECT_EQ(bars, cells) << line;
    ++rows;
  }
  EXPECT_GT(rows, 30u);
}

TEST(Report, LeavesOutWhatIsForCounselAndSaysSo) {
  for (const std::string_view format : {"html", "markdown", "json"}) {
    EXPECT_THAT(Story("w").written(format), Not(HasSubstr("COUNSEL ALONE"))) << format;
    EXPECT_THAT(Story("w").written(format, true), HasSubstr("COUNSEL ALONE")) << format;
  }
  EXPECT_THAT(Story("w").written("html"), HasSubstr("1 note is for counsel, and left out"));
  EXPECT_THAT(Story("w").written("html", true), HasSubstr("<strong>Privileged.</strong>"));
  EXPECT_THAT(Story("w").written("html"), Not(HasSubstr("<strong>Privileged.</strong>")));
}

TEST(Report, MarksWhatIsRestrictedOrAnExercise) {
  Story story("w");
  story.add("03:10:00", "person/alice", "restricted", R"({"people":["alice","<b>"],"reason":W})");
  EXPECT_THAT(story.written("html"), HasSubstr("For alice, &lt;b&gt; alone."));
  EXPECT_THAT(story.written("markdown"), HasSubstr("**Restricted.** For alice, \\<b\\> alone."));
  EXPECT_THAT(Story("w").written("html"), Not(HasSubstr("Restricted.")));
}

TEST(Report, TellsErasedAndForeignEntriesAsSuch) {
  const std::string html = Story("w").written("html");
  EXPECT_THAT(html, HasSubstr("note: erased: w, w"));
  EXPECT_THAT(html, Not(HasSubstr("goes<")));
  EXPECT_THAT(html, HasSubstr("omen_read/1: of a newer program"));
}

TEST(Report, SaysSpansAtAGlance) {
  using namespace std::chrono;
  const std::pair<Duration, std::string_view> cases[] = {
      {Duration{}, "0s"},       {milliseconds(3), "< 1s"}, {seconds(59), "59s"},
      {seconds(95), "1m 35s"},  {minutes(5), "5m"},        {minutes(59), "59m"},
      {minutes(312), "5h 12m"}, {hours(47), "47h"},        {hours(76), "3d 4h"},
  };
  for (const auto& [duration, words] : cases) EXPECT_EQ(span_text(duration), words);
}

TEST(Report, OfAnIncidentWithoutAnythingIsWhole) {
  triage::IncidentState state;
  state.id = model::IncidentId("inc-x");
  const triage::Overview overview;
  learn::Case times;
  const Source source{.state = state,
                      .overview = overview,
                      .times = times,
                      .timeline = {},
                      .now = Time{},
                      .privileged = false,
                      .ledger = "l",
                      .last_hash = "",
                      .program_version = "1",
                      .content_version = ""};
  EXPECT_THAT(html_of(report_of(source)), HasSubstr("Nothing is known to be missing."));
  EXPECT_THAT(markdown_of(report_of(source)), HasSubstr("Nothing is known to be missing."));
}

}  // namespace
}  // namespace stanch::pipeline::report

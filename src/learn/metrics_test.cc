#include "learn/metrics.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "learn/entries_for_test.h"

namespace stanch::learn {
namespace {

const Time kNow = time_for_test("12:00:00");

Case opened(std::string id, std::string_view time, std::string_view severity,
            std::string_view more = "") {
  StreamForTest stream(std::move(id));
  stream.add(time, "incident_opened", "{" + std::string(more) + "}");
  if (!severity.empty()) {
    stream.add(time, "severity_set", fmt::format(R"({{"severity":"{}"}})", severity));
  }
  return stream.measured();
}

std::vector<Case> three() {
  return {opened("inc-a", "09:00:00", "S3"), opened("inc-b", "10:00:00", "S1"),
          opened("inc-c", "11:00:00", "")};
}

TEST(Metrics, AreBySeverityTheWorstFirst) {
  const Metrics metrics = metrics_of(three(), {}, kNow);
  ASSERT_EQ(metrics.real.severities.size(), 3u);
  EXPECT_EQ(metrics.real.severities[0].severity, model::Severity::kS1);
  EXPECT_EQ(metrics.real.severities[1].severity, model::Severity::kS3);
  EXPECT_EQ(metrics.real.severities[2].severity, std::nullopt);
  EXPECT_EQ(metrics.real.all.cases, 3u);
  EXPECT_EQ(metrics.real.all.open, 3u);
  EXPECT_EQ(metrics.undetected, 3u);
  EXPECT_EQ(metrics.unreceived, 3u);
  const Distribution& acknowledge = metrics.real.all.of(Measure::kAcknowledge);
  EXPECT_EQ(acknowledge.open, 3u);
  EXPECT_EQ(acknowledge.oldest, std::chrono::hours(3));
  EXPECT_EQ(metrics.drills.all.cases, 0u);
}

TEST(Metrics, KeepDrillsApart) {
  std::vector<Case> cases = three();
  cases.push_back(opened("inc-d", "10:00:00", "S1", R"("drill":true)"));
  const Metrics metrics = metrics_of(cases, {}, kNow);
  EXPECT_EQ(metrics.real.all.cases, 3u);
  EXPECT_EQ(metrics.drills.all.cases, 1u);
}

TEST(Metrics, AreOfAWindow) {
  struct {
    const char *since, *until;
    std::optional<model::Severity> severity;
    uint64_t cases;
  } const table[] = {
      {"", "", {}, 3},
      {"10:00:00", "", {}, 2},
      {"10:00:01", "", {}, 1},
      {"", "11:00:00", {}, 2},
      {"", "11:00:01", {}, 3},
      {"", "", model::Severity::kS1, 1},
      {"10:00:01", "", model::Severity::kS1, 0},
  };
  for (const auto& row : table) {
    MetricsOptions options{.since = {}, .until = {}, .severity = row.severity};
    if (*row.since) options.since = time_for_test(row.since);
    if (*row.until) options.until = time_for_test(row.until);
    const Metrics metrics = metrics_of(three(), options, kNow);
    EXPECT_EQ(metrics.real.all.cases, row.cases) << row.since << row.until;
    EXPECT_EQ(metrics.outside, 3 - row.cases);
  }
}

Case merged(std::string id, std::string_view time, std::string_view into) {
  StreamForTest stream(std::move(id));
  stream.add(time, "incident_opened")
      .add("11:30:00", "merged_into", fmt::format(R"({{"incident":"{}"}})", into));
  return stream.measured();
}

TEST(Metrics, CountOneAttackOnce) {
  const std::vector<Case> cases = {merged("inc-a", "09:00:00", "inc-b"),
                                   merged("inc-b", "10:00:00", "inc-c"),
                                   opened("inc-c", "11:00:00", "S1")};
  const Metrics metrics = metrics_of(cases, {}, kNow);
  EXPECT_EQ(metrics.merged, 2u);
  EXPECT_EQ(metrics.real.all.cases, 1u);
  EXPECT_EQ(metrics.real.all.of(Measure::kContain).oldest, std::chrono::hours(3));
}

TEST(Metrics, CountWhatWentOnNowhere) {
  const Metrics lost = metrics_of({merged("inc-a", "09:00:00", "inc-gone")}, {}, kNow);
  EXPECT_EQ(lost.merged, 0u);
  EXPECT_EQ(lost.real.all.cases, 1u);
  EXPECT_EQ(lost.real.all.open, 0u);
  const Metrics circle = metrics_of(
      {merged("inc-a", "09:00:00", "inc-b"), merged("inc-b", "09:00:00", "inc-a")}, {}, kNow);
  EXPECT_EQ(circle.real.all.cases, 2u);
}

TEST(Metrics, SayWhatCouldNotBeRead) {
  StreamForTest stream("inc-a");
  stream.erased("09:00:00", "incident_opened").add("09:00:00", "from_the_future");
  StreamForTest unopened("inc-b");
  unopened.add("09:00:00", "note", R"({"text":"?"})");
  const Metrics metrics = metrics_of({stream.measured(), unopened.measured()}, {}, kNow);
  EXPECT_EQ(metrics.erased, 1u);
  EXPECT_EQ(metrics.foreign, 1u);
  EXPECT_EQ(metrics.unopened, 1u);
  EXPECT_EQ(metrics.real.all.cases, 1u);
}

TEST(Metrics, AsJson) {
  std::string text;
  codec::JsonWriter json(text);
  json.begin_object();
  append_json(metrics_of({opened("inc-b", "11:58:30", "S1")}, {}, kNow), json);
  json.end_object();
  const std::string nothing = R"({"n":0,"open":0})",
                    open = R"({"n":0,"open":1,"oldest_open_seconds":90})";
  const std::string row = R"("cases":1,"open":1,"no_attack":0,"measures":{"detect":)" + nothing +
                          R"(,"source_delay":)" + nothing + R"(,"engine_delay":)" + nothing +
                          R"(,"acknowledge":)" + open + R"(,"contain":)" + open + R"(,"machine":)" +
                          nothing + R"(,"waiting":)" + nothing + R"(,"other":)" + nothing +
                          R"(,"eradicate":)" + open + R"(,"recover":)" + open + "}}";
  EXPECT_TRUE(text.starts_with(R"({"real":{"severities":[{"severity":"S1",)" + row +
                               R"(],"all":{)" + row +
                               R"(},"drills":{"severities":[],"all":{"cases":0,)"))
      << text;
  EXPECT_TRUE(text.ends_with(
      R"("merged":0,"unopened":0,"outside":0,"start_not_known":1,"received_not_known":1,"erased":0,"foreign":0})"))
      << text;
}

}  // namespace
}  // namespace stanch::learn

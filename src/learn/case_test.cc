#include "learn/case.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "learn/entries_for_test.h"

namespace stanch::learn {
namespace {

const Time kNow = time_for_test("12:00:00");

// "90", "90+" for one that is open, "-" for none; in seconds.
std::string measured(const StreamForTest& stream, Measure what) {
  const auto found = measure(stream.measured(), what, kNow);
  if (!found) return "-";
  const auto time = std::chrono::duration_cast<std::chrono::seconds>(found->time).count();
  return std::to_string(time) + (found->open ? "+" : "");
}

StreamForTest opened() {
  return StreamForTest()
      .add("10:00:00", "incident_opened", R"({"finding":"f1"})")
      .add("10:00:00", "finding_joined", R"({"finding":"f1","event_time":"2026-03-01T09:59:00Z",
                       "origin":{"received_at":"2026-03-01T09:59:50Z"}})");
}

TEST(Case, DetectsFromTheFirstEventOfTheAttack) {
  StreamForTest stream = opened();
  EXPECT_EQ(measured(stream, Measure::kDetect), "60");
  EXPECT_EQ(measured(stream, Measure::kSourceDelay), "50");
  EXPECT_EQ(measured(stream, Measure::kEngineDelay), "10");
  // An earlier event that is found later.
  stream.add("10:05:00", "finding_joined",
             R"({"finding":"f2","event_time":"2026-03-01T09:00:00Z"})");
  EXPECT_EQ(measured(stream, Measure::kDetect), "3600");
  EXPECT_EQ(measured(stream, Measure::kSourceDelay), "50");
  // It belongs to another incident.
  stream.add("10:06:00", "split", R"({"into":"inc-2","findings":["f2"]})");
  EXPECT_EQ(measured(stream, Measure::kDetect), "60");
}

TEST(Case, DoesNotDetectBeforeTheEvent) {
  StreamForTest stream;
  stream.add("10:00:00", "incident_opened", R"({"finding":"f1"})")
      .add("10:00:00", "finding_joined", R"({"finding":"f1","event_time":"2026-03-01T10:00:05Z"})");
  EXPECT_EQ(measured(stream, Measure::kDetect), "0");
}

TEST(Case, OpenedByAPersonWithoutFindingHasNoBeginning) {
  StreamForTest stream;
  stream.add("10:00:00", "incident_opened", R"({"by":"person"})");
  EXPECT_EQ(measured(stream, Measure::kDetect), "-");
  EXPECT_EQ(measured(stream, Measure::kSourceDelay), "-");
  EXPECT_EQ(measured(stream, Measure::kAcknowledge), "7200+");
}

TEST(Case, IsAcknowledgedTheFirstTime) {
  StreamForTest stream = opened();
  EXPECT_EQ(measured(stream, Measure::kAcknowledge), "7200+");
  stream.add("10:02:00", "acknowledged").add("10:09:00", "acknowledged");
  EXPECT_EQ(measured(stream, Measure::kAcknowledge), "120");
}

TEST(Case, EndedWithoutAStageNeverWantedIt) {
  StreamForTest stream = opened();
  stream.add("10:30:00", "closed", R"({"disposition":"true_positive"})");
  for (const Measure what : {Measure::kAcknowledge, Measure::kContain, Measure::kRecover}) {
    EXPECT_EQ(measured(stream, what), "-");
  }
  stream.add("10:40:00", "reopened");
  EXPECT_EQ(measured(stream, Measure::kContain), "7200+");
}

TEST(Case, ThatWasNoAttackCountsForAcknowledgingAlone) {
  for (const char* disposition : {"false_positive", "benign_expected"}) {
    StreamForTest stream = opened();
    stream.add("10:02:00", "acknowledged")
        .add("10:10:00", "state_moved", moved_for_test("containing", "contained_watching"))
        .add("10:30:00", "closed", R"({"disposition":")" + std::string(disposition) + "\"}");
    EXPECT_EQ(measured(stream, Measure::kAcknowledge), "120");
    for (const Measure what : {Measure::kDetect, Measure::kContain, Measure::kMachine}) {
      EXPECT_EQ(measured(stream, what), "-") << disposition;
    }
  }
}

TEST(Case, ReachesStagesAndLosesThem) {
  struct Step {
    const char *time, *from, *to, *contain, *eradicate, *recover;
  };
  StreamForTest stream = opened();
  for (const Step& step : {
           Step{"10:10:00", "new", "containing", "7200+", "7200+", "7200+"},
           Step{"10:20:00", "containing", "contained_watching", "1200", "7200+", "7200+"},
           Step{"10:30:00", "contained_watching", "contained", "1200", "7200+", "7200+"},
           // A breach.
           Step{"10:31:00", "contained", "containing", "7200+", "7200+", "7200+"},
           Step{"10:40:00", "containing", "contained_watching", "2400", "7200+", "7200+"},
           Step{"10:41:00", "contained_watching", "eradicating", "2400", "7200+", "7200+"},
           Step{"10:50:00", "eradicating", "recovering", "2400", "3000", "7200+"},
           Step{"10:55:00", "recovering", "eradicating", "2400", "7200+", "7200+"},
           Step{"11:00:00", "eradicating", "recovering", "2400", "3600", "7200+"},
           Step{"11:10:00", "recovering", "recovered", "2400", "3600", "4200"},
           Step{"11:20:00", "recovered", "recovering", "2400", "3600", "7200+"},
           Step{"11:25:00", "recovering", "recovered", "2400", "3600", "5100"},
           Step{"11:30:00", "recovered", "review", "2400", "3600", "5100"},
       }) {
    stream.add(step.time, "state_moved", moved_for_test(step.from, step.to));
    EXPECT_EQ(measured(stream, Measure::kContain), step.contain) << step.time;
    EXPECT_EQ(measured(stream, Measure::kEradicate), step.eradicate) << step.time;
    EXPECT_EQ(measured(stream, Measure::kRecover), step.recover) << step.time;
  }
  stream.add("11:40:00", "closed", R"({"disposition":"true_positive"})");
  EXPECT_EQ(measured(stream, Measure::kRecover), "5100");
  stream.add("11:50:00", "reopened");
  EXPECT_EQ(measured(stream, Measure::kContain), "7200+");
  EXPECT_EQ(measured(stream, Measure::kRecover), "7200+");
}

TEST(Case, TellsMachineFromPeople) {
  StreamForTest stream = opened();
  stream.add("10:00:10", "plan_made", R"({"plan":"p"})")
      .add("10:00:10", "approval_asked", R"({"plan":"p","approvers":2})")
      .add("10:01:00", "state_saved", R"({"plan":"p","step":"a"})")  // waits for nobody
      .add("10:01:30", "verified", R"({"plan":"p","step":"a"})")
      .add("10:05:00", "acknowledged")
      .add("10:06:00", "approved", R"({"plan":"p","person":"alice","means":"webauthn"})")
      .add("10:07:00", "approved", R"({"plan":"p","person":"alice","means":"webauthn"})")
      .add("10:08:00", "approved", R"({"plan":"p","person":"bob","means":"unverified"})")
      .add("10:10:00", "approved", R"({"plan":"p","person":"bob","means":"ssh_signature"})")
      .add("10:10:00", "intended", R"({"plan":"p","step":"b"})")
      .add("10:10:02", "intended", R"({"plan":"p","step":"b"})")
      .add("10:10:30", "step_failed", R"({"plan":"p","step":"b"})")
      .add("10:15:00", "state_moved", moved_for_test("containing", "contained_watching"));
  EXPECT_EQ(measured(stream, Measure::kContain), "900");
  EXPECT_EQ(measured(stream, Measure::kMachine), "60");
  EXPECT_EQ(measured(stream, Measure::kWaiting), "570");  // 10:00:00 to 10:10:00 but half a minute
  EXPECT_EQ(measured(stream, Measure::kOther), "270");
}

TEST(Case, WaitsNoLongerForWhatWasRefused) {
  for (const char* kind : {"approval_refused", "approval_timed_out", "plan_ended"}) {
    StreamForTest stream = opened();
    stream.add("10:00:00", "acknowledged")
        .add("10:01:00", "approval_asked", R"({"plan":"p","approvers":1})")
        .add("10:03:00", kind, R"({"plan":"p"})")
        .add("10:10:00", "state_moved", moved_for_test("containing", "contained_watching"));
    EXPECT_EQ(measured(stream, Measure::kWaiting), "120") << kind;
  }
}

TEST(Case, CountsAWithdrawnApprovalNotAtAll) {
  StreamForTest stream = opened();
  stream.add("10:00:00", "acknowledged")
      .add("10:01:00", "approval_asked", R"({"plan":"p","approvers":2})")
      .add("10:02:00", "approved", R"({"plan":"p","person":"alice","means":"webauthn"})")
      .add("10:03:00", "approval_withdrawn", R"({"plan":"p","person":"alice"})")
      .add("10:04:00", "approved", R"({"plan":"p","person":"bob","means":"webauthn"})")
      .add("10:10:00", "state_moved", moved_for_test("containing", "contained_watching"));
  EXPECT_EQ(measured(stream, Measure::kWaiting), "540");
}

TEST(Case, TakesTheWorstSeverityItEverHad) {
  StreamForTest stream = opened();
  EXPECT_EQ(stream.measured().severity, std::nullopt);
  for (const char* severity : {"S3", "S1", "S4"}) {
    stream.add("10:01:00", "severity_set", R"({"severity":")" + std::string(severity) + "\"}");
  }
  EXPECT_EQ(stream.measured().severity, model::Severity::kS1);
}

TEST(Case, CountsWhatItCannotRead) {
  StreamForTest stream;
  stream.erased("10:00:00", "incident_opened")
      .erased("10:01:00", "acknowledged")
      .erased("10:02:00", "note")
      .add("10:03:00", "from_the_future")
      .add("10:04:00", "severity_set", R"({"severity":"S9"})")
      .add("10:05:00", "state_moved", R"({"from":"here","to":"there"})")
      .add("10:06:00", "note", "no json");
  const Case found = stream.measured();
  EXPECT_EQ(found.entries, 7u);
  EXPECT_EQ(found.erased, 3u);
  EXPECT_EQ(found.foreign, 4u);
  // Their headers tell when these were.
  EXPECT_EQ(measured(stream, Measure::kAcknowledge), "60");
}

TEST(Case, GoesOnInAnother) {
  StreamForTest early("inc-a"), late("inc-b");
  early.add("10:00:00", "incident_opened", R"({"finding":"f1"})")
      .add("10:00:00", "finding_joined", R"({"finding":"f1","event_time":"2026-03-01T09:59:00Z"})")
      .add("10:01:00", "severity_set", R"({"severity":"S1"})")
      .add("10:05:00", "acknowledged")
      .add("10:20:00", "merged_into", R"({"incident":"inc-b"})");
  late.add("10:10:00", "incident_opened", R"({"finding":"f2"})")
      .add("10:10:00", "severity_set", R"({"severity":"S3"})")
      .add("10:20:00", "merged_from", R"({"incident":"inc-a"})")
      .add("11:00:00", "state_moved", moved_for_test("containing", "contained_watching"));
  Case whole = late.measured();
  absorb(early.measured(), whole);
  EXPECT_EQ(measure(whole, Measure::kDetect, kNow)->time, std::chrono::minutes(1));
  EXPECT_EQ(measure(whole, Measure::kAcknowledge, kNow)->time, std::chrono::minutes(5));
  EXPECT_EQ(measure(whole, Measure::kContain, kNow)->time, std::chrono::minutes(60));
  EXPECT_EQ(measure(whole, Measure::kWaiting, kNow)->time, std::chrono::minutes(5));
  EXPECT_EQ(whole.severity, model::Severity::kS1);
  EXPECT_EQ(whole.entries, 9u);
  // The one that went on elsewhere is not open.
  EXPECT_EQ(measure(early.measured(), Measure::kContain, kNow), std::nullopt);
}

// The parts add up to the whole, whatever happened in whatever order.
RC_GTEST_PROP(CaseProperty, PartsAddUp, ()) {
  StreamForTest stream = opened();
  const auto steps = *rc::gen::container<std::vector<std::pair<int, int>>>(
      rc::gen::pair(rc::gen::inRange(0, 7), rc::gen::inRange(0, 3)));
  int minute = 0;
  for (const auto& [what, plan] : steps) {
    minute = std::min(minute + 1, 58);
    const std::string time = fmt::format("10:{:02}:00", minute);
    const std::string payload = fmt::format(
        R"({{"plan":"p{}","step":"s","approvers":1,"person":"a","means":"webauthn"}})", plan);
    constexpr const char* kKinds[] = {"approval_asked", "approved", "approval_refused",
                                      "intended",       "verified", "acknowledged",
                                      "state_saved"};
    stream.add(time, kKinds[what], payload);
  }
  stream.add("10:59:00", "state_moved", moved_for_test("containing", "contained"));
  const Case found = stream.measured();
  const auto lasts = [&](Measure what) { return measure(found, what, kNow)->time; };
  RC_ASSERT(lasts(Measure::kMachine) + lasts(Measure::kWaiting) + lasts(Measure::kOther) ==
            lasts(Measure::kContain));
  RC_ASSERT(lasts(Measure::kOther) >= Duration{});
}

}  // namespace
}  // namespace stanch::learn

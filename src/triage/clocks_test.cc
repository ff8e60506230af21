#include "triage/clocks.h"

#include <gtest/gtest.h>

#include <fstream>

namespace stanch::triage {
namespace {

using model::ClockName;
using model::Severity;
using model::Status;
using std::chrono::hours;
using std::chrono::minutes;

const SeverityMatrix& matrix() {
  static const SeverityMatrix read = [] {
    std::ifstream file(std::string(STANCH_SOURCE_DIR) + "/content/severity.yaml");
    Diagnostics diagnostics;
    return SeverityMatrix::read("s", {std::istreambuf_iterator<char>(file), {}}, diagnostics);
  }();
  return read;
}

const Time kStart = Time(hours(24 * 365 * 50));
Said said(Duration after) { return {.at = kStart + after, .by = "person/alice"}; }

IncidentState incident(Severity severity) {
  IncidentState state;
  state.opened = said({});
  state.severity = severity;
  state.severities.push_back({said({}), severity, false, {}, ""});
  return state;
}

void set_severity(IncidentState& state, Severity severity, Duration after) {
  state.severity = severity;
  state.severities.push_back({said(after), severity, true, {}, ""});
}

Clock clock_of(const IncidentState& state, ClockName name, Duration now) {
  for (const Clock& clock : clocks_of(state, matrix(), kStart + now)) {
    if (clock.name == name) return clock;
  }
  ADD_FAILURE() << "no clock " << name_of(name);
  return {};
}

TEST(Clocks, RunFromTheOpening) {
  const IncidentState state = incident(Severity::kS2);
  const auto clocks = clocks_of(state, matrix(), kStart + minutes(59));
  ASSERT_EQ(clocks.size(), 3u);
  EXPECT_EQ(clocks[0].due, kStart + hours(1));
  EXPECT_EQ(clocks[1].due, kStart + hours(4));
  EXPECT_EQ(clocks[2].due, kStart + hours(4));
  EXPECT_FALSE(clocks[0].late);
  EXPECT_EQ(clock_of(state, ClockName::kAcknowledge, minutes(61)).late, minutes(1));
}

TEST(Clocks, AreMetInTimeOrLate) {
  IncidentState state = incident(Severity::kS1);
  state.acknowledged = said(minutes(15));
  EXPECT_FALSE(clock_of(state, ClockName::kAcknowledge, hours(9)).late);
  state.acknowledged = said(minutes(20));
  EXPECT_EQ(clock_of(state, ClockName::kAcknowledge, hours(9)).late, minutes(5));
  state.contained = said(minutes(50));
  EXPECT_EQ(clock_of(state, ClockName::kContain, hours(9)).met, kStart + minutes(50));
}

TEST(Clocks, ARaiseCountsFromItselfAndNeverGivesMoreTime) {
  IncidentState state = incident(Severity::kS3);
  set_severity(state, Severity::kS1, hours(1));
  EXPECT_EQ(clock_of(state, ClockName::kAcknowledge, {}).due, kStart + hours(1) + minutes(15));
  state = incident(Severity::kS3);
  set_severity(state, Severity::kS2, hours(3) + minutes(30));
  EXPECT_EQ(clock_of(state, ClockName::kAcknowledge, {}).due, kStart + hours(4));
}

TEST(Clocks, ALowerSeverityCountsFromTheStart) {
  IncidentState state = incident(Severity::kS1);
  set_severity(state, Severity::kS3, minutes(10));
  EXPECT_EQ(clock_of(state, ClockName::kAcknowledge, {}).due, kStart + hours(4));
}

TEST(Clocks, WhatWasMetIsNotMovedByALaterRaise) {
  IncidentState state = incident(Severity::kS3);
  state.acknowledged = said(hours(3));
  set_severity(state, Severity::kS1, hours(5));
  const Clock clock = clock_of(state, ClockName::kAcknowledge, hours(9));
  EXPECT_EQ(clock.due, kStart + hours(4));
  EXPECT_FALSE(clock.late);
}

TEST(Clocks, APauseIsVisibleAndEndsByItself) {
  IncidentState state = incident(Severity::kS2);
  Pause pause{said(minutes(30)), ClockName::kContain, kStart + hours(2), "waiting for the owner"};
  state.pauses = {pause};
  Clock clock = clock_of(state, ClockName::kContain, hours(1));
  ASSERT_TRUE(clock.paused);
  EXPECT_EQ(clock.paused->reason, "waiting for the owner");
  EXPECT_EQ(clock.due, kStart + hours(4) + minutes(30));  // as much as was paused so far
  clock = clock_of(state, ClockName::kContain, hours(3));
  EXPECT_FALSE(clock.paused);
  EXPECT_EQ(clock.due, kStart + hours(4) + minutes(90));
  EXPECT_FALSE(clock_of(state, ClockName::kAcknowledge, hours(1)).paused);
  // Two that overlap count once.
  pause.at += minutes(30);
  state.pauses.push_back(pause);
  EXPECT_EQ(clock_of(state, ClockName::kContain, hours(3)).due, kStart + hours(4) + minutes(90));
}

// What was paused before a raise gives the raise no more time.
TEST(Clocks, APauseStretchesOnlyWhatRunsWhileItLasts) {
  IncidentState state = incident(Severity::kS3);
  state.pauses = {{said({}), ClockName::kAcknowledge, kStart + hours(2), "asleep"}};
  EXPECT_EQ(clock_of(state, ClockName::kAcknowledge, hours(3)).due, kStart + hours(6));
  set_severity(state, Severity::kS1, hours(3));
  Clock clock = clock_of(state, ClockName::kAcknowledge, hours(3) + minutes(20));
  EXPECT_EQ(clock.due, kStart + hours(3) + minutes(15));
  EXPECT_EQ(clock.late, minutes(5));
  // One that lasts through it gives what is left of it.
  state.pauses[0].until = kStart + hours(4);
  clock = clock_of(state, ClockName::kAcknowledge, hours(5));
  EXPECT_EQ(clock.due, kStart + hours(4) + minutes(15));
}

// The ledger keeps entries in their order; clocks of machines may have gone back between them.
TEST(Clocks, PausesMayComeInAnyOrder) {
  IncidentState state = incident(Severity::kS2);
  const Pause late{said(hours(2)), ClockName::kContain, kStart + hours(3), "late"};
  const Pause early{said(minutes(10)), ClockName::kContain, kStart + minutes(40), "early"};
  state.pauses = {late, early};
  EXPECT_EQ(clock_of(state, ClockName::kContain, hours(9)).due, kStart + hours(5) + minutes(30));
}

TEST(Clocks, AnUpdateStartsItsClockAnew) {
  IncidentState state = incident(Severity::kS1);
  EXPECT_EQ(clock_of(state, ClockName::kUpdate, {}).due, kStart + hours(1));
  state.updates.push_back({said(minutes(40)), "news", "", {}});
  EXPECT_EQ(clock_of(state, ClockName::kUpdate, {}).due, kStart + minutes(100));
  state.updates.push_back({said(minutes(50)), "news", "", kStart + hours(8)});
  EXPECT_EQ(clock_of(state, ClockName::kUpdate, {}).due, kStart + hours(8));
}

TEST(Clocks, ARaiseCutsShortWhenTheNextUpdateIsDue) {
  IncidentState state = incident(Severity::kS4);
  set_severity(state, Severity::kS1, hours(48));
  EXPECT_EQ(clock_of(state, ClockName::kUpdate, hours(48)).due, kStart + hours(49));
  EXPECT_FALSE(clock_of(state, ClockName::kUpdate, hours(48)).late);  // not two days late at once
  // A promise stands, but not through a raise; one that was due sooner stays.
  state = incident(Severity::kS3);
  state.updates.push_back({said(hours(1)), "news", "", kStart + hours(20)});
  EXPECT_EQ(clock_of(state, ClockName::kUpdate, {}).due, kStart + hours(20));
  set_severity(state, Severity::kS1, hours(2));
  EXPECT_EQ(clock_of(state, ClockName::kUpdate, {}).due, kStart + hours(3));
  set_severity(state, Severity::kS3, hours(2) + minutes(1));
  EXPECT_EQ(clock_of(state, ClockName::kUpdate, {}).due, kStart + hours(20));
  state.updates.back().next_due = kStart + hours(2) + minutes(5);
  set_severity(state, Severity::kS1, hours(2) + minutes(2));
  EXPECT_EQ(clock_of(state, ClockName::kUpdate, {}).due, kStart + hours(2) + minutes(5));
}

TEST(Clocks, ABreachStartsContainingAnew) {
  IncidentState state = incident(Severity::kS2);
  state.steps.push_back({said(hours(10)), Status::kContained, Status::kContaining, "breach"});
  const Clock clock = clock_of(state, ClockName::kContain, hours(11));
  EXPECT_EQ(clock.start, kStart + hours(10));
  EXPECT_EQ(clock.due, kStart + hours(14));
  EXPECT_FALSE(clock.late);
  EXPECT_EQ(clock_of(state, ClockName::kAcknowledge, hours(11)).start, kStart);
  // The first time is none.
  state.steps.back().from = Status::kTriaged;
  EXPECT_EQ(clock_of(state, ClockName::kContain, hours(11)).due, kStart + hours(4));
}

TEST(Clocks, OfAClosedIncidentStandAndReopeningStartsThemAnew) {
  IncidentState state = incident(Severity::kS2);
  state.acknowledged = said(minutes(5));
  state.status = Status::kClosed;
  EXPECT_EQ(clocks_of(state, matrix(), kStart + hours(99)).size(), 1u);
  state.status = Status::kNew;
  state.acknowledged.reset();
  state.steps.push_back({said(hours(100)), Status::kClosed, Status::kNew, ""});
  EXPECT_EQ(clock_of(state, ClockName::kAcknowledge, hours(100)).due, kStart + hours(101));
}

TEST(Clocks, AreNoneWithoutSeverityOrWhenItGoesOnElsewhere) {
  IncidentState state = incident(Severity::kS2);
  state.merged_into = "inc-other";
  EXPECT_TRUE(clocks_of(state, matrix(), kStart).empty());
  IncidentState bare;
  EXPECT_TRUE(clocks_of(bare, matrix(), kStart).empty());
  bare.opened = said({});
  EXPECT_TRUE(clocks_of(bare, matrix(), kStart).empty());
}

}  // namespace
}  // namespace stanch::triage

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "triage/clocks.h"

// The second opinion on clocks: a person with a stopwatch who looks every minute.

namespace stanch::triage {
namespace {

using model::ClockName;
using model::Severity;
using std::chrono::minutes;

constexpr int kLongest = 60;  // minutes; what happens, happens within
constexpr std::array<int, 4> kAllowed = {3, 8, 20, 45};

const SeverityMatrix& matrix() {
  static const SeverityMatrix read = [] {
    Diagnostics diagnostics;
    auto made = SeverityMatrix::read("s", R"(severities:
  S1: {acknowledge: 3m, contain: 3m, update: 3m}
  S2: {acknowledge: 8m, contain: 8m, update: 8m}
  S3: {acknowledge: 20m, contain: 20m, update: 20m}
  S4: {acknowledge: 45m, contain: 45m, update: 45m}
rules: []
)",
                                     diagnostics);
    if (!diagnostics.empty()) ADD_FAILURE() << to_text(diagnostics[0]);
    return made;
  }();
  return read;
}

struct Step {
  int at, severity;  // minutes; 0 is S1
};
struct Rest {
  int at, until;
};
struct Story {
  std::vector<Step> steps;  // the first at 0
  std::vector<Rest> rests;
  std::optional<int> met;
  int now = 0;
};

Story drawn_story() {
  const auto minute = [] { return rc::gen::inRange(0, kLongest); };
  Story story;
  std::vector<int> times;
  for (int count = *rc::gen::inRange(0, 5); count > 0; --count) times.push_back(*minute());
  std::ranges::sort(times);
  times.insert(times.begin(), 0);
  for (const int at : times) story.steps.push_back({at, *rc::gen::inRange(0, 4)});
  for (int count = *rc::gen::inRange(0, 4); count > 0; --count) {
    const int at = *minute();
    story.rests.push_back({at, at + *rc::gen::inRange(-3, 20)});
  }
  if (*rc::gen::arbitrary<bool>()) story.met = *minute();
  story.now = *minute();
  return story;
}

// Ranges are whole from the first case on.
Story any_story() { return *rc::gen::resize(rc::kNominalSize, rc::gen::exec(drawn_story)); }

const Time kStart = Time(std::chrono::hours(24 * 365 * 50));
Said said(int minute) { return {.at = kStart + minutes(minute), .by = "person/alice"}; }

Clock clock_of(const Story& story) {
  IncidentState state;
  state.opened = said(0);
  for (const Step& step : story.steps) {
    state.severity = static_cast<Severity>(step.severity + 1);
    state.severities.push_back({said(step.at), *state.severity, false, {}, ""});
  }
  for (const Rest& rest : story.rests) {
    state.pauses.push_back(
        {said(rest.at), ClockName::kAcknowledge, kStart + minutes(rest.until), "lunch"});
  }
  if (story.met) state.acknowledged = said(*story.met);
  return clocks_of(state, matrix(), kStart + minutes(story.now)).front();
}

bool rests_at(const Story& story, int minute) {
  return std::ranges::any_of(
      story.rests, [&](const Rest& rest) { return rest.at <= minute && minute < rest.until; });
}

// What the stopwatch has left at the end; less than nothing is late.
int left_at_end(const Story& story) {
  const int end = story.met.value_or(story.now);
  int run = 0;  // minutes that were not paused
  int left = 0;
  std::optional<int> severity;
  size_t next = 0;
  for (int minute = 0;; ++minute) {
    for (; next < story.steps.size() && story.steps[next].at == minute; ++next) {
      const int now = story.steps[next].severity, allowed = kAllowed[static_cast<size_t>(now)];
      if (!severity || now > *severity || minute == 0) {
        left = allowed - run;
      } else if (now < *severity) {
        left = std::min(left, allowed);
      }
      severity = now;
    }
    if (minute == end) return left;
    if (rests_at(story, minute)) continue;
    ++run;
    --left;
  }
}

RC_GTEST_PROP(ClocksProperty, AgreeWithAStopwatch, ()) {
  Story story = any_story();
  // What is not known yet at the end is no part of the story.
  if (!story.met) {
    std::erase_if(story.steps, [&](const Step& step) { return step.at > story.now; });
  }
  const Clock clock = clock_of(story);
  const int left = left_at_end(story);
  RC_CLASSIFY(left < 0, "late");
  RC_CLASSIFY(!story.rests.empty(), "paused");
  RC_ASSERT(clock.late.value_or(Duration{}) == minutes(std::max(0, -left)));
  RC_ASSERT(clock.due == kStart + minutes(story.met.value_or(story.now) + left));
  RC_ASSERT(clock.paused.has_value() == (!story.met && rests_at(story, story.now)));
}

RC_GTEST_PROP(ClocksProperty, ARaiseNeverGivesTimeAndAPauseNeverTakesIt, ()) {
  Story story = any_story();
  const Time due = clock_of(story).due;
  Story raised = story;
  const Step last = story.steps.back();
  raised.steps.push_back({*rc::gen::inRange(last.at, kLongest + 1), 0});
  RC_ASSERT(clock_of(raised).due <= due);
  Story paused = story;
  paused.rests.push_back({*rc::gen::inRange(0, kLongest), *rc::gen::inRange(0, kLongest)});
  RC_ASSERT(clock_of(paused).due >= due);
}

RC_GTEST_PROP(ClocksProperty, WhatWasMetStands, ()) {
  Story story = any_story();
  story.met = *rc::gen::inRange(0, kLongest - 1);
  const Clock clock = clock_of(story);
  const int later = *rc::gen::inRange(*story.met + 1, kLongest + 1);
  const int before = story.steps.back().at;
  story.steps.push_back({std::max(before, later), *rc::gen::inRange(0, 4)});
  story.rests.push_back({later, later + 30});
  story.now += kLongest;
  const Clock after = clock_of(story);
  RC_ASSERT(after.due == clock.due);
  RC_ASSERT(after.late == clock.late);
  RC_ASSERT(!after.paused);
}

}  // namespace
}  // namespace stanch::triage

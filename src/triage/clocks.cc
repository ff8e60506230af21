#include "triage/clocks.h"

#include <algorithm>

namespace stanch::triage {

namespace {

using model::ClockName;
using model::Severity;

// When the incident was opened, or reopened the last time.
Time start_of(const IncidentState& state) {
  Time start = state.opened->at;
  for (const StatusStep& step : state.steps) {
    if (step.from == model::Status::kClosed && step.to == model::Status::kNew) start = step.at;
  }
  return start;
}

Duration allowed(const Deadlines& deadlines, ClockName name) {
  switch (name) {
    case ClockName::kAcknowledge: return deadlines.acknowledge;
    case ClockName::kContain: return deadlines.contain;
    case ClockName::kUpdate: return deadlines.update;
  }
  return {};
}

// After a breach containing begins again, and has the time that it has at first.
Time containing_since(const IncidentState& state, Time start) {
  for (const StatusStep& step : state.steps) {
    if (step.at > start && is_breach(step)) start = step.at;
  }
  return start;
}

// A raise gives the time that its severity allows, counted from the raise, and never more than
// there was; a lower severity counts from the start. What was promised stands but for a raise.
Time due_of(const IncidentState& state, const SeverityMatrix& matrix, const Clock& clock,
            std::optional<Time> promised = {}) {
  const ClockName name = clock.name;
  const Time start = clock.start;
  const std::optional<Time> until = clock.met;
  std::optional<Severity> severity;
  Time due{};
  for (const SeverityStep& step : state.severities) {
    if (until && step.at > *until) break;  // it was met by then
    const Duration allowance = allowed(matrix.deadlines(step.severity), name);
    if (!severity || step.at <= start || step.severity > *severity) {
      due = promised.value_or(start + allowance);
    } else if (step.severity < *severity) {
      due = std::min(due, step.at + allowance);
    }
    severity = step.severity;
  }
  return due;
}

// Adds the pauses that began before `end`, and says which one holds at that moment.
void pause(Clock& clock, const IncidentState& state, Time end) {
  Time counted = clock.start;  // pauses that overlap count once
  for (const Pause& pause : state.pauses) {
    if (pause.clock != clock.name || pause.at >= end) continue;
    const Time from = std::max(pause.at, counted), to = std::min(pause.until, end);
    if (to > from) {
      clock.due += to - from;
      counted = to;
    }
    if (!clock.met && pause.until > end) clock.paused = pause;
  }
}

void finish(Clock& clock, const IncidentState& state, Time now) {
  const Time end = clock.met.value_or(now);
  pause(clock, state, end);
  if (end > clock.due) clock.late = end - clock.due;
}

}  // namespace

std::vector<Clock> clocks_of(const IncidentState& state, const SeverityMatrix& matrix, Time now) {
  std::vector<Clock> clocks;
  if (!state.exists() || !state.severity || !state.merged_into.empty()) return clocks;
  const Time start = start_of(state);
  const auto add = [&](ClockName name, const std::optional<Said>& met) {
    if (state.is_closed() && !met) return;
    Clock clock{.name = name, .start = start, .due = {}, .met = {}, .paused = {}, .late = {}};
    if (name == ClockName::kContain) clock.start = containing_since(state, start);
    if (met) clock.met = met->at;
    clock.due = due_of(state, matrix, clock);
    finish(clock, state, now);
    clocks.push_back(std::move(clock));
  };
  add(ClockName::kAcknowledge, state.acknowledged);
  add(ClockName::kContain, state.contained);
  if (state.is_closed()) return clocks;
  Clock update{
      .name = ClockName::kUpdate, .start = start, .due = {}, .met = {}, .paused = {}, .late = {}};
  std::optional<Time> promised;
  for (const Update& given : state.updates) {
    if (given.at < update.start) continue;
    update.start = given.at;
    promised = given.next_due;
  }
  update.due = due_of(state, matrix, update, promised);
  finish(update, state, now);
  clocks.push_back(std::move(update));
  return clocks;
}

}  // namespace stanch::triage

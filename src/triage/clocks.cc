#include "triage/clocks.h"

#include <algorithm>
#include <utility>

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

// How long the clock was paused from `from` to `end`; pauses that overlap count once.
Duration paused_within(const IncidentState& state, ClockName name, Time from, Time end) {
  std::vector<std::pair<Time, Time>> spans;
  for (const Pause& pause : state.pauses) {
    if (pause.clock == name) spans.emplace_back(pause.at, pause.until);
  }
  std::ranges::sort(spans);  // clocks of machines may have gone back between entries
  Duration paused{};
  for (const auto& [begin, until] : spans) {
    const Time since = std::max(begin, from), to = std::min(until, end);
    if (to <= since) continue;
    paused += to - since;
    from = to;
  }
  return paused;
}

// A raise gives the time that its severity allows, counted from the raise, and never more than
// there was; a lower severity counts from the start. What was promised stands but for a raise.
// A pause stretches what was running while it lasted, so not what a later raise allows.
Time due_of(const IncidentState& state, const SeverityMatrix& matrix, const Clock& clock, Time end,
            std::optional<Time> promised = {}) {
  const ClockName name = clock.name;
  const Duration paused = paused_within(state, name, clock.start, end);
  std::optional<Severity> severity;
  Time due{};
  for (const SeverityStep& step : state.severities) {
    if (clock.met && step.at > *clock.met) break;  // it was met by then
    const Duration allowance = allowed(matrix.deadlines(step.severity), name);
    if (!severity || step.at <= clock.start || step.severity > *severity) {
      due = promised.value_or(clock.start + allowance) + paused;
    } else if (step.severity < *severity) {
      due = std::min(due, step.at + allowance + paused_within(state, name, step.at, end));
    }
    severity = step.severity;
  }
  return due;
}

// Sets when it is due, how late that is, and the pause that holds now: that which ends last.
void finish(Clock& clock, const IncidentState& state, const SeverityMatrix& matrix, Time now,
            std::optional<Time> promised = {}) {
  const Time end = clock.met.value_or(now);
  clock.due = due_of(state, matrix, clock, end, promised);
  if (end > clock.due) clock.late = end - clock.due;
  if (clock.met) return;
  for (const Pause& pause : state.pauses) {
    if (pause.clock != clock.name || pause.at > now || pause.until <= now) continue;
    if (!clock.paused || pause.until > clock.paused->until) clock.paused = pause;
  }
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
    finish(clock, state, matrix, now);
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
  finish(update, state, matrix, now, promised);
  clocks.push_back(std::move(update));
  return clocks;
}

}  // namespace stanch::triage

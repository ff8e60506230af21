#include <fmt/format.h>

#include <algorithm>

#include "cli/commands.h"
#include "cli/incident.h"
#include "cli/ledger.h"
#include "cli/screen.h"
#include "cli/triage_tables.h"
#include "codec/timestamp.h"
#include "codec/utf8.h"
#include "host/incident.h"
#include "pipeline/output/text.h"
#include "triage/lifecycle.h"
#include "triage/overview.h"

namespace stanch::cli {

namespace {

namespace output = pipeline::output;
using triage::IncidentState;
using triage::Overview;

// Of several paragraphs the first; the timeline has them all.
std::string first_line(const std::string& text) {
  const size_t end = text.find('\n');
  return end == text.npos ? text : text.substr(0, end) + " […]";
}

void show_head(const IncidentState& state, const Overview& overview, Screen& screen) {
  screen.title(overview.sentence);
  screen.gap();
  std::string standing = fmt::format(
      "{} · {}",
      state.severity ? fmt::format("{} {}", name_of(*state.severity), caption_of(*state.severity))
                     : "no severity",
      caption_of(state.status));
  if (state.tlp) standing += fmt::format(" · TLP:{}", name_of(*state.tlp));
  if (state.drill) standing += " · DRILL";
  screen.line("Incident", state.id.text());
  screen.line("Standing", standing);
  if (!state.merged_into.empty()) screen.line("Goes on in", state.merged_into);
  if (!state.severities.empty()) {
    const triage::SeverityStep& step = state.severities.back();
    std::vector<std::string> why = step.because;
    if (step.by_person) {
      why = {step.by + " says so" + (step.reason.empty() ? "" : ": " + step.reason)};
    }
    screen.lines("Because", why);
  }
  const triage::Activity& activity = overview.activity;
  screen.line("Active", activity.words);
  if (activity.last_event) screen.line("", "Last event at " + second_text(*activity.last_event));
}

void show_identities(const Overview& overview, Screen& screen) {
  constexpr size_t kShown = 4;
  std::vector<std::string> texts;
  for (const triage::ActiveIdentity& identity : overview.identities) {
    if (texts.size() == kShown) {
      texts.push_back(fmt::format("and {} more", overview.identities.size() - kShown));
      break;
    }
    std::string text = identity.entity;
    if (!identity.privilege.empty()) text += ", " + identity.privilege;
    text += identity.owner.empty() ? "; owner not in the inventory" : "; owner " + identity.owner;
    if (!identity.on_call.empty()) text += ", on call " + identity.on_call;
    if (identity.is_protected) text += "; protected";
    texts.push_back(std::move(text));
  }
  screen.lines("Identity", texts);
}

std::vector<std::string> deed_texts(const std::vector<triage::Deed>& deeds) {
  std::vector<std::string> texts;
  for (const triage::Deed& deed : deeds) {
    std::string text = deed.action;
    if (deed.calls > 1) text += fmt::format(" ×{}", deed.calls);
    std::string targets;
    for (const std::string& target : deed.targets)
      targets += (targets.empty() ? " " : ", ") + target;
    text += targets;
    if (deed.targets_all > deed.targets.size()) {
      text += fmt::format(" and {} more", deed.targets_all - deed.targets.size());
    }
    texts.push_back(std::move(text));
  }
  return texts;
}

std::vector<std::string> first_of(const std::vector<std::string>& texts,
                                  const IncidentState& state) {
  constexpr size_t kShown = 8;
  if (texts.size() <= kShown) return texts;
  std::vector<std::string> some(texts.begin(), texts.begin() + kShown);
  some.push_back(fmt::format("and {} more: stanch incident show {} --json", texts.size() - kShown,
                             state.id.text()));
  return some;
}

void show_clocks(const Overview& overview, Time now, Screen& screen) {
  std::vector<std::string> texts;
  for (const triage::Clock& clock : overview.clocks) {
    std::string text = fmt::format("{:<12}", name_of(clock.name));
    if (clock.met) {
      text += fmt::format("done after {}", span_text(*clock.met - clock.start));
      if (clock.late) text += fmt::format(", {} late", span_text(*clock.late));
    } else if (clock.late) {
      text +=
          fmt::format("OVERDUE by {}, was due {}", span_text(*clock.late), second_text(clock.due));
    } else {
      text += fmt::format("due {} at {}", age_text(clock.due, now), second_text(clock.due));
    }
    if (clock.paused) {
      text += fmt::format("; paused until {}: {}", second_text(clock.paused->until),
                          clock.paused->reason);
    }
    texts.push_back(std::move(text));
  }
  screen.lines("Clocks", texts);
}

void show_people(const IncidentState& state, Time now, Screen& screen) {
  std::vector<std::string> texts;
  if (!state.assignee.empty()) texts.push_back("owner " + state.assignee);
  for (const auto& [role, person] : state.roles) texts.push_back(role + " " + person);
  for (const auto& [role, offer] : state.handovers) {
    texts.push_back(
        fmt::format("{} is offered by {} to {}, not answered", role, offer.from, offer.to));
  }
  screen.lines("People", texts);
  texts.clear();
  for (const auto& [id, task] : state.tasks) {
    if (task.ended) continue;
    std::string text = fmt::format("{} {}", id, task.title);
    if (!task.owner.empty()) text += " — " + task.owner;
    if (task.due) text += ", due " + age_text(*task.due, now);
    texts.push_back(std::move(text));
  }
  screen.lines("Tasks", texts);
}

void show_law(const IncidentState& state, Screen& screen) {
  std::vector<std::string> texts;
  for (const triage::Awareness& aware : state.aware) {
    texts.push_back(fmt::format("{} was aware at {}{}: {}", aware.person, second_text(aware.when),
                                aware.regime.empty() ? "" : " (" + aware.regime + ")", aware.why));
  }
  if (state.material) {
    texts.push_back(fmt::format("{}, said {} at {}: {}", state.material->decision,
                                state.material->person, second_text(state.material->when),
                                state.material->why));
  }
  for (const auto& [scheme, said] : state.classified) {
    texts.push_back(fmt::format("{}, said {} at {}: {}", said.decision, said.person,
                                second_text(said.when), said.why));
  }
  screen.lines("Law", texts);
}

void show_findings(const IncidentState& state, bool privileged, Screen& screen) {
  constexpr size_t kShown = 12;
  std::vector<const triage::JoinedFinding*> findings;
  for (const auto& [id, joined] : state.findings) {
    if (!joined.gone) findings.push_back(&joined);
  }
  std::ranges::stable_sort(findings, {}, [](const triage::JoinedFinding* joined) {
    return std::pair(-static_cast<int>(joined->finding.level), joined->finding.event_time);
  });
  // One line for all findings of a rule, at the time of its first.
  struct Line {
    const triage::Finding* first;
    uint64_t count;
  };
  std::vector<Line> lines;
  for (const triage::JoinedFinding* joined : findings) {
    const auto known = std::ranges::find_if(
        lines, [&](const Line& line) { return line.first->rule == joined->finding.rule; });
    if (known == lines.end()) {
      lines.push_back({&joined->finding, 1});
    } else {
      ++known->count;
    }
  }
  std::vector<std::string> texts;
  size_t shown = 0;
  for (const Line& line : lines) {
    if (shown++ == kShown) {
      texts.push_back(fmt::format("and {} more rules: stanch incident show {} --json",
                                  lines.size() - kShown, state.id.text()));
      break;
    }
    texts.push_back(fmt::format("{:<20} {:<6} {}{}",
                                line.first->event_time ? second_text(*line.first->event_time) : "",
                                name_of(line.first->level).substr(0, 6), line.first->title,
                                line.count > 1 ? fmt::format(" ×{}", line.count) : ""));
    if (!line.first->counted.empty()) {
      texts.push_back(fmt::format("{:<28}{}", "", line.first->counted));
    }
  }
  if (state.folded > 0) texts.push_back(fmt::format("and {} of floods", state.folded));
  screen.lines("Findings", texts);
  constexpr size_t kNotes = 5;
  texts.clear();
  for (size_t i = state.notes.size() > kNotes ? state.notes.size() - kNotes : 0;
       i < state.notes.size(); ++i) {
    const triage::Note& note = state.notes[i];
    texts.push_back(
        fmt::format("{} {}: {}", second_text(note.at), note.by,
                    note.privileged && !privileged ? "(for counsel)" : first_line(note.text)));
  }
  screen.lines("Notes", texts);
}

std::string screen_of(const IncidentState& state, const Overview& overview, Time now,
                      bool privileged, const output::Style& style) {
  Screen screen(style);
  show_head(state, overview, screen);
  screen.gap();
  show_identities(overview, screen);
  screen.lines("Did", deed_texts(overview.writes));
  screen.lines("Read", deed_texts(overview.reads));
  screen.lines("Left behind", first_of(overview.persistence, state));
  if (overview.denied > 0) screen.line("Denied", fmt::format("{} calls", overview.denied));
  if (state.is_closed() && state.disposition) {
    screen.line("Closed", fmt::format("{}: {}", name_of(*state.disposition), state.closing_reason));
  }
  if (!overview.next.empty()) {
    screen.gap();
    screen.lines("Next", overview.next);
    screen.lines("Ask", overview.ask);
    screen.lines("Breaks", overview.breaks);
  }
  if (!overview.clocks.empty()) {
    screen.gap();
    show_clocks(overview, now, screen);
  }
  screen.gap();
  screen.lines("Unknown", overview.unknown);
  screen.gap();
  show_people(state, now, screen);
  show_law(state, screen);
  screen.gap();
  show_findings(state, privileged, screen);
  return screen.take();
}

}  // namespace

int run_incident_show(Context& context) {
  const auto tables = load_triage_loudly(context);
  if (!tables) return context.fail(tables.error(), kExitUsage);
  const auto opened = open_incident_argument(context);
  if (!opened) return fail_incident(context, opened.error());
  const auto state = host::load_incident(*opened->store, opened->id);
  if (!state) return fail_incident(context, state.error());
  if (const auto seen = check_restricted(context, *state); !seen) {
    return fail_incident(context, seen.error());
  }
  const bool privileged = context.settings().flag("privileged");
  if (context.settings().flag("json")) {
    return print_json(context, "stanch.incident/1", kExitOk, [&](codec::JsonWriter& json) {
      triage::append_json(*state, privileged, json);
    });
  }
  const Time now = context.env().clock.now();
  const Overview overview = triage::overview_of(*state, tables->matrix, tables->assets, now);
  return context.print(
      screen_of(*state, overview, now, context.settings().flag("privileged"), context.style()));
}

}  // namespace stanch::cli

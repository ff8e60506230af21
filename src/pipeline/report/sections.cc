#include "pipeline/report/sections.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <ranges>
#include <set>

#include "pipeline/output/text.h"

namespace stanch::pipeline::report {

namespace {

using output::counted;
using triage::IncidentState;

// Entries that decide something; what they say is their sentence.
const std::set<std::string_view>& decisions() {
  static const std::set<std::string_view> kinds = {"severity_set",
                                                   "state_moved",
                                                   "plan_made",
                                                   "plan_ended",
                                                   "approval_asked",
                                                   "approved",
                                                   "approval_refused",
                                                   "approval_withdrawn",
                                                   "guard_stopped",
                                                   "approval_timed_out",
                                                   "run_in_shadow",
                                                   "scope_changed",
                                                   "merged_into",
                                                   "merged_from",
                                                   "split",
                                                   "clock_paused",
                                                   "clock_resumed",
                                                   "tlp_set",
                                                   "restricted",
                                                   "closed",
                                                   "reopened",
                                                   "aware",
                                                   "material",
                                                   "classified",
                                                   "obligation_opened",
                                                   "obligation_closed",
                                                   "legal_hold_set",
                                                   "legal_hold_released",
                                                   "incident_opened"};
  return kinds;
}

std::string joined(const std::vector<std::string>& texts, std::string_view between = ", ") {
  std::string all;
  for (const std::string& text : texts) {
    if (!all.empty()) all += between;
    all += text;
  }
  return all;
}

void fact(Section& section, std::string name, std::vector<std::string> values) {
  std::erase(values, "");
  if (!values.empty()) section.facts.push_back({std::move(name), std::move(values)});
}

std::string deed_text(const triage::Deed& deed) {
  std::string text = deed.action;
  if (deed.calls > 1) text += fmt::format(" ×{}", deed.calls);
  // The scope has whole ids; here they would hide what was done.
  std::vector<std::string> targets;
  for (const std::string& target : deed.targets) targets.push_back(short_name(target));
  if (!targets.empty()) text += ": " + joined(targets);
  if (deed.targets_all > deed.targets.size()) {
    text += fmt::format(" and {} more", deed.targets_all - deed.targets.size());
  }
  return text;
}

std::vector<std::string> deed_texts(const std::vector<triage::Deed>& deeds) {
  std::vector<std::string> texts;
  for (const triage::Deed& deed : deeds) texts.push_back(deed_text(deed));
  return texts;
}

Section summary_of(const Source& source) {
  const IncidentState& state = source.state;
  const triage::Overview& overview = source.overview;
  Section section{.id = "summary", .title = "Summary", .lead = {}};
  fact(section, "Began",
       {overview.activity.first_event ? time_text(*overview.activity.first_event) : ""});
  fact(section, "Last seen",
       {overview.activity.last_event ? time_text(*overview.activity.last_event) : "",
        state.is_closed() ? "" : overview.activity.words});
  fact(section, "Came to us",
       {state.opened ? time_text(state.opened->at) : "",
        state.source.empty() ? "" : "told by " + state.source, state.description});
  std::vector<std::string> identities;
  for (const triage::ActiveIdentity& identity : overview.identities) {
    std::string text = identity.entity;
    if (!identity.privilege.empty()) text += ", " + identity.privilege;
    if (!identity.owner.empty()) text += ", owned by " + identity.owner;
    identities.push_back(std::move(text));
  }
  fact(section, "Who", std::move(identities));
  fact(section, "Did", deed_texts(overview.writes));
  fact(section, "Read", deed_texts(overview.reads));
  fact(section, "Left behind", overview.persistence);
  fact(section, "Was denied", {overview.denied > 0 ? counted(overview.denied, "call") : ""});
  const auto techniques = state.techniques();
  fact(section, "ATT&CK", {joined({techniques.begin(), techniques.end()})});
  if (!state.merged_into.empty()) fact(section, "Goes on in", {state.merged_into});
  if (state.disposition) {
    fact(section, "Closed as",
         {fmt::format("{}: {}", name_of(*state.disposition), state.closing_reason)});
  }
  if (!state.is_closed()) fact(section, "Next", overview.next);
  return section;
}

Section chart_section() {
  return {.id = "course",
          .title = "Course",
          .lead = "When things happened, and when we did something. Long silences are cut out.",
          .shows = Shows::kChart};
}

Section decisions_of(const Source& source) {
  Section section{.id = "decisions",
                  .title = "Decisions",
                  .lead = "What was decided, by whom, and why.",
                  .tables = {{.columns = {"Time (UTC)", "Decision", "By"}, .rows = {}}}};
  for (const learn::TimelineLine& line : source.timeline) {
    if (!decisions().contains(line.kind)) continue;
    section.tables[0].rows.push_back(
        {time_text(line.time).substr(0, 19), line.text, learn::actor_for_people(line.actor)});
  }
  return section;
}

Section scope_of(const Source& source, const Report& report) {
  Section section{.id = "scope", .title = "Scope", .lead = {}, .shows = Shows::kScope};
  Table table{.columns = {"Entity", "Findings", "Put in or taken out"}, .rows = {}};
  std::vector<std::pair<std::string, triage::ScopedEntity>> entities(source.state.entities.begin(),
                                                                     source.state.entities.end());
  std::ranges::stable_sort(
      entities, [](const auto& a, const auto& b) { return a.second.findings > b.second.findings; });
  size_t in = 0, out = 0;
  for (const auto& [id, entity] : entities) {
    if (entity.findings == 0 && !entity.by_person) continue;  // its findings left
    std::string how;
    if (entity.by_person) {
      how = fmt::format("{} by a person: {}", *entity.by_person ? "put in" : "taken out",
                        joined(entity.because, "; "));
    }
    ++(entity.in_scope() ? in : out);
    table.rows.push_back({id, std::to_string(entity.findings), std::move(how)});
  }
  section.lead = fmt::format("{} in scope", counted(in, "entity", "entities"));
  if (out > 0) section.lead += fmt::format(", {} taken out", out);
  section.lead += ".";
  if (!report.graph.nodes.empty()) {
    section.lead += " From left to right: from where, with which credential, who, on what.";
  }
  if (!table.rows.empty()) section.tables.push_back(std::move(table));
  return section;
}

Section metrics_of(const Source& source) {
  Section section{.id = "metrics",
                  .title = "Times of this incident",
                  .lead =
                      "From the alert, the moment at which the ledger had the incident, unless "
                      "said otherwise.",
                  .tables = {{.columns = {"Measure", "Time", "Remark"}, .rows = {}}}};
  for (size_t i = 0; i < learn::kMeasures; ++i) {
    const auto measure = static_cast<learn::Measure>(i);
    const auto measured = learn::measure(source.times, measure, source.now);
    std::string caption(caption_of(measure));
    // A part of the time above it.
    if (caption.starts_with("  ")) caption.replace(0, 2, "… ");
    section.tables[0].rows.push_back({caption, measured ? span_text(measured->time) : "–",
                                      !measured        ? "not known, or not wanted"
                                      : measured->open ? "so far, still open"
                                                       : ""});
  }
  for (const triage::Clock& clock : source.overview.clocks) {
    std::string value = clock.met ? "met " + time_text(*clock.met) : "not met";
    if (clock.late) value += ", late by " + span_text(*clock.late);
    fact(section, fmt::format("Deadline to {}", name_of(clock.name)),
         {"due " + time_text(clock.due), value});
  }
  return section;
}

// Who did what: by actor, how many entries of which kinds.
Section people_of(const Source& source) {
  struct Acts {
    size_t entries = 0;
    Time first{}, last{};
    std::map<std::string, size_t> kinds;
  };
  std::map<std::string, Acts> actors;
  for (const learn::TimelineLine& line : source.timeline) {
    Acts& acts = actors[line.actor];
    if (acts.entries++ == 0) acts.first = line.time;
    acts.last = line.time;
    ++acts.kinds[line.kind];
  }
  Section section{
      .id = "people",
      .title = "Who did what",
      .lead = "By the entries that each of them made.",
      .tables = {{.columns = {"Who", "Entries", "First and last (UTC)", "What"}, .rows = {}}}};
  std::vector<std::string> roles;
  for (const auto& [role, person] : source.state.roles) roles.push_back(person + ", " + role);
  fact(section, "Roles", std::move(roles));
  fact(section, "Owner", {source.state.assignee});
  for (const auto& [actor, acts] : actors) {
    std::vector<std::string> what;
    for (const auto& [kind, count] : acts.kinds) {
      std::string words = kind;
      std::ranges::replace(words, '_', ' ');
      what.push_back(count > 1 ? fmt::format("{} ×{}", words, count) : words);
    }
    section.tables[0].rows.push_back({learn::actor_for_people(actor), std::to_string(acts.entries),
                                      fmt::format("{} – {}", time_text(acts.first).substr(0, 19),
                                                  time_text(acts.last).substr(0, 19)),
                                      joined(what)});
  }
  return section;
}

Section work_of(const Source& source) {
  const IncidentState& state = source.state;
  Section section{.id = "work", .title = "Work, thoughts and words", .lead = {}};
  Table tasks{.columns = {"Task", "What", "Who", "Standing"}, .rows = {}};
  for (const auto& [id, task] : state.tasks) {
    std::string standing = task.due ? "due " + time_text(*task.due) : "open";
    if (task.ended) standing = (task.dropped ? "dropped" : "done") + (": " + task.outcome);
    if (standing.ends_with(": ")) standing.resize(standing.size() - 2);
    tasks.rows.push_back({id, task.title, task.owner, standing});
  }
  Table thoughts{.columns = {"Hypothesis", "Standing", "Because"}, .rows = {}};
  for (const triage::Hypothesis& hypothesis : std::views::values(state.hypotheses)) {
    std::string standing = hypothesis.standing;
    std::ranges::replace(standing, '_', ' ');
    thoughts.rows.push_back({hypothesis.text, standing, joined(hypothesis.because, "; ")});
  }
  Table words{.columns = {"Time (UTC)", "Who", "Note or update"}, .rows = {}};
  const auto say = [&](const triage::Said& said, std::string text) {
    words.rows.push_back(
        {time_text(said.at).substr(0, 19), learn::actor_for_people(said.by), std::move(text)});
  };
  for (const triage::Note& note : state.notes) {
    if (note.privileged && !source.privileged) continue;
    say(note, note.privileged ? "FOR COUNSEL. " + note.text : note.text);
  }
  for (const triage::Update& update : state.updates) {
    say(update, fmt::format("Update{}: {}",
                            update.audience.empty() ? "" : " for " + update.audience, update.text));
  }
  std::ranges::stable_sort(words.rows, {}, [](const auto& row) { return row[0]; });
  for (Table* table : {&tasks, &thoughts, &words}) {
    if (!table->rows.empty()) section.tables.push_back(std::move(*table));
  }
  std::vector<std::string> links;
  for (const auto& [link, title] : state.links) {
    links.push_back(link.first + ": " + link.second + (title.empty() ? "" : " (" + title + ")"));
  }
  fact(section, "Links", std::move(links));
  return section;
}

Section unknown_of(const Source& source, const Report& report) {
  Section section{.id = "unknown",
                  .title = "What we could not know",
                  .lead = "Nothing above says anything about this.",
                  .items = source.overview.unknown};
  if (report.withheld > 0) {
    section.items.push_back(fmt::format(
        "{} for counsel, and left out of this report.",
        report.withheld == 1 ? "1 note is" : fmt::format("{} notes are", report.withheld)));
  }
  if (section.items.empty()) section.lead = "Nothing is known to be missing.";
  return section;
}

Section timeline_section(const Report& report) {
  return {.id = "timeline",
          .title = "Timeline",
          .lead = fmt::format("All {} of the incident, in their order.",
                              counted(report.timeline.size(), "entry", "entries")),
          .shows = Shows::kTimeline};
}

}  // namespace

std::string time_text(Time time) { return learn::time_for_people(time); }

std::vector<Section> sections_of(const Source& source, const Report& report) {
  std::vector<Section> sections = {
      summary_of(source),      chart_section(),   decisions_of(source), scope_of(source, report),
      metrics_of(source),      people_of(source), work_of(source),      unknown_of(source, report),
      timeline_section(report)};
  // Without anything in it, a section is left out; but that we could not know something is said.
  std::erase_if(sections, [](const Section& section) {
    const bool has_rows =
        std::ranges::any_of(section.tables, [](const Table& table) { return !table.rows.empty(); });
    return section.shows == Shows::kTexts && section.facts.empty() && !has_rows &&
           section.items.empty() && section.id != "unknown";
  });
  return sections;
}

}  // namespace stanch::pipeline::report

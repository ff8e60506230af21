#include "triage/brief.h"

#include <fmt/format.h>

#include <algorithm>
#include <ranges>
#include <vector>

#include "codec/utf8.h"
#include "triage/limits.h"
#include "triage/words.h"

namespace stanch::triage {

namespace {

using Items = std::vector<std::string>;

// One line, whatever it holds; cut at a character.
std::string item_text(std::string_view text) {
  // What is cut off need not be read.
  std::string safe = codec::for_terminal(text.substr(0, kBriefItemBytes + 4));
  if (safe.size() <= kBriefItemBytes) return safe;
  size_t end = kBriefItemBytes;
  while (end > 0 && (static_cast<unsigned char>(safe[end]) & 0xC0) == 0x80) --end;
  return safe.substr(0, end) + "…";
}

void append_heading(std::string& out, std::string_view heading, const Items& items,
                    std::string_view none) {
  out.append("\n").append(heading).append("\n");
  if (items.empty()) out.append("  ").append(none).append("\n");
  for (size_t i = 0; i < std::min(items.size(), kBriefItems); ++i) {
    out.append("  - ").append(item_text(items[i])).append("\n");
  }
  if (items.size() > kBriefItems) {
    out += fmt::format("  … and {} more\n", items.size() - kBriefItems);
  }
}

std::string deed_words(std::string_view what, const Deed& deed) {
  std::string words = fmt::format("{}: {}", what, deed.action);
  if (deed.calls > 1) words += fmt::format(" ×{}", deed.calls);
  if (!deed.targets.empty()) words += fmt::format(" {}", fmt::join(deed.targets, ", "));
  if (deed.targets_all > deed.targets.size()) {
    words += fmt::format(" and {} more", deed.targets_all - deed.targets.size());
  }
  if (deed.last) words += ", last at " + minute_words(*deed.last);
  return words;
}

Items hypotheses(const IncidentState& state, std::string_view standing) {
  Items items;
  for (const auto& [id, hypothesis] : state.hypotheses) {
    if (hypothesis.standing != standing) continue;
    std::string item = id + " " + hypothesis.text;
    if (!hypothesis.because.empty()) {
      item += fmt::format(" (because {})", fmt::join(hypothesis.because, "; "));
    }
    items.push_back(std::move(item));
  }
  return items;
}

Items known(const IncidentState& state, const Overview& overview) {
  Items items = {overview.sentence, overview.activity.words};
  for (const ActiveIdentity& identity : overview.identities | std::views::take(2)) {
    std::string item = "identity: " + identity.entity;
    if (!identity.privilege.empty()) item += ", " + identity.privilege;
    item += identity.owner.empty() ? "; owner not known" : "; owner " + identity.owner;
    items.push_back(std::move(item));
  }
  for (const Deed& deed : overview.writes | std::views::take(kNamesShown)) {
    items.push_back(deed_words("done", deed));
  }
  for (const Deed& deed : overview.reads | std::views::take(kNamesShown)) {
    items.push_back(deed_words("read", deed));
  }
  for (const std::string& made : overview.persistence | std::views::take(kNamesShown)) {
    items.push_back("left behind: " + made);
  }
  if (overview.persistence.size() > kNamesShown) {
    items.push_back(fmt::format("left behind: {} more", overview.persistence.size() - kNamesShown));
  }
  for (const std::string& hypothesis : hypotheses(state, "supported")) {
    items.push_back("supported: " + hypothesis);
  }
  if (!state.severities.empty()) {
    const SeverityStep& last = state.severities.back();
    const std::string why =
        !last.reason.empty() ? last.reason : fmt::format("{}", fmt::join(last.because, "; "));
    items.push_back(fmt::format("severity {} since {}: {}", name_of(last.severity),
                                minute_words(last.at), why));
  }
  return items;
}

Items pending(const IncidentState& state, Time now) {
  Items items;
  for (const auto& [id, task] : state.tasks) {
    if (task.ended) continue;
    std::string item =
        fmt::format("task {} {}, {}", id, task.title, task.owner.empty() ? "nobody's" : task.owner);
    if (task.due) {
      item += *task.due < now ? fmt::format(", late by {}", duration_words(now - *task.due))
                              : ", due " + minute_words(*task.due);
    }
    items.push_back(std::move(item));
  }
  for (const Handover& offer : std::views::values(state.handovers)) {
    items.push_back(fmt::format("handover of {} from {} to {}, not answered since {}", offer.role,
                                offer.from, offer.to, minute_words(offer.at)));
  }
  return items;
}

Items running(const IncidentState& state, const Overview& overview, Time now) {
  Items items;
  if (state.contained) {
    items.push_back("contained at " + minute_words(state.contained->at) + ", now " +
                    std::string(caption_of(state.status)));
  }
  for (const Clock& clock : overview.clocks) {
    if (clock.met) continue;
    std::string item =
        fmt::format("clock to {}: due {}", name_of(clock.name), minute_words(clock.due));
    if (clock.late) item += ", late by " + duration_words(*clock.late);
    if (clock.paused) {
      item += fmt::format(", paused until {}: {}", minute_words(clock.paused->until),
                          clock.paused->reason);
    }
    items.push_back(std::move(item));
  }
  for (const Awareness& aware : state.aware) {
    items.push_back(fmt::format("legally aware since {} ({} ago): {}{}", minute_words(aware.when),
                                duration_words(now - aware.when), aware.why,
                                aware.regime.empty() ? "" : " (" + aware.regime + ")"));
  }
  return items;
}

// The latest, the newest first.
Items notes(const IncidentState& state) {
  Items items;
  for (const Note& note : state.notes | std::views::reverse) {
    if (note.privileged) continue;
    items.push_back(fmt::format("{} {}: {}", minute_words(note.at), note.by, note.text));
    if (items.size() == kNamesShown) break;
  }
  return items;
}

Items next_update(const Overview& overview) {
  for (const Clock& clock : overview.clocks) {
    if (clock.name != model::ClockName::kUpdate) continue;
    std::string item = minute_words(clock.due);
    if (clock.late) item += ", late by " + duration_words(*clock.late);
    return {item};
  }
  return {};
}

Items people(const IncidentState& state) {
  Items items;
  for (const auto& [role, person] : state.roles) items.push_back(role + ": " + person);
  if (!state.assignee.empty()) items.push_back("assigned to " + state.assignee);
  if (state.restricted) {
    items.push_back(state.people.empty()
                        ? std::string("restricted, and the list of who may see it was erased")
                        : fmt::format("restricted to {}", fmt::join(state.people, ", ")));
  }
  if (state.tlp) items.push_back("TLP:" + std::string(name_of(*state.tlp)));
  const auto kept_back = std::ranges::count(state.notes, true, &Note::privileged);
  if (kept_back > 0) {
    items.push_back(counted_words(static_cast<uint64_t>(kept_back), "privileged note") +
                    ", not told here");
  }
  return items;
}

}  // namespace

std::string brief_of(const IncidentState& state, const Overview& overview, Time now) {
  std::string out = item_text(state.headline()) + "\n";
  out += state.id.text();
  if (state.severity) {
    out += fmt::format(", {} {}", name_of(*state.severity), caption_of(*state.severity));
  }
  out += fmt::format(", {}, as of {}\n", caption_of(state.status), minute_words(now));
  if (state.drill) out += "This is a drill.\n";
  append_heading(out, "Known", known(state, overview), "nothing yet");
  append_heading(out, "Ruled out", hypotheses(state, "ruled_out"), "nothing yet");
  append_heading(out, "Hypotheses", hypotheses(state, "open"), "none written down");
  append_heading(out, "Pending", pending(state, now), "no open task and no open handover");
  append_heading(out, "Running", running(state, overview, now), "nothing");
  append_heading(out, "Next update due", next_update(overview), "none is due");
  append_heading(out, "Notes", notes(state), "none");
  append_heading(out, "Next step", overview.next, "none");
  append_heading(out, "People", people(state), "nobody has a role");
  append_heading(out, "What we cannot know", overview.unknown, "nothing was stated");
  return out;
}

}  // namespace stanch::triage

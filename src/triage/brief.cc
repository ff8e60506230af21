#include "triage/brief.h"

#include <fmt/format.h>

#include <vector>

#include "codec/timestamp.h"

namespace stanch::triage {

namespace {

std::string second_text(Time time) {
  return codec::format_timestamp(std::chrono::floor<std::chrono::seconds>(time));
}

void paragraph(std::string_view title, const std::vector<std::string>& lines, std::string& out) {
  out += fmt::format("{}:\n", title);
  for (const std::string& line : lines) out += fmt::format("- {}\n", line);
  if (lines.empty()) out += "- nothing\n";
}

}  // namespace

std::string brief_of(const IncidentState& state, Time now) {
  std::string out;
  std::vector<std::string> known = {fmt::format(
      "{} ({}, {})", state.headline(), state.severity ? name_of(*state.severity) : "no severity",
      caption_of(state.status))};
  known.push_back(fmt::format("{} findings, {} entities in scope, {} techniques",
                              state.finding_count(), state.entities.size(),
                              state.techniques().size()));
  constexpr size_t kNotes = 5;
  size_t notes = 0;
  for (auto note = state.notes.rbegin(); note != state.notes.rend() && notes < kNotes; ++note) {
    if (note->privileged) continue;
    known.push_back(fmt::format("{}: {}", note->by, note->text));
    ++notes;
  }
  std::vector<std::string> out_of_it, open, pending;
  for (const auto& [id, hypothesis] : state.hypotheses) {
    const std::string text = fmt::format("{} {}", id, hypothesis.text);
    if (hypothesis.standing == "ruled_out") {
      out_of_it.push_back(text);
    } else if (hypothesis.standing == "supported") {
      known.push_back(text + " (supported)");
    } else {
      open.push_back(text);
    }
  }
  for (const auto& [id, task] : state.tasks) {
    if (task.ended) continue;
    pending.push_back(fmt::format("{} {}{}{}", id, task.title,
                                  task.owner.empty() ? "" : " — " + task.owner,
                                  task.due ? ", due " + second_text(*task.due) : ""));
  }
  for (const auto& [role, offer] : state.handovers) {
    pending.push_back(fmt::format("{} offered to {}", role, offer.to));
  }
  std::vector<std::string> running;
  if (state.status == model::Status::kContaining ||
      state.status == model::Status::kContainedWatching) {
    running.push_back(fmt::format("containment: {}", caption_of(state.status)));
  }
  for (const Pause& pause : state.pauses) {
    if (pause.at <= now && now < pause.until) {
      running.push_back(fmt::format("the clock {} waits until {}: {}", name_of(pause.clock),
                                    second_text(pause.until), pause.reason));
    }
  }
  std::vector<std::string> news;
  if (!state.updates.empty()) {
    const Update& last = state.updates.back();
    news.push_back(fmt::format("last update {}: {}", second_text(last.at), last.text));
    if (last.next_due) {
      news.push_back("next update due " + second_text(*last.next_due));
    }
  }
  paragraph("Known", known, out);
  paragraph("Ruled out", out_of_it, out);
  paragraph("Hypotheses", open, out);
  paragraph("Pending", pending, out);
  paragraph("Running", running, out);
  paragraph("News", news, out);
  paragraph("Cannot be known", state.unknowns, out);
  return out;
}

}  // namespace stanch::triage

#include "pipeline/incident_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "codec/json_writer.h"
#include "model/entry_kind.h"
#include "pipeline/incident_merge.h"
#include "triage/state.h"

namespace stanch::pipeline {

using codec::JsonWriter;
using model::EntryDraft;
using model::IncidentId;

namespace {

bool joins_anew(const IncidentFact& fact, const std::set<std::string>& findings) {
  return fact.kind == IncidentFact::Kind::kJoined && !findings.contains(fact.finding.id);
}

}  // namespace

Result<bool> IncidentWriter::write(const IncidentId& incident,
                                   const std::vector<IncidentFact>& facts) {
  for (unsigned attempt = 1;; ++attempt) {
    TRY(const std::vector<IncidentId> way, way_of(incident));
    const IncidentId& root = way.back();
    TRY(Read * read, this->read(root));
    const bool joins = std::ranges::any_of(
        facts, [&](const IncidentFact& fact) { return joins_anew(fact, read->findings); });
    if (read->closed && joins) return false;
    const uint64_t at = read->next;
    TRY(const std::vector<EntryDraft> drafts, news(root, *read, facts));
    if (drafts.empty()) return true;
    auto appended = ledger_->append(incident_stream(root), at, drafts);
    if (!appended && appended.error().code() == ErrorCode::kUnknownOutcome) {
      appended = ledger::settle_append(*ledger_, incident_stream(root), at, drafts);
    }
    if (appended) {
      read->next = appended->next;
      return true;
    }
    read->stale = read->unsure = true;
    const ErrorCode code = appended.error().code();
    const bool again = code == ErrorCode::kConflict || code == ErrorCode::kNotFound;
    if (!again || attempt == kTriesMax) return appended.error();
  }
}

void IncidentWriter::learn(const IncidentId& incident, const model::Entry& entry) {
  const auto known = read_.find(incident);
  if (known == read_.end()) return;
  Read& read = known->second;
  if (entry.sequence == read.folded) {
    read.fold.apply(entry);
    ++read.folded;
  }
  if (entry.sequence >= read.next) read.stale = true;
}

void IncidentWriter::learn_said(const IncidentId& incident, std::span<const EntryDraft> drafts,
                                std::span<const model::EntryCitation> places) {
  const auto known = read_.find(incident);
  if (known == read_.end()) return;
  Read& read = known->second;
  read.stale = true;
  for (size_t i = 0; i < drafts.size() && places[i].sequence == read.folded; ++i, ++read.folded) {
    model::Entry entry;
    entry.stream = places[i].stream;
    entry.sequence = places[i].sequence;
    entry.time = drafts[i].time;
    entry.actor = drafts[i].actor;
    entry.kind = drafts[i].kind;
    entry.kind_version = model::current_entry_kind(entry.kind)->version;
    entry.content_version = drafts[i].content_version;
    entry.payload = model::EntryPayload{.json = drafts[i].payload, .salt = {}};
    read.fold.apply(entry);
  }
}

Result<IncidentWriter::Standing> IncidentWriter::standing(const IncidentId& incident,
                                                          const std::string& finding) {
  TRY(const std::vector<IncidentId> way, way_of(incident));
  Standing standing;
  for (const IncidentId& each : way) {
    TRY(const Read* read, this->read(each));
    standing.closed = read->closed;
    standing.has_had = standing.has_had || read->findings.contains(finding);
  }
  return standing;
}

Result<std::vector<IncidentId>> IncidentWriter::way_of(const IncidentId& incident) {
  std::vector<IncidentId> way = {incident};
  for (;;) {
    TRY(const Read* read, this->read(way.back()));
    if (read->merged_into.empty()) return way;
    if (way.size() > kMergesMax) {
      return Error(ErrorCode::kCorrupt, fmt::format("{} goes on in itself", incident.text()));
    }
    way.push_back(read->merged_into);
  }
}

Result<IncidentWriter::Read*> IncidentWriter::read(const IncidentId& incident) {
  auto known = read_.find(incident);
  if (known == read_.end()) {
    if (read_.size() >= kRememberedMax) read_.clear();  // all of it is in the ledger
    known = read_.emplace(incident, Read(incident)).first;
  }
  Read& read = known->second;
  if (read.stale) TRY(catch_up(incident, read));
  return &read;
}

Result<const triage::IncidentState*> IncidentWriter::state(const IncidentId& incident) {
  TRY(Read * read, this->read(incident));
  TRY(catch_up(incident, *read));
  return &read->fold.state();
}

Result<> IncidentWriter::catch_up(const IncidentId& incident, Read& read) {
  for (;;) {
    TRY(const auto page, ledger_->read(incident_stream(incident), read.folded));
    if (page.empty()) break;
    for (const model::Entry& entry : page) read.fold.apply(entry);
    read.folded += page.size();
  }
  // What was said by this writer is in the rest of it already.
  if (!read.stale && read.folded == read.next) return {};
  const triage::IncidentState& state = read.fold.state();
  read.next = read.folded;
  read.stale = false;
  read.opened = state.exists();
  read.closed = state.is_closed() && state.merged_into.empty();
  read.merged_into = IncidentId(state.merged_into);
  read.too_wide = state.tasks.contains(std::string(kTooWideTask));
  learn_findings(read);
  read.current = state.severity;
  read.said.reset();
  for (const triage::SeverityStep& step : state.severities) {
    if (step.by_person) continue;
    read.said = std::min(read.said.value_or(step.severity), step.severity);
  }
  return {};
}

// Only of those that are new: weighing one means looking up all that it touches. What left by a
// split cannot be taken out of the evidence, so that after one it is gathered anew.
void IncidentWriter::learn_findings(Read& read) const {
  const triage::IncidentState& state = read.fold.state();
  if (std::exchange(read.unsure, false) || !state.split_into.empty()) {
    read.findings.clear();
    read.evidence = {};
  }
  auto known = read.findings.begin();  // both are in the order of the ids
  for (const auto& [id, joined] : state.findings) {
    while (known != read.findings.end() && *known < id) ++known;
    if (known != read.findings.end() && *known == id) continue;
    known = read.findings.insert(known, id);
    if (!joined.gone) read.evidence.add(joined.finding, *assets_);
  }
}

Result<bool> IncidentWriter::is_there(const IncidentId& incident, const IncidentFact& fact) {
  if (!fact.may_be_there) return false;
  const model::StreamId stream = incident_stream(incident);
  const auto known =
      ledger_->find(stream, model::entry_id(stream, fact.draft.kind, fact.draft.key));
  if (known || known.error().code() == ErrorCode::kNotFound) return known.has_value();
  return known.error();
}

// What of the facts it does not say yet; `read` is as it will be then.
Result<std::vector<EntryDraft>> IncidentWriter::news(const IncidentId& incident, Read& read,
                                                     const std::vector<IncidentFact>& facts) {
  std::vector<EntryDraft> drafts;
  for (const IncidentFact& fact : facts) {
    bool says = false;
    switch (fact.kind) {
      case IncidentFact::Kind::kOpened: says = std::exchange(read.opened, true); break;
      case IncidentFact::Kind::kJoined: says = !read.findings.insert(fact.finding.id).second; break;
      case IncidentFact::Kind::kTooWide: says = std::exchange(read.too_wide, true); break;
      case IncidentFact::Kind::kCounted: break;
    }
    if (says) continue;
    TRY(const bool is_there, this->is_there(incident, fact));
    if (is_there) {  // and its text was erased, or the fold would have it
      read.unsure = true;
      continue;
    }
    drafts.push_back(fact.draft);
    if (fact.kind != IncidentFact::Kind::kJoined) continue;
    read.evidence.add(fact.finding, *assets_);
    if (auto weighed = weigh(read)) {
      EntryDraft& severity = drafts.emplace_back(fact.draft);
      severity.kind = "severity_set";
      severity.key = "after " + fact.finding.id;
      severity.payload = *std::move(weighed);
    }
  }
  return drafts;
}

// The matrix is heard when it says something worse than ever before; so what a person has set lower
// stays until there is something new, and what they set higher stays.
std::optional<std::string> IncidentWriter::weigh(Read& read) const {
  const triage::SeverityDecision decision = matrix_->assess(read.evidence);
  if (read.said && *read.said <= decision.severity) return std::nullopt;
  read.said = decision.severity;
  if (read.current && *read.current <= decision.severity) return std::nullopt;
  const auto previous = std::exchange(read.current, decision.severity);
  return codec::json_object([&](JsonWriter& json) {
    json.field("severity", name_of(decision.severity));
    if (previous) json.field("previous", name_of(*previous));
    json.field("by", "matrix");
    append_texts("because", decision.because, json);
  });
}

Result<std::optional<std::string>> IncidentWriter::weigh(const IncidentId& incident,
                                                         std::optional<model::Severity> unless) {
  TRY(Read * read, this->read(incident));
  // It says nothing by itself: whoever asked does, and that is read again then.
  read->stale = true;
  if (read->findings.empty()) return std::optional<std::string>();
  const model::Severity worst = matrix_->assess(read->evidence).severity;
  if (unless && *unless <= worst) return std::optional<std::string>();
  return weigh(*read);
}

}  // namespace stanch::pipeline

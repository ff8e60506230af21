#include "pipeline/incident_recorder.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "codec/hash.h"
#include "codec/json_writer.h"
#include "codec/timestamp.h"
#include "pipeline/output/finding_payload.h"
#include "triage/joined.h"
#include "triage/state.h"

namespace stanch::pipeline {

namespace {

using codec::JsonView;
using codec::JsonWriter;
using model::Entry;
using model::EntryDraft;
using model::IncidentId;
using model::StreamId;

const StreamId kTriage("triage");
constexpr std::string_view kIncidentStream = "incident/";
constexpr std::string_view kEngine = "engine";

StreamId stream_of(const IncidentId& incident) {
  return StreamId(std::string(kIncidentStream) + incident.text());
}

void append_texts(std::string_view name, const std::vector<std::string>& texts, JsonWriter& json) {
  json.key(name).begin_array();
  for (const std::string& text : texts) json.string(text);
  json.end_array();
}

void append_citation(std::string_view name, const model::EntryCitation& citation,
                     JsonWriter& json) {
  json.key(name)
      .begin_object()
      .field("stream", citation.stream.text())
      .field("sequence", citation.sequence)
      .field("hash", codec::to_hex(citation.hash))
      .end_object();
}

// One JSON object: `body` writes its members.
template <typename Body>
std::string object(Body body) {
  std::string text;
  JsonWriter json(text);
  json.begin_object();
  body(json);
  json.end_object();
  return text;
}

std::vector<std::string> texts_of(JsonView list) {
  std::vector<std::string> texts;
  for (const JsonView text : list.elements()) texts.push_back(text.string_or_empty());
  return texts;
}

}  // namespace

IncidentRecorder::IncidentRecorder(ledger::Ledger& ledger, RecorderOptions options)
    : ledger_(ledger), options_(std::move(options)), grouper_(options_.grouping) {}

IncidentRecorder::~IncidentRecorder() = default;

Result<std::unique_ptr<IncidentRecorder>> IncidentRecorder::open(ledger::Ledger& ledger,
                                                                 RecorderOptions options) {
  std::unique_ptr<IncidentRecorder> recorder(new IncidentRecorder(ledger, std::move(options)));
  TRY(recorder->read_ledger());
  return recorder;
}

Result<> IncidentRecorder::read_ledger() {
  grouper_ = triage::Grouper(options_.grouping);
  begun_merges_.clear();
  weighed_.clear();
  TRY(const ledger::StreamHead head, ledger_.head(kTriage));
  triage_next_ = head.next;
  ledger::Cursor cursor;
  for (;;) {
    TRY(const ledger::Followed followed, ledger_.follow(cursor));
    if (followed.entries.empty()) break;
    cursor = followed.cursor;
    for (const Entry& entry : followed.entries) {
      TRY(learn(entry));
      if (entry.kind == "incidents_merged") begun_merges_.push_back({merge_of(entry), entry.time});
    }
  }
  return {};
}

Result<> IncidentRecorder::learn(const Entry& entry) {
  const std::string& stream = entry.stream.text();
  if (!stream.starts_with(kIncidentStream)) return {};
  const IncidentId incident(stream.substr(kIncidentStream.size()));
  // What the header says alone holds when the text was erased.
  if (entry.kind == "closed") {
    grouper_.learn_closed(incident);
    return {};
  }
  if (entry.kind == "reopened") {
    grouper_.learn_reopened(incident);
    return {};
  }
  if (!entry.payload) return {};
  const auto payload = [&] { return parser_.parse(entry.payload->json); };
  if (entry.kind == "finding_joined") {
    // One that makes no sense was counted when it was folded; here it joins nothing.
    const auto finding = triage::read_finding(payload());
    if (finding) grouper_.learn(*finding, incident, entry.time);
  } else if (entry.kind == "merged_into") {
    grouper_.learn_merged(incident, IncidentId(payload()["incident"].string_or_empty()));
  } else if (entry.kind == "split") {
    const JsonView split = payload();
    grouper_.learn_split(incident, IncidentId(split["into"].string_or_empty()),
                         texts_of(split["findings"]));
  }
  return {};
}

triage::Merge IncidentRecorder::merge_of(const Entry& entry) {
  if (!entry.payload) return {};
  const JsonView payload = parser_.parse(entry.payload->json);
  return {IncidentId(payload["absorbed"].string_or_empty()),
          IncidentId(payload["into"].string_or_empty()), texts_of(payload["because"])};
}

Result<> IncidentRecorder::add(std::string payload, Time now) {
  Waiting waiting;
  waiting.payload = std::move(payload);
  waiting.now = now;
  TRY(waiting.finding, triage::read_finding(parser_.parse(waiting.payload)));
  waiting_.push_back(std::move(waiting));
  ++counts_.findings;
  return waiting_.size() >= kBatch ? flush() : Result<>();
}

Result<> IncidentRecorder::flush() {
  if (waiting_.empty()) return {};
  for (unsigned attempt = 1;; ++attempt) {
    TRY(const bool assigned, assign());
    if (assigned) break;
    if (attempt == kTriesMax) {
      return Error(ErrorCode::kConflict,
                   "others keep assigning findings; this one never came to it");
    }
    TRY(read_ledger());
  }
  TRY(record());
  waiting_.clear();
  return {};
}

// An earlier run may have assigned it.
Result<> IncidentRecorder::look_up(Waiting& waiting) {
  waiting.known = waiting.folded = false;
  waiting.assignment = {};
  if (triage_next_ == 0) return {};
  const auto entry =
      ledger_.find(kTriage, model::entry_id(kTriage, "finding_assigned", waiting.finding.id));
  if (!entry) {
    if (entry.error().code() == ErrorCode::kNotFound) return {};
    return entry.error();
  }
  waiting.known = true;
  waiting.triage = model::citation_of(*entry);
  if (!entry->payload) return {};
  const JsonView payload = parser_.parse(entry->payload->json);
  waiting.assignment.incident = IncidentId(payload["incident"].string_or_empty());
  waiting.assignment.opens = payload["opens"].exists() && payload["opens"].as_bool();
  waiting.assignment.because = texts_of(payload["because"]);
  // The merges that it led to stand before it.
  for (uint64_t before = entry->sequence; before > 0; --before) {
    TRY(const std::vector<Entry> page, ledger_.read(kTriage, before - 1, 1));
    if (page.empty() || page[0].kind != "incidents_merged") break;
    waiting.assignment.merges.insert(waiting.assignment.merges.begin(), merge_of(page[0]));
  }
  return {};
}

Result<bool> IncidentRecorder::assign() {
  std::vector<EntryDraft> drafts;
  std::vector<Waiting*> drafted;
  for (Waiting& waiting : waiting_) {
    TRY(look_up(waiting));
    if (waiting.known) continue;
    waiting.assignment = grouper_.decide(waiting.finding, waiting.now);
    waiting.folded = waiting.assignment.folded && waiting.assignment.merges.empty();
    if (waiting.folded) continue;
    for (const triage::Merge& each : waiting.assignment.merges) {
      drafts.push_back(draft("incidents_merged", each.absorbed.text(), waiting.now,
                             object([&](JsonWriter& json) {
                               json.field("absorbed", each.absorbed.text());
                               json.field("into", each.into.text());
                               append_texts("because", each.because, json);
                             })));
      drafted.push_back(nullptr);
    }
    drafts.push_back(
        draft("finding_assigned", waiting.finding.id, waiting.now, object([&](JsonWriter& json) {
                json.field("finding", waiting.finding.id)
                    .field("incident", waiting.assignment.incident.text())
                    .field("opens", waiting.assignment.opens);
                append_texts("because", waiting.assignment.because, json);
              })));
    drafted.push_back(&waiting);
  }
  for (size_t from = 0; from < drafts.size(); from += ledger::kAppendEntriesMax) {
    const size_t count = std::min(drafts.size() - from, ledger::kAppendEntriesMax);
    const std::span<const EntryDraft> part(drafts.data() + from, count);
    auto appended = ledger_.append(kTriage, triage_next_, part);
    if (!appended && appended.error().code() == ErrorCode::kUnknownOutcome) {
      appended = ledger::settle_append(ledger_, kTriage, triage_next_, part);
    }
    if (!appended) {
      const ErrorCode code = appended.error().code();
      if (code == ErrorCode::kConflict || code == ErrorCode::kNotFound) return false;
      return appended.error();
    }
    triage_next_ = appended->next;
    for (size_t i = 0; i < count; ++i) {
      if (drafted[from + i] != nullptr) drafted[from + i]->triage = appended->citations[i];
    }
  }
  return true;
}

Result<> IncidentRecorder::record() {
  Drafts drafts;
  if (weighed_.size() >= kWeighedMax) weighed_.clear();  // all of it is in the ledger now
  for (Waiting& waiting : waiting_) {
    const triage::Assignment& assignment = waiting.assignment;
    counts_.known += waiting.known;
    if (assignment.incident.empty()) continue;  // it was erased
    if (waiting.folded) {
      fold(waiting, drafts);
      continue;
    }
    if (!assignment.merges.empty()) {
      TRY(append(drafts));  // what is merged has all its findings
      for (const triage::Merge& each : assignment.merges) {
        TRY(merge(each, waiting.now));
        weighed_.erase(each.into);  // with what came in, it is to be weighed anew
      }
      counts_.merged += waiting.known ? 0 : assignment.merges.size();
    }
    std::vector<EntryDraft>& of_incident = drafts[assignment.incident];
    if (touched_.size() < kTouchedMax) touched_.insert(assignment.incident);
    if (assignment.opens) {
      counts_.opened += !waiting.known;
      of_incident.push_back(draft("incident_opened", assignment.incident.text(), waiting.now,
                                  object([&](JsonWriter& json) {
                                    json.field("incident", assignment.incident.text())
                                        .field("title", waiting.finding.title)
                                        .field("by", "finding")
                                        .field("finding", waiting.finding.id);
                                    append_citation("triage", waiting.triage, json);
                                  })));
    }
    of_incident.push_back(
        draft("finding_joined", waiting.finding.id, waiting.now,
              output::joined_payload(waiting.payload, assignment.because, waiting.triage)));
    TRY(weigh(assignment.incident, waiting.finding, waiting.now, of_incident));
  }
  return append(drafts);
}

// What the ledger says of an incident, unless it is in memory.
Result<IncidentRecorder::Weighed*> IncidentRecorder::weighed(const IncidentId& incident) {
  if (const auto known = weighed_.find(incident); known != weighed_.end()) return &known->second;
  Weighed weighed;
  triage::IncidentFold fold(incident);
  TRY(ledger::each_entry(ledger_, stream_of(incident), [&](const Entry& entry) -> Result<> {
    fold.apply(entry);
    return {};
  }));
  const triage::IncidentState& state = fold.state();
  for (const auto& [id, joined] : state.findings) {
    if (joined.gone) continue;
    weighed.evidence.add(joined.finding, options_.assets);
    weighed.findings.insert(id);
  }
  weighed.current = state.severity;
  for (const triage::SeverityStep& step : state.severities) {
    if (step.by_person) continue;
    weighed.said = std::min(weighed.said.value_or(step.severity), step.severity);
  }
  return &weighed_.emplace(incident, std::move(weighed)).first->second;
}

// The finding is about to be in the incident. The matrix is heard when it says something worse
// than ever before; so what a person has set lower stays until there is something new.
Result<> IncidentRecorder::weigh(const IncidentId& incident, const triage::Finding& finding,
                                 Time now, std::vector<EntryDraft>& drafts) {
  TRY(Weighed * weighed, this->weighed(incident));
  if (!weighed->findings.insert(finding.id).second) return {};
  weighed->evidence.add(finding, options_.assets);
  const triage::SeverityDecision decision = options_.matrix.assess(weighed->evidence);
  if (weighed->said && *weighed->said <= decision.severity) return {};
  weighed->said = decision.severity;
  if (weighed->current && *weighed->current <= decision.severity) return {};
  drafts.push_back(draft("severity_set", "after " + finding.id, now, object([&](JsonWriter& json) {
                           json.field("severity", name_of(decision.severity));
                           if (weighed->current) json.field("previous", name_of(*weighed->current));
                           json.field("by", "matrix");
                           append_texts("because", decision.because, json);
                         })));
  weighed->current = decision.severity;
  return {};
}

Result<> IncidentRecorder::finish() {
  TRY(flush());
  // Those that a crash interrupted and whose finding did not come again.
  for (const auto& [begun, now] : begun_merges_) TRY(merge(begun, now));
  begun_merges_.clear();
  Drafts drafts;
  for (const auto& [key, flood] : floods_) end_flood(key, flood, drafts);
  floods_.clear();
  return append(drafts);
}

void IncidentRecorder::fold(const Waiting& waiting, Drafts& drafts) {
  const triage::Finding& finding = waiting.finding;
  ++counts_.folded;
  const auto [at, begins] =
      floods_.try_emplace({waiting.assignment.incident, finding.rule}, Flood{});
  Flood& flood = at->second;
  const Time time = finding.event_time.value_or(waiting.now);
  if (begins) flood.first = flood.last = time;
  flood.first = std::min(flood.first, time);
  flood.last = std::max(flood.last, time);
  flood.now = waiting.now;
  ++flood.count;
  if (flood.samples.size() < kSamples) flood.samples.push_back(finding.id);
  if (flood.count < kFloodTold) return;
  end_flood(at->first, flood, drafts);
  floods_.erase(at);
}

void IncidentRecorder::end_flood(const FloodKey& key, const Flood& flood, Drafts& drafts) const {
  drafts[key.first].push_back(draft("findings_folded",
                                    fmt::format("{} {}", flood.samples.front(), flood.count),
                                    flood.now, object([&](JsonWriter& json) {
                                      json.field("rule", key.second)
                                          .field("incident", key.first.text())
                                          .field("count", flood.count)
                                          .field("first", codec::format_timestamp(flood.first))
                                          .field("last", codec::format_timestamp(flood.last));
                                      append_texts("samples", flood.samples, json);
                                    })));
}

Result<> IncidentRecorder::append(Drafts& drafts) {
  for (const auto& [incident, of_incident] : drafts) {
    for (size_t from = 0; from < of_incident.size(); from += ledger::kAppendEntriesMax) {
      const size_t count = std::min(of_incident.size() - from, ledger::kAppendEntriesMax);
      TRY(ledger::append_missing(ledger_, stream_of(incident),
                                 std::span(of_incident).subspan(from, count)));
    }
  }
  drafts.clear();
  return {};
}

// In the one that ends first, then in the one that goes on, which gets its findings.
Result<> IncidentRecorder::merge(const triage::Merge& merge, Time now) {
  if (merge.absorbed.empty()) return {};  // it was erased
  const EntryDraft ends =
      draft("merged_into", merge.into.text(), now, object([&](JsonWriter& json) {
              json.field("incident", merge.into.text());
              append_texts("because", merge.because, json);
            }));
  TRY(const ledger::Appended ended,
      ledger::append_missing(ledger_, stream_of(merge.absorbed), std::span(&ends, 1)));
  const EntryDraft goes_on =
      draft("merged_from", merge.absorbed.text(), now, object([&](JsonWriter& json) {
              json.field("incident", merge.absorbed.text());
              append_citation("merged", ended.citations[0], json);
            }));
  const StreamId into = stream_of(merge.into);
  const auto done = ledger_.find(into, model::entry_id(into, goes_on.kind, goes_on.key));
  if (done) return {};  // it comes last
  if (done.error().code() != ErrorCode::kNotFound) return done.error();
  std::vector<EntryDraft> drafts;
  TRY(const std::vector<Entry> entries, ledger::read_all(ledger_, stream_of(merge.absorbed)));
  triage::IncidentFold from(merge.absorbed), to(merge.into);
  for (const Entry& entry : entries) from.apply(entry);
  TRY(const std::vector<Entry> before, ledger::read_all(ledger_, into));
  for (const Entry& entry : before) to.apply(entry);
  for (const triage::JoinedEntry& joined : triage::joined_now(entries)) {
    drafts.push_back(draft("finding_joined", triage::joined_key(joined.finding, merge.absorbed),
                           now, joined.payload));
  }
  // What was bad stays as bad, whoever said so.
  const std::optional<model::Severity> worse = from.state().severity;
  if (worse && (!to.state().severity || *worse < *to.state().severity)) {
    drafts.push_back(draft(
        "severity_set", "came in with " + merge.absorbed.text(), now, object([&](JsonWriter& json) {
          json.field("severity", name_of(*worse));
          if (to.state().severity) json.field("previous", name_of(*to.state().severity));
          json.field("by", "matrix");
          append_texts("because", {merge.absorbed.text() + ", which came in, was as severe"}, json);
        })));
  }
  drafts.push_back(goes_on);
  Drafts of_incident;
  of_incident[merge.into] = std::move(drafts);
  return append(of_incident);
}

EntryDraft IncidentRecorder::draft(std::string kind, std::string key, Time now,
                                   std::string payload) const {
  return {.kind = std::move(kind),
          .key = std::move(key),
          .time = now,
          .actor = std::string(kEngine),
          .content_version = options_.content_version,
          .payload = std::move(payload)};
}

}  // namespace stanch::pipeline

#include "pipeline/incident_recorder.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <utility>

#include "codec/json_writer.h"
#include "codec/timestamp.h"
#include "pipeline/output/finding_payload.h"

namespace stanch::pipeline {

namespace {

using codec::json_object;
using codec::JsonView;
using codec::JsonWriter;
using model::Entry;
using model::EntryDraft;
using model::IncidentId;
using model::StreamId;

const StreamId& kTriage = model::kTriageStream;
constexpr std::string_view kEngine = "engine";

std::vector<std::string> texts_of(JsonView list) {
  std::vector<std::string> texts;
  for (const JsonView text : list.elements()) texts.push_back(text.string_or_empty());
  return texts;
}

size_t hash_of(const std::string& finding) { return std::hash<std::string>()(finding); }

// The key of the assignment that comes after the one to an incident that was closed too early.
std::string key_without(const std::string& finding, const IncidentId& closed) {
  return finding + " not in " + closed.text();
}

}  // namespace

IncidentRecorder::IncidentRecorder(ledger::Ledger& ledger, RecorderOptions options)
    : ledger_(ledger),
      options_(std::move(options)),
      grouper_(options_.grouping),
      writer_(ledger, options_.matrix, options_.assets),
      counted_(kCountedMax) {}

IncidentRecorder::~IncidentRecorder() = default;

Result<std::unique_ptr<IncidentRecorder>> IncidentRecorder::open(ledger::Ledger& ledger,
                                                                 RecorderOptions options) {
  std::unique_ptr<IncidentRecorder> recorder(new IncidentRecorder(ledger, std::move(options)));
  TRY(recorder->follow());
  // What an earlier run left. Those of a replay come again, and at their place.
  for (const auto& [absorbed, time] : recorder->open_merges_) {
    if (!recorder->options_.replayed) recorder->left_.push_back(absorbed);
  }
  return recorder;
}

// ---------------------------------------------------------------- what the ledger says

void IncidentRecorder::forget_all() {
  grouper_ = triage::Grouper(options_.grouping);
  own_hands_ = triage::OwnHands();
  writer_ = IncidentWriter(ledger_, options_.matrix, options_.assets);
  cursor_ = {};
  triage_next_ = 0;
  merges_.clear();
  open_merges_.clear();
  open_counted_.clear();
}

Result<> IncidentRecorder::follow() {
  for (;;) {
    TRY(const ledger::Followed followed, ledger_.follow(cursor_));
    if (followed.entries.empty()) break;
    cursor_ = followed.cursor;
    for (const Entry& entry : followed.entries) learn(entry);
  }
  // What people began has to be done before anything is decided. What findings began is completed
  // when they come again, behind all that came before it.
  std::vector<std::pair<IncidentId, Time>> of_people;
  for (const auto& [absorbed, time] : open_merges_) {
    if (merges_[absorbed].actor != kEngine) of_people.emplace_back(absorbed, time);
  }
  for (const auto& [absorbed, time] : of_people) TRY(complete(absorbed, time));
  return {};
}

void IncidentRecorder::learn(const Entry& entry) {
  if (entry.stream == kTriage) {
    triage_next_ = entry.sequence + 1;
    learn_triage(entry);
  } else if (const auto incident = model::find_incident_of(entry.stream)) {
    learn_incident(entry, *incident);
  }
}

void IncidentRecorder::learn_triage(const Entry& entry) {
  if (auto merge = begun_merge_of(entry, parser_)) {
    grouper_.learn_merged(merge->absorbed, merge->into);
    open_merges_[merge->absorbed] = entry.time;
    merges_[merge->absorbed] = std::move(*merge);
  } else if (entry.kind == "own_call_seen" && entry.payload) {
    own_hands_.learn(entry, parser_.parse(entry.payload->json));
  } else if (entry.kind == "findings_counted" && entry.payload) {
    const JsonView payload = parser_.parse(entry.payload->json);
    Counted counted{.incident = IncidentId(payload["incident"].string_or_empty()),
                    .rule = payload["rule"].string_or_empty(),
                    .first = {},
                    .last = {},
                    .now = entry.time,
                    .findings = texts_of(payload["findings"])};
    for (const std::string& finding : counted.findings) counted_.at(hash_of(finding)) = 1;
    const auto first = codec::parse_timestamp(payload["first"].string_or_empty());
    const auto last = codec::parse_timestamp(payload["last"].string_or_empty());
    if (counted.findings.empty() || counted.incident.empty() || !first || !last) return;
    counted.first = *first;
    counted.last = *last;
    counted.count = counted.findings.size();
    const std::string key = counted.findings.front();
    open_counted_[key] = std::move(counted);
  }
}

void IncidentRecorder::learn_incident(const Entry& entry, const IncidentId& incident) {
  writer_.learn(incident, entry);
  // What the header says alone holds when the text was erased.
  if (entry.kind == "closed") return grouper_.learn_closed(incident);
  if (entry.kind == "reopened") return grouper_.learn_reopened(incident);
  if (!entry.payload) {
    if (entry.kind == "merged_into") grouper_.learn_closed(incident);
    return;
  }
  const JsonView payload = parser_.parse(entry.payload->json);
  own_hands_.learn(entry, payload);
  if (entry.kind == "finding_joined") {
    // One that makes no sense was counted when it was folded; here it joins nothing.
    const auto finding = triage::read_finding(payload);
    if (finding) grouper_.learn(*finding, incident, entry.time);
  } else if (entry.kind == "findings_folded") {
    const std::vector<std::string> samples = texts_of(payload["samples"]);
    if (!samples.empty()) open_counted_.erase(samples.front());
  } else if (entry.kind == "merged_into") {
    grouper_.learn_merged(incident, IncidentId(payload["incident"].string_or_empty()));
  } else if (entry.kind == "merged_from") {
    open_merges_.erase(IncidentId(payload["incident"].string_or_empty()));
  } else if (entry.kind == "split") {
    grouper_.learn_split(incident, IncidentId(payload["into"].string_or_empty()),
                         texts_of(payload["findings"]));
  }
}

// ---------------------------------------------------------------- findings

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
  for (unsigned attempt = 1; !waiting_.empty(); ++attempt) {
    if (attempt > kTriesMax) {
      return Error(ErrorCode::kConflict,
                   "others keep assigning findings; this one never came to it");
    }
    if (attempt > 1) {
      forget_all();
      send_kin_back();
    }
    TRY(follow());
    TRY(const bool assigned, assign());
    if (!assigned) continue;
    TRY(const Refused refused, record());
    std::erase_if(waiting_,
                  [&](const Waiting& waiting) { return !refused.contains(waiting.finding.id); });
  }
  if (!options_.replayed && left_.size() <= kMergesLeft) return {};
  return catch_up_whole();
}

Result<bool> IncidentRecorder::catch_up() {
  CHECK(waiting_.empty());
  if (!left_.empty()) {
    if (!merging_) {
      TRY(merging_, Merging::begin(ledger_, merges_, left_.front(), open_merges_[left_.front()],
                                   options_.content_version, merge_view()));
    }
    TRY(const bool more, merging_->step());
    if (!more) {
      open_merges_.erase(left_.front());
      left_.pop_front();
      merging_.reset();
    }
  }
  TRY(follow());
  return !left_.empty();
}

Result<> IncidentRecorder::catch_up_whole() {
  for (bool more = !left_.empty(); more;) {
    TRY(more, catch_up());
  }
  return {};
}

Result<> IncidentRecorder::finish() {
  TRY(flush());
  // Those whose kin did not come again.
  for (const std::string& finding : std::set<std::string>(late_)) {
    if (auto kept = aside_.take(finding)) {
      const Time now = kept->now;
      call(*std::move(kept), now);
    }
  }
  TRY(flush());
  TRY(catch_up_whole());
  // Those that a crash interrupted and whose finding did not come again.
  const auto merges = open_merges_;
  for (const auto& [absorbed, time] : merges) TRY(complete(absorbed, time));
  Facts facts;
  for (const auto& [key, counted] : open_counted_) {
    facts[counted.incident].push_back(counted_fact(counted));
  }
  open_counted_.clear();
  Refused refused;
  TRY(write(facts, refused));
  counts_.forgotten = grouper_.forgotten() + counted_.forgotten();
  counts_.aside = aside_.size() + aside_.forgotten();
  return {};
}

// ---------------------------------------------------------------- what "triage" says

// An earlier run may have assigned it.
Result<> IncidentRecorder::look_up(Waiting& waiting) {
  waiting.known = waiting.landed = waiting.is_aside = false;
  waiting.assignment = {};
  waiting.own.reset();
  waiting.key = waiting.finding.id;
  if (triage_next_ == 0) return {};
  if (counted_.find(hash_of(waiting.finding.id)) != nullptr) {
    waiting.known = waiting.assignment.folded = true;
    return {};
  }
  for (;;) {
    const auto entry =
        ledger_.find(kTriage, model::entry_id(kTriage, "finding_assigned", waiting.key));
    if (!entry) {
      if (entry.error().code() == ErrorCode::kNotFound) return {};
      return entry.error();
    }
    triage::Assignment assignment;
    if (entry->payload) {
      const JsonView payload = parser_.parse(entry->payload->json);
      assignment.incident = IncidentId(payload["incident"].string_or_empty());
      assignment.opens = payload["opens"].exists() && payload["opens"].as_bool();
      assignment.because = texts_of(payload["because"]);
    }
    if (!assignment.incident.empty()) {
      TRY(const IncidentWriter::Standing standing,
          writer_.standing(assignment.incident, waiting.finding.id));
      waiting.landed = standing.has_had;
      if (standing.closed && !standing.has_had) {
        waiting.key = key_without(waiting.finding.id, assignment.incident);
        continue;
      }
    }
    // The merges that it led to stand before it.
    for (uint64_t before = entry->sequence; before > 0; --before) {
      TRY(const std::vector<Entry> page, ledger_.read(kTriage, before - 1, 1));
      auto merge = page.empty() ? std::nullopt : begun_merge_of(page[0], parser_);
      if (!merge || merge->actor != kEngine) break;
      assignment.merges.insert(assignment.merges.begin(),
                               {merge->absorbed, merge->into, std::move(merge->because)});
    }
    waiting.known = true;
    waiting.triage = model::citation_of(*entry);
    waiting.assignment = std::move(assignment);
    return {};
  }
}

Result<> IncidentRecorder::decide(Waiting& waiting, std::vector<EntryDraft>& drafts,
                                  std::map<std::string, Counted>& counted) {
  TRY(look_up(waiting));
  const triage::Finding& finding = waiting.finding;
  if (waiting.known) {
    // On its way to its incident, where those that come later meet it.
    const IncidentId& incident = waiting.assignment.incident;
    TRY(const bool is_late, is_late_kin(waiting));
    if (is_late) {
      // It came there after its kin, and does so again.
      late_.insert(finding.id);
      waiting.is_aside = true;
      aside_.add({finding, waiting.payload, waiting.now, true});
      return {};
    }
    if (!incident.empty() && !waiting.landed) grouper_.learn(finding, incident, waiting.now);
    return {};
  }
  waiting.own = own_hands_.find(finding);
  if (waiting.own) return own_call(waiting, drafts);
  // What is informational opens no incident by itself.
  const bool may_open = finding.level != model::Level::kInformational;
  waiting.assignment = grouper_.decide(finding, waiting.now, may_open);
  waiting.is_aside = waiting.assignment.incident.empty();
  if (waiting.is_aside) {
    aside_.add({finding, waiting.payload, waiting.now});
    return {};
  }
  if (!may_open) aside_.remove(finding.id);
  const triage::Assignment& assignment = waiting.assignment;
  if (assignment.folded) {
    const Time time = finding.event_time.value_or(waiting.now);
    const std::string group = assignment.incident.text() + " " + finding.rule;
    const auto [at, begins] = counted.try_emplace(
        group, Counted{assignment.incident, finding.rule, time, time, waiting.now, {}});
    at->second.first = std::min(at->second.first, time);
    at->second.last = std::max(at->second.last, time);
    at->second.now = waiting.now;
    at->second.findings.push_back(finding.id);
    ++at->second.count;
    return {};
  }
  for (const triage::Merge& each : assignment.merges) {
    drafts.push_back(draft("incidents_merged", each.absorbed.text(), waiting.now,
                           json_object([&](JsonWriter& json) {
                             json.field("absorbed", each.absorbed.text());
                             json.field("into", each.into.text());
                             append_texts("because", each.because, json);
                           })));
  }
  drafts.push_back(
      draft("finding_assigned", waiting.key, waiting.now, json_object([&](JsonWriter& json) {
              json.field("finding", finding.id)
                  .field("incident", assignment.incident.text())
                  .field("opens", assignment.opens);
              append_texts("because", assignment.because, json);
            })));
  return {};
}

// Whether an earlier run has assigned it, and was killed before its incident was there.
Result<bool> IncidentRecorder::is_late_kin(const Waiting& waiting) {
  const bool may_be = waiting.finding.level == model::Level::kInformational && !waiting.was_aside &&
                      !waiting.landed && !waiting.assignment.incident.empty();
  if (!may_be) return false;
  TRY(const triage::IncidentState* state, writer_.state(waiting.assignment.incident));
  return !state->exists();
}

// Those that were put aside and share lineage with this one, which has an incident, are decided
// after it; and their kin after them.
void IncidentRecorder::call_kin(const triage::Finding& of, Time now) {
  // All that is wanted of it first: what is called may move it.
  auto kin = aside_.take_kin(grouper_.linking_entities(of, now), of.event_time.value_or(now));
  for (auto& each : kin) call(std::move(each), now);
}

void IncidentRecorder::call(triage::FindingsAside::Kept kept, Time now) {
  late_.erase(kept.finding.id);
  Waiting& called = waiting_.emplace_back();
  called.payload = std::move(kept.payload);
  called.finding = std::move(kept.finding);
  called.now = now;
  called.was_aside = true;
}

// Before all is decided again.
void IncidentRecorder::send_kin_back() {
  for (Waiting& waiting : waiting_) {
    if (!waiting.was_aside) continue;
    // Some of what was decided may be durable.
    late_.insert(waiting.finding.id);
    aside_.add({std::move(waiting.finding), std::move(waiting.payload), waiting.now, true});
  }
  std::erase_if(waiting_, [](const Waiting& waiting) { return waiting.was_aside; });
}

Result<> IncidentRecorder::own_call(Waiting& waiting, std::vector<EntryDraft>& drafts) {
  const triage::OwnCall& own = *waiting.own;
  const auto told =
      ledger_.find(kTriage, model::entry_id(kTriage, "own_call_seen", waiting.finding.id));
  if (!told && told.error().code() != ErrorCode::kNotFound) return told.error();
  waiting.known = told.has_value();
  if (waiting.known) return {};
  drafts.push_back(
      draft("own_call_seen", waiting.finding.id, waiting.now, json_object([&](JsonWriter& json) {
              json.field("finding", waiting.finding.id)
                  .field("rule", waiting.finding.rule)
                  .field("event", own.event)
                  .field("operation", own.operation);
              json.key("document").raw(waiting.payload);
              append_citation("intended", own.intended, json);
              json.field("by", own.is_answered ? "request_id" : "fit");
            })));
  return {};
}

Result<bool> IncidentRecorder::assign() {
  std::vector<EntryDraft> drafts;
  std::map<std::string, Counted> counted;
  std::vector<std::pair<size_t, size_t>> assigned;  // which draft is whose
  for (size_t i = 0; i < waiting_.size(); ++i) {
    TRY(decide(waiting_[i], drafts, counted));
    const bool has_incident =
        !waiting_[i].own && !waiting_[i].is_aside && !waiting_[i].assignment.folded;
    if (!has_incident) continue;
    if (!waiting_[i].known) assigned.emplace_back(drafts.size() - 1, i);
    if (aside_.size() > 0) call_kin(waiting_[i].finding, waiting_[i].now);
  }
  for (const auto& [group, each] : counted) {
    drafts.push_back(draft("findings_counted", each.findings.front(), each.now,
                           json_object([&](JsonWriter& json) {
                             json.field("incident", each.incident.text())
                                 .field("rule", each.rule)
                                 .field("first", codec::format_timestamp(each.first))
                                 .field("last", codec::format_timestamp(each.last));
                             append_texts("findings", each.findings, json);
                           })));
  }
  std::vector<model::EntryCitation> citations;
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
    citations.insert(citations.end(), appended->citations.begin(), appended->citations.end());
  }
  for (const auto& [at, whose] : assigned) waiting_[whose].triage = citations[at];
  for (auto& [group, each] : counted) {
    for (const std::string& finding : each.findings) counted_.at(hash_of(finding)) = 1;
    const std::string key = each.findings.front();
    open_counted_[key] = std::move(each);
  }
  return true;
}

// ---------------------------------------------------------------- what incidents say

Result<IncidentRecorder::Refused> IncidentRecorder::record() {
  Facts facts;
  Refused refused;
  for (const Waiting& waiting : waiting_) TRY(record(waiting, facts, refused));
  TRY(write(facts, refused));
  for (const Waiting& waiting : waiting_) {
    if (refused.contains(waiting.finding.id) || waiting.is_aside) continue;
    counts_.known += waiting.known;
    counts_.folded += waiting.assignment.folded;
    counts_.own += waiting.own.has_value();
    counts_.opened += !waiting.known && waiting.assignment.opens;
    if (!waiting.known) counts_.merged += waiting.assignment.merges.size();
    const IncidentId& incident = waiting.assignment.incident;
    if (!incident.empty() && touched_.size() < kTouchedMax) touched_.insert(incident);
  }
  return refused;
}

Result<> IncidentRecorder::record(const Waiting& waiting, Facts& facts, Refused& refused) {
  if (waiting.is_aside) return {};
  const triage::Assignment& assignment = waiting.assignment;
  if (assignment.folded) {
    // All of its group at the place of the first.
    const auto counted = open_counted_.find(waiting.finding.id);
    if (counted == open_counted_.end()) return {};
    facts[counted->second.incident].push_back(counted_fact(counted->second));
    open_counted_.erase(counted);
    return {};
  }
  if (assignment.incident.empty()) return {};  // it is our own call's, or was erased
  for (const triage::Merge& each : assignment.merges) {
    merges_[each.absorbed] = {each.absorbed, each.into, std::string(kEngine), each.because};
    // Nothing of what few may see is told where many may, before these are few, too.
    TRY(const bool secret, is_secret(each.absorbed));
    if (secret) {
      TRY(write(facts, refused));  // what is merged has all its findings
      TRY(complete(each.absorbed, waiting.now));
      continue;
    }
    open_merges_[each.absorbed] = waiting.now;
    left_.push_back(each.absorbed);
  }
  if (waiting.landed) return {};
  std::vector<IncidentFact>& of_incident = facts[assignment.incident];
  if (assignment.opens) {
    of_incident.push_back({.kind = IncidentFact::Kind::kOpened,
                           .draft = draft("incident_opened", assignment.incident.text(),
                                          waiting.now, json_object([&](JsonWriter& json) {
                                            json.field("incident", assignment.incident.text())
                                                .field("title", waiting.finding.title)
                                                .field("by", "finding")
                                                .field("finding", waiting.finding.id);
                                            append_citation("triage", waiting.triage, json);
                                            if (options_.replayed) json.field("replayed", true);
                                          })),
                           .may_be_there = waiting.known});
  }
  of_incident.push_back(
      {.kind = IncidentFact::Kind::kJoined,
       .draft = draft("finding_joined", waiting.finding.id, waiting.now,
                      output::joined_payload(waiting.payload, assignment.because, waiting.triage)),
       .finding = waiting.finding,
       .may_be_there = waiting.known});
  return {};
}

Result<bool> IncidentRecorder::is_secret(const IncidentId& incident) {
  TRY(const triage::IncidentState* state, writer_.state(incident));
  return state->restricted || state->tlp.has_value();
}

Result<> IncidentRecorder::write(Facts& facts, Refused& refused) {
  for (auto& [incident, of_incident] : facts) {
    if (grouper_.is_too_wide(incident)) {
      of_incident.push_back(
          {.kind = IncidentFact::Kind::kTooWide,
           .draft = draft("task_added", std::string(IncidentWriter::kTooWideTask),
                          of_incident.back().draft.time, json_object([](JsonWriter& json) {
                            json.field("task", IncidentWriter::kTooWideTask)
                                .field("title",
                                       fmt::format("More than {} people and roles are in this "
                                                   "incident: split it, or say that it is one",
                                                   triage::kPrincipalsUnasked));
                          })),
           .may_be_there = true});
    }
    TRY(const bool written, writer_.write(incident, of_incident));
    if (written) continue;
    for (const IncidentFact& fact : of_incident) {
      if (fact.kind == IncidentFact::Kind::kJoined) refused.insert(fact.finding.id);
    }
  }
  facts.clear();
  return {};
}

Result<> IncidentRecorder::complete(const IncidentId& absorbed, Time now) {
  TRY(complete_merge(ledger_, merges_, absorbed, now, options_.content_version, merge_view()));
  open_merges_.erase(absorbed);
  return {};
}

MergeView IncidentRecorder::merge_view() {
  return {
      .read = [this](const IncidentId& incident) { return writer_.state(incident); },
      .said = [this](const auto&... what) { writer_.learn_said(what...); },
      .weigh =
          [this](const IncidentId& incident, std::optional<model::Severity> unless) {
            return writer_.weigh(incident, unless);
          },
  };
}

IncidentFact IncidentRecorder::counted_fact(const Counted& counted) const {
  return {.kind = IncidentFact::Kind::kCounted,
          .draft = draft("findings_folded", counted.findings.front(), counted.now,
                         json_object([&](JsonWriter& json) {
                           std::vector<std::string> samples = counted.findings;
                           samples.resize(std::min(samples.size(), kSamples));
                           json.field("rule", counted.rule)
                               .field("incident", counted.incident.text())
                               .field("count", counted.count)
                               .field("first", codec::format_timestamp(counted.first))
                               .field("last", codec::format_timestamp(counted.last));
                           append_texts("samples", samples, json);
                         })),
          .may_be_there = true};
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

// Merging and splitting: what people do to more than one incident.
//
// No append spans streams, so either is a row of appends that a crash may interrupt, and that is
// completed by being repeated: its keys are made of what is merged or split. Who merges says so in
// the stream "triage" first, at the place up to which that stream was read. Only one can be the
// next there; whoever comes second reads again, and sees that the first one merges. Else two people
// who merge A into B and B into A at once would end both.

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "host/incident.h"
#include "host/incident_drafts.h"
#include "triage/joined.h"

namespace stanch::host {

namespace {

using codec::JsonWriter;
using model::Entry;
using model::EntryDraft;
using model::IncidentId;
using model::StreamId;

constexpr unsigned kTriesMax = 100;

const StreamId& triage_stream() {
  static const StreamId stream("triage");
  return stream;
}

// What "triage" says of merges, whether or not their incidents say so yet.
struct BegunMerge {
  std::string into, actor;
  std::vector<std::string> because;
};
struct Begun {
  uint64_t next = 0;                         // entry of that stream
  std::map<std::string, BegunMerge> merges;  // by what is absorbed
};
Result<Begun> begun_merges(ledger::Ledger& ledger) {
  Begun begun;
  codec::JsonParser parser(codec::JsonParser::Texts::kFew);
  for (;;) {
    TRY(const std::vector<Entry> page, ledger.read(triage_stream(), begun.next));
    if (page.empty()) return begun;
    begun.next += page.size();
    for (const Entry& entry : page) {
      if (entry.kind != "incidents_merged" || !entry.payload) continue;
      const codec::JsonView payload = parser.parse(entry.payload->json);
      BegunMerge merge{payload["into"].string_or_empty(), entry.actor, {}};
      for (const codec::JsonView text : payload["because"].elements()) {
        merge.because.push_back(text.string_or_empty());
      }
      begun.merges[payload["absorbed"].string_or_empty()] = std::move(merge);
    }
  }
}

Error invalid(std::string text) { return {ErrorCode::kInvalid, std::move(text)}; }

// True if it has begun already, and is to be completed.
Result<bool> check_merge(const triage::IncidentState& from, const triage::IncidentState& into,
                         const Begun& begun) {
  const auto goes_on_in = [&](const triage::IncidentState& state) {
    const auto found = begun.merges.find(state.id.text());
    return !state.merged_into.empty() || found == begun.merges.end() ? state.merged_into
                                                                     : found->second.into;
  };
  const std::string from_in = goes_on_in(from), into_in = goes_on_in(into);
  if (from_in == into.id.text()) return true;
  if (!from_in.empty()) {
    return invalid(fmt::format("{} goes on in {} already", from.id.text(), from_in));
  }
  if (!into_in.empty()) {
    return invalid(fmt::format("{} goes on in {}: merge into that", into.id.text(), into_in));
  }
  TRY(check_open(from));
  TRY(check_open(into));
  return false;
}

Result<> begin_merge(env::Env& env, ledger::Ledger& ledger, const MergeRequest& request) {
  const EntryDraft begins =
      draft("incidents_merged", request.absorbed.text(), env.clock.now(), request.actor,
            json_object([&](JsonWriter& json) {
              json.field("absorbed", request.absorbed.text()).field("into", request.into.text());
              append_texts("because", {request.reason}, json);
            }));
  for (unsigned attempt = 1;; ++attempt) {
    // First what the others began: what they do to the incidents comes later.
    TRY(const Begun begun, begun_merges(ledger));
    TRY(const triage::IncidentState from, load_incident(ledger, request.absorbed));
    TRY(const triage::IncidentState into, load_incident(ledger, request.into));
    TRY(const bool completes, check_merge(from, into, begun));
    if (completes) return {};
    auto appended = ledger.append(triage_stream(), begun.next, std::span(&begins, 1));
    if (!appended && appended.error().code() == ErrorCode::kUnknownOutcome) {
      appended = ledger::settle_append(ledger, triage_stream(), begun.next, std::span(&begins, 1));
    }
    if (appended) return {};
    const ErrorCode code = appended.error().code();
    const bool again = code == ErrorCode::kConflict || code == ErrorCode::kNotFound;
    if (!again || attempt == kTriesMax) return appended.error();
  }
}

Result<> append_all(ledger::Ledger& ledger, const IncidentId& incident,
                    const std::vector<EntryDraft>& drafts) {
  for (size_t at = 0; at < drafts.size(); at += ledger::kAppendEntriesMax) {
    const size_t count = std::min(drafts.size() - at, ledger::kAppendEntriesMax);
    TRY(ledger::append_missing(ledger, incident_stream(incident),
                               std::span(drafts).subspan(at, count)));
  }
  return {};
}

void append_as_is(const codec::JsonView& value, JsonWriter& json) {
  if (value.is_string()) {
    json.string(value.string_or_empty());
  } else {
    json.raw(value.raw());
  }
}

// The payload, with one more reason in front.
std::string because_too(const std::string& payload, const std::string& reason) {
  codec::JsonParser parser(codec::JsonParser::Texts::kFew);
  const codec::JsonView view = parser.parse(payload);
  return json_object([&](JsonWriter& json) {
    for (const codec::JsonMember member : view.members()) {
      const std::string name = member.key.string_or_empty();
      json.key(name);
      if (name != "because" || !member.value.is_array()) {
        append_as_is(member.value, json);
        continue;
      }
      json.begin_array().string(reason);
      for (const codec::JsonView text : member.value.elements()) append_as_is(text, json);
      json.end_array();
    }
  });
}

struct Completing {
  ledger::Ledger& ledger;
  const Begun& begun;
  Time now;
  std::set<std::string> met = {};  // so that a circle, which nobody should write, ends
};

EntryDraft severity_brought(const triage::IncidentState& from, const triage::IncidentState& into,
                            const BegunMerge& merge, Time now) {
  return draft("severity_set", "came in with " + from.id.text(), now, merge.actor,
               json_object([&](JsonWriter& json) {
                 const bool engine = merge.actor == "engine";
                 json.field("severity", name_of(*from.severity));
                 if (into.severity) json.field("previous", name_of(*into.severity));
                 json.field("by", engine ? "matrix" : "person");
                 append_texts("because", {from.id.text() + ", which came in, was as severe"}, json);
                 if (!engine && !merge.because.empty()) json.field("reason", merge.because[0]);
               }));
}

// Whoever began it may have been interrupted, or be at it just now: two who do it do no harm.
Result<> complete_merge(Completing& in, const IncidentId& absorbed) {
  const auto found = in.begun.merges.find(absorbed.text());
  // Nothing said so first: a program before this one merged it.
  if (found == in.begun.merges.end() || !in.met.insert(absorbed.text()).second) return {};
  const BegunMerge& merge = found->second;
  const IncidentId into(merge.into);
  TRY(const triage::IncidentState before, load_incident(in.ledger, absorbed));
  // What others merge into it has to be there first, or would never go on with it. No circle comes
  // of that: whoever begins a merge has checked.
  for (const auto& [earlier, its] : in.begun.merges) {
    if (its.into != absorbed.text() || before.merged_from.contains(earlier)) continue;
    TRY(complete_merge(in, IncidentId(earlier)));
  }
  const EntryDraft ends =
      draft("merged_into", into.text(), in.now, merge.actor, json_object([&](JsonWriter& json) {
              json.field("incident", into.text());
              append_texts("because", merge.because, json);
            }));
  TRY(const ledger::Appended ended,
      ledger::append_missing(in.ledger, incident_stream(absorbed), std::span(&ends, 1)));
  TRY(const std::vector<Entry> entries, ledger::read_all(in.ledger, incident_stream(absorbed)));
  std::vector<EntryDraft> drafts;
  for (const triage::JoinedEntry& joined : triage::joined_now(entries)) {
    drafts.push_back(draft("finding_joined", triage::joined_key(joined.finding, absorbed), in.now,
                           merge.actor,
                           because_too(joined.payload, "merged from " + absorbed.text())));
  }
  TRY(const triage::IncidentState from, load_incident(in.ledger, absorbed));
  TRY(const triage::IncidentState goes_on, load_incident(in.ledger, into));
  // What was bad stays as bad, whoever said so.
  if (from.severity && (!goes_on.severity || *from.severity < *goes_on.severity)) {
    drafts.push_back(severity_brought(from, goes_on, merge, in.now));
  }
  // Last, so that it says that all of them are there.
  drafts.push_back(
      draft("merged_from", absorbed.text(), in.now, merge.actor, json_object([&](JsonWriter& json) {
              json.field("incident", absorbed.text());
              append_citation("merged", ended.citations[0], json);
            })));
  return append_all(in.ledger, into, drafts);
}

// Where findings leave for. Findings that left, came back by a merge and leave again leave for
// another incident; else the name is always the same, so that a split can be repeated.
IncidentId split_target(const triage::IncidentState& state, const std::set<std::string>& leaving) {
  std::string act = "split " + state.id.text();
  for (const std::string& finding : leaving) act += " " + finding;
  IncidentId into = model::incident_id_of_act(act);
  for (unsigned again = 2;
       state.split_into.contains(into.text()) && state.merged_from.contains(into.text()); ++again) {
    into = model::incident_id_of_act(fmt::format("{} again {}", act, again));
  }
  return into;
}

// Of the worst of them, the earliest.
std::string title_of(const triage::IncidentState& state, const std::set<std::string>& leaving) {
  const triage::Finding* worst = nullptr;
  for (const auto& [id, joined] : state.findings) {
    const triage::Finding& finding = joined.finding;
    if (!leaving.contains(id)) continue;
    if (worst == nullptr || finding.level > worst->level ||
        (finding.level == worst->level && finding.event_time < worst->event_time)) {
      worst = &finding;
    }
  }
  return worst == nullptr ? state.title : worst->title;
}

Result<std::vector<Said>> say_split(const triage::IncidentState& state, const IncidentId& into,
                                    const std::set<std::string>& leaving,
                                    const std::string& reason) {
  if (state.split_into.contains(into.text())) return std::vector<Said>();  // to be completed
  TRY(check_open(state));
  for (const std::string& finding : leaving) {
    const auto found = state.findings.find(finding);
    if (found == state.findings.end() || found->second.gone) {
      return invalid(fmt::format("incident {} has no finding {}", state.id.text(), finding));
    }
  }
  if (leaving.empty() || leaving.size() == state.finding_count()) {
    return invalid("some findings of an incident must leave, and some stay");
  }
  return std::vector<Said>{{"split", json_object([&](JsonWriter& json) {
                              json.field("into", into.text());
                              append_texts("findings", {leaving.begin(), leaving.end()}, json);
                              json.field("reason", reason);
                            })}};
}

}  // namespace

Result<> merge_incidents(env::Env& env, ledger::Ledger& ledger, const MergeRequest& request) {
  if (request.absorbed == request.into) return invalid("an incident cannot be merged into itself");
  TRY(begin_merge(env, ledger, request));
  TRY(const Begun begun, begun_merges(ledger));
  Completing completing{ledger, begun, env.clock.now()};
  return complete_merge(completing, request.absorbed);
}

Result<IncidentId> split_incident(env::Env& env, ledger::Ledger& ledger,
                                  const SplitRequest& request) {
  const std::set<std::string> leaving(request.findings.begin(), request.findings.end());
  TRY(const triage::IncidentState before, load_incident(ledger, request.incident));
  const IncidentId into = split_target(before, leaving);
  TRY(const Acted acted,
      act(env, ledger, request.incident, request.actor, [&](const triage::IncidentState& now) {
        return say_split(now, into, leaving, request.reason);
      }));
  const triage::IncidentState& state = acted.state;

  TRY(const std::vector<Entry> entries,
      ledger::read_all(ledger, incident_stream(request.incident)));
  codec::JsonParser parser(codec::JsonParser::Texts::kFew);
  const auto split = std::ranges::find_if(entries, [&](const Entry& entry) {
    return entry.kind == "split" && entry.payload &&
           parser.parse(entry.payload->json)["into"].string_or_empty() == into.text();
  });
  if (split == entries.end()) return Error(ErrorCode::kConflict, "the split was not found again");
  const Time now = split->time;
  std::vector<EntryDraft> drafts = {
      draft("incident_opened", into.text(), now, request.actor, json_object([&](JsonWriter& json) {
              json.field("incident", into.text())
                  .field("title", request.title.empty() ? title_of(state, leaving) : request.title)
                  .field("by", "split");
              append_citation("split_from", model::citation_of(*split), json);
            }))};
  if (state.severity) {
    drafts.push_back(
        draft("severity_set", "split", now, request.actor, json_object([&](JsonWriter& json) {
                json.field("severity", name_of(*state.severity)).field("by", "person");
                append_texts("because", {"as the incident that it was split from"}, json);
                json.field("reason", request.reason);
              })));
  }
  // As it was when they left.
  const std::span<const Entry> until(entries.begin(), split);
  for (const triage::JoinedEntry& joined : triage::joined_now(until)) {
    if (!leaving.contains(joined.finding)) continue;
    drafts.push_back(draft("finding_joined", joined.finding, now, request.actor,
                           because_too(joined.payload, "split from " + request.incident.text())));
  }
  TRY(append_all(ledger, into, drafts));
  return into;
}

}  // namespace stanch::host

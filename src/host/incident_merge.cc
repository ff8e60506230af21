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
#include "host/limits.h"
#include "pipeline/incident_merge.h"
#include "triage/joined.h"

namespace stanch::host {

namespace {

using codec::JsonWriter;
using model::Entry;
using model::EntryDraft;
using model::IncidentId;
using model::StreamId;

// What "triage" says of merges, whether or not their incidents say so yet.
struct Begun {
  uint64_t next = 0;  // entry of that stream
  pipeline::BegunMerges merges;
};
Result<Begun> begun_merges(ledger::Ledger& ledger) {
  Begun begun;
  codec::JsonParser parser(codec::JsonParser::Texts::kFew);
  for (;;) {
    TRY(const std::vector<Entry> page, ledger.read(model::kTriageStream, begun.next));
    if (page.empty()) return begun;
    begun.next += page.size();
    for (const Entry& entry : page) {
      if (auto merge = pipeline::begun_merge_of(entry, parser)) {
        begun.merges[merge->absorbed] = std::move(*merge);
      }
    }
  }
}

Error invalid(std::string text) { return {ErrorCode::kInvalid, std::move(text)}; }

// True if it has begun already, and is to be completed.
Result<bool> check_merge(const triage::IncidentState& from, const triage::IncidentState& into,
                         const Begun& begun) {
  const auto goes_on_in = [&](const triage::IncidentState& state) {
    const auto found = begun.merges.find(state.id);
    return !state.merged_into.empty() || found == begun.merges.end() ? state.merged_into
                                                                     : found->second.into.text();
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
  if (from.drill != into.drill) {
    return invalid(fmt::format("{} is a drill, and {} is not", (from.drill ? from : into).id.text(),
                               (from.drill ? into : from).id.text()));
  }
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
    auto appended = ledger.append(model::kTriageStream, begun.next, std::span(&begins, 1));
    if (!appended && appended.error().code() == ErrorCode::kUnknownOutcome) {
      appended =
          ledger::settle_append(ledger, model::kTriageStream, begun.next, std::span(&begins, 1));
    }
    if (appended) return {};
    const ErrorCode code = appended.error().code();
    const bool again = code == ErrorCode::kConflict || code == ErrorCode::kNotFound;
    if (!again || attempt == kAppendTriesMax) return appended.error();
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
  std::map<IncidentId, triage::IncidentState> states;
  const pipeline::ReadIncident read =
      [&](const IncidentId& id) -> Result<const triage::IncidentState*> {
    TRY(states[id], load_incident(ledger, id));
    return &states[id];
  };
  return pipeline::complete_merge(ledger, begun.merges, request.absorbed, env.clock.now(), "",
                                  {.read = read});
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
              if (state.drill) json.field("drill", true);
            }))};
  // Who may not see the one may not see the other.
  if (state.restricted) {
    drafts.push_back(draft(
        "restricted", "split", now, request.actor, json_object([&](JsonWriter& json) {
          // Without a name it would say that it is restricted no longer.
          append_texts("people",
                       state.people.empty() ? std::vector<std::string>{"nobody"} : state.people,
                       json);
          json.field("reason", "as the incident that it was split from");
        })));
  }
  if (state.tlp) {
    drafts.push_back(
        draft("tlp_set", "split", now, request.actor,
              json_object([&](JsonWriter& json) { json.field("tlp", name_of(*state.tlp)); })));
  }
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
    drafts.push_back(
        draft("finding_joined", joined.finding, now, request.actor,
              pipeline::because_too(joined.payload, "split from " + request.incident.text())));
  }
  TRY(append_all(ledger, into, drafts));
  return into;
}

}  // namespace stanch::host

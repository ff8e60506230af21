#include "host/incident.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "codec/hash.h"

namespace stanch::host {

namespace {

using codec::JsonWriter;
using model::Entry;
using model::EntryDraft;
using model::IncidentId;
using model::StreamId;

constexpr std::string_view kPrefix = "incident/";
constexpr unsigned kTriesMax = 100;

// So that each act of a person is its own.
std::string new_key(env::Random& random) {
  std::array<uint8_t, 16> bytes;
  random.fill(bytes);
  return codec::to_base32(bytes);
}

EntryDraft draft(std::string kind, std::string key, Time now, std::string actor,
                 std::string payload) {
  return {.kind = std::move(kind),
          .key = std::move(key),
          .time = now,
          .actor = std::move(actor),
          .content_version = "",
          .payload = std::move(payload)};
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

Error no_incident(std::string_view text) {
  return {ErrorCode::kNotFound, fmt::format("there is no incident {}", text)};
}

// The finding_joined payloads of an incident, by finding.
Result<std::vector<std::pair<std::string, std::string>>> joined_payloads(
    ledger::Ledger& ledger, const IncidentId& incident) {
  std::vector<std::pair<std::string, std::string>> payloads;
  codec::JsonParser parser(codec::JsonParser::Texts::kFew);
  TRY(const std::vector<Entry> entries, ledger::read_all(ledger, incident_stream(incident)));
  for (const Entry& entry : entries) {
    if (entry.kind != "finding_joined" || !entry.payload) continue;
    const codec::JsonView payload = parser.parse(entry.payload->json);
    payloads.emplace_back(payload["finding"].string_or_empty(), entry.payload->json);
  }
  return payloads;
}

}  // namespace

StreamId incident_stream(const IncidentId& incident) {
  return StreamId(std::string(kPrefix) + incident.text());
}

Result<IncidentId> find_incident(ledger::Ledger& ledger, std::string_view text) {
  const std::string id = text.starts_with("inc-") ? std::string(text) : "inc-" + std::string(text);
  if (!model::stream_complaint(id).empty()) return no_incident("of that name");
  constexpr size_t kNamed = 5;
  TRY(const auto heads, ledger.streams(std::string(kPrefix) + id, "", kNamed + 1));
  const auto name_of = [](const ledger::StreamHead& head) {
    return head.stream.text().substr(kPrefix.size());
  };
  if (heads.empty()) return no_incident(id);
  if (heads.size() == 1 || name_of(heads[0]) == id) return IncidentId(name_of(heads[0]));
  std::string names;
  for (size_t i = 0; i < std::min(heads.size(), kNamed); ++i) {
    names += fmt::format("{}{}", names.empty() ? "" : ", ", name_of(heads[i]));
  }
  return Error(ErrorCode::kInvalid, fmt::format("{} is the beginning of several incidents: {}{}",
                                                id, names, heads.size() > kNamed ? " …" : ""));
}

Result<triage::IncidentState> load_incident(ledger::Ledger& ledger, const IncidentId& incident) {
  triage::IncidentFold fold(incident);
  TRY(ledger::each_entry(ledger, incident_stream(incident), [&](const Entry& entry) -> Result<> {
    fold.apply(entry);
    return {};
  }));
  if (!fold.state().exists()) return no_incident(incident.text());
  return fold.state();
}

Result<triage::IncidentState> act(env::Env& env, ledger::Ledger& ledger, const IncidentId& incident,
                                  const std::string& actor, const Act& act) {
  const StreamId stream = incident_stream(incident);
  const std::string key = new_key(env.random);  // the same in every try: it is one act
  for (unsigned attempt = 1;; ++attempt) {
    TRY(const triage::IncidentState state, load_incident(ledger, incident));
    TRY(const std::vector<Said> said, act(state));
    std::vector<EntryDraft> drafts;
    for (const Said& each : said) {
      drafts.push_back(draft(each.kind, fmt::format("{} {}", key, drafts.size()), env.clock.now(),
                             actor, each.payload));
    }
    if (drafts.empty()) return state;
    auto appended = ledger.append(stream, state.entries, drafts);
    if (!appended && appended.error().code() == ErrorCode::kUnknownOutcome) {
      appended = ledger::settle_append(ledger, stream, state.entries, drafts);
    }
    if (appended) return load_incident(ledger, incident);
    const ErrorCode code = appended.error().code();
    const bool again = code == ErrorCode::kConflict || code == ErrorCode::kNotFound;
    if (!again || attempt == kTriesMax) return appended.error();
  }
}

Result<IncidentId> open_incident(env::Env& env, ledger::Ledger& ledger,
                                 const OpenRequest& request) {
  const IncidentId incident = model::incident_id_of_act(new_key(env.random));
  const Time now = env.clock.now();
  const std::vector<EntryDraft> drafts = {
      draft("incident_opened", incident.text(), now, request.actor,
            json_object([&](JsonWriter& json) {
              json.field("incident", incident.text()).field("title", request.title);
              json.field("by", "person");
              if (!request.source.empty()) json.field("source", request.source);
              if (!request.description.empty()) json.field("description", request.description);
              if (request.drill) json.field("drill", true);
            })),
      draft("severity_set", "opening", now, request.actor, json_object([&](JsonWriter& json) {
              json.field("severity", name_of(request.severity)).field("by", "person");
              append_texts("because", {"said by whoever opened it"}, json);
              if (!request.reason.empty()) json.field("reason", request.reason);
            }))};
  TRY(ledger::append_missing(ledger, incident_stream(incident), drafts));
  return incident;
}

Result<> merge_incidents(env::Env& env, ledger::Ledger& ledger, const MergeRequest& request) {
  if (request.absorbed == request.into) {
    return Error(ErrorCode::kInvalid, "an incident cannot be merged into itself");
  }
  TRY(const triage::IncidentState from, load_incident(ledger, request.absorbed));
  TRY(const triage::IncidentState into, load_incident(ledger, request.into));
  if (!into.merged_into.empty()) {
    return Error(ErrorCode::kInvalid, fmt::format("{} goes on in {}: merge into that",
                                                  into.id.text(), into.merged_into));
  }
  if (!from.merged_into.empty() && from.merged_into != request.into.text()) {
    return Error(ErrorCode::kInvalid,
                 fmt::format("{} goes on in {} already", from.id.text(), from.merged_into));
  }
  const Time now = env.clock.now();
  // Keys are made of the incidents, so that repeating it completes it.
  const EntryDraft ends = draft("merged_into", request.into.text(), now, request.actor,
                                json_object([&](JsonWriter& json) {
                                  json.field("incident", request.into.text());
                                  append_texts("because", {request.reason}, json);
                                }));
  TRY(const ledger::Appended ended,
      ledger::append_missing(ledger, incident_stream(request.absorbed), std::span(&ends, 1)));
  TRY(const auto payloads, joined_payloads(ledger, request.absorbed));
  std::vector<EntryDraft> drafts;
  for (const auto& [finding, payload] : payloads) {
    const auto in = [&](const triage::IncidentState& state, bool gone) {
      const auto found = state.findings.find(finding);
      return found != state.findings.end() && found->second.gone == gone;
    };
    if (in(from, true)) continue;
    // One that once left `into` comes back: an entry of its own, since the first is there.
    std::string key = finding;
    if (in(into, true)) key += " back from " + request.absorbed.text();
    drafts.push_back(draft("finding_joined", key, now, request.actor, payload));
  }
  // What was bad stays as bad, whoever said so.
  if (from.severity && (!into.severity || *from.severity < *into.severity)) {
    drafts.push_back(
        draft("severity_set", "came in with " + request.absorbed.text(), now, request.actor,
              json_object([&](JsonWriter& json) {
                json.field("severity", name_of(*from.severity));
                if (into.severity) json.field("previous", name_of(*into.severity));
                json.field("by", "person");
                append_texts("because",
                             {request.absorbed.text() + ", which came in, was as severe"}, json);
                json.field("reason", request.reason);
              })));
  }
  drafts.push_back(draft("merged_from", request.absorbed.text(), now, request.actor,
                         json_object([&](JsonWriter& json) {
                           json.field("incident", request.absorbed.text());
                           append_citation("merged", ended.citations[0], json);
                         })));
  for (size_t at = 0; at < drafts.size(); at += ledger::kAppendEntriesMax) {
    const size_t count = std::min(drafts.size() - at, ledger::kAppendEntriesMax);
    TRY(ledger::append_missing(ledger, incident_stream(request.into),
                               std::span(drafts).subspan(at, count)));
  }
  return {};
}

Result<IncidentId> split_incident(env::Env& env, ledger::Ledger& ledger,
                                  const SplitRequest& request) {
  const std::set<std::string> leaving(request.findings.begin(), request.findings.end());
  std::string act_name = "split " + request.incident.text();
  for (const std::string& finding : leaving) act_name += " " + finding;
  const IncidentId into = model::incident_id_of_act(act_name);  // so that it can be repeated

  const Act leave = [&](const triage::IncidentState& state) -> Result<std::vector<Said>> {
    if (state.split_into.contains(into.text())) return std::vector<Said>();
    for (const std::string& finding : leaving) {
      const auto found = state.findings.find(finding);
      if (found == state.findings.end() || found->second.gone) {
        return Error(ErrorCode::kInvalid,
                     fmt::format("{} has no finding {}", state.id.text(), finding));
      }
    }
    if (leaving.empty() || leaving.size() == state.finding_count()) {
      return Error(ErrorCode::kInvalid, "some findings must leave, and some stay");
    }
    return std::vector<Said>{{"split", json_object([&](JsonWriter& json) {
                                json.field("into", into.text());
                                append_texts("findings", {leaving.begin(), leaving.end()}, json);
                                json.field("reason", request.reason);
                              })}};
  };
  TRY(const triage::IncidentState state, act(env, ledger, request.incident, request.actor, leave));

  TRY(const std::vector<Entry> entries,
      ledger::read_all(ledger, incident_stream(request.incident)));
  const auto split = std::ranges::find_if(entries, [&](const Entry& entry) {
    return entry.kind == "split" && entry.payload &&
           entry.payload->json.find("\"" + into.text() + "\"") != std::string::npos;
  });
  if (split == entries.end()) return Error(ErrorCode::kConflict, "the split was not found again");
  const Time now = split->time;
  std::vector<EntryDraft> drafts = {
      draft("incident_opened", into.text(), now, request.actor, json_object([&](JsonWriter& json) {
              json.field("incident", into.text())
                  .field("title", request.title.empty() ? state.title : request.title)
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
  TRY(const auto payloads, joined_payloads(ledger, request.incident));
  for (const auto& [finding, payload] : payloads) {
    if (leaving.contains(finding)) {
      drafts.push_back(draft("finding_joined", finding, now, request.actor, payload));
    }
  }
  for (size_t at = 0; at < drafts.size(); at += ledger::kAppendEntriesMax) {
    const size_t count = std::min(drafts.size() - at, ledger::kAppendEntriesMax);
    TRY(ledger::append_missing(ledger, incident_stream(into),
                               std::span(drafts).subspan(at, count)));
  }
  return into;
}

}  // namespace stanch::host

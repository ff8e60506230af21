#include "host/incident.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "codec/hash.h"
#include "host/incident_drafts.h"
#include "host/limits.h"

namespace stanch::host {

namespace {

using codec::JsonWriter;
using model::Entry;
using model::EntryDraft;
using model::IncidentId;
using model::StreamId;

// So that each act of a person is its own.
std::string new_key(env::Random& random) {
  std::array<uint8_t, 16> bytes;
  random.fill(bytes);
  return codec::to_base32(bytes);
}

Error no_incident(std::string_view text) {
  return {ErrorCode::kNotFound, fmt::format("there is no incident {}", text)};
}

}  // namespace

Result<IncidentId> find_incident(ledger::Ledger& ledger, std::string_view text) {
  const std::string id = text.starts_with("inc-") ? std::string(text) : "inc-" + std::string(text);
  if (!model::stream_complaint(id).empty()) return no_incident("of that name");
  constexpr size_t kNamed = 5;
  const StreamId beginning = incident_stream(IncidentId(id));
  TRY(const auto heads, ledger.streams(beginning.text(), "", kNamed + 1));
  const auto id_of = [](const ledger::StreamHead& head) {
    return *model::find_incident_of(head.stream);
  };
  if (heads.empty()) return no_incident(id);
  if (heads.size() == 1 || heads[0].stream == beginning) return id_of(heads[0]);
  std::string names;
  for (size_t i = 0; i < std::min(heads.size(), kNamed); ++i) {
    names += fmt::format("{}{}", names.empty() ? "" : ", ", id_of(heads[i]).text());
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

Result<> check_here(const triage::IncidentState& state) {
  if (!state.merged_into.empty()) {
    return Error(ErrorCode::kInvalid, fmt::format("incident {} goes on in {}: say it there",
                                                  state.id.text(), state.merged_into));
  }
  return {};
}

Result<> check_open(const triage::IncidentState& state) {
  TRY(check_here(state));
  if (state.is_closed()) {
    return Error(ErrorCode::kInvalid,
                 fmt::format("incident {} is closed; 'stanch incident reopen' opens it again",
                             state.id.text()));
  }
  return {};
}

Result<Acted> act(env::Env& env, ledger::Ledger& ledger, const IncidentId& incident,
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
    if (drafts.empty()) return Acted{state, state.entries};
    auto appended = ledger.append(stream, state.entries, drafts);
    if (!appended && appended.error().code() == ErrorCode::kUnknownOutcome) {
      appended = ledger::settle_append(ledger, stream, state.entries, drafts);
    }
    if (appended) {
      TRY(triage::IncidentState after, load_incident(ledger, incident));
      return Acted{std::move(after), appended->next};
    }
    const ErrorCode code = appended.error().code();
    const bool again = code == ErrorCode::kConflict || code == ErrorCode::kNotFound;
    if (!again || attempt == kAppendTriesMax) return appended.error();
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

}  // namespace stanch::host

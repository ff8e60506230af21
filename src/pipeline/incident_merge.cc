#include "pipeline/incident_merge.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <span>
#include <utility>

#include "codec/json_writer.h"
#include "triage/joined.h"
#include "triage/state.h"

namespace stanch::pipeline {

namespace {

using codec::json_object;
using codec::JsonView;
using codec::JsonWriter;
using model::Entry;
using model::EntryDraft;
using model::IncidentId;

void append_as_is(const JsonView& value, JsonWriter& json) {
  if (value.is_string()) {
    json.string(value.string_or_empty());
  } else {
    json.raw(value.raw());
  }
}

class Completing {
 public:
  Completing(ledger::Ledger& ledger, const BegunMerges& begun, Time now,
             const std::string& content_version, const ReadIncident& read, const MergeSaid& said)
      : ledger_(ledger),
        begun_(begun),
        now_(now),
        content_version_(content_version),
        read_(read),
        said_(said) {}

  Result<> complete(const IncidentId& absorbed) {
    const auto found = begun_.find(absorbed);
    if (found == begun_.end() || !met_.insert(absorbed).second) return {};
    const BegunMerge& merge = found->second;
    TRY(const triage::IncidentState* ends, read_(absorbed));
    if (!ends->merged_into.empty() && ends->merged_into != merge.into.text()) return {};
    const std::set<std::string> came_in = ends->merged_from;
    TRY(const triage::IncidentState* goes_on, read_(merge.into));
    if (goes_on->merged_from.contains(absorbed.text())) return {};  // that comes last
    // What others merge into it has to be there first, or would never go on with it. A circle,
    // which nobody should write, ends by what was met.
    for (const auto& [earlier, its] : begun_) {
      if (its.into != absorbed || came_in.contains(earlier.text())) continue;
      TRY(complete(earlier));
    }
    return bring(merge);
  }

 private:
  // What of one must not be lost in the other.
  struct Standing {
    bool restricted = false;
    std::vector<std::string> people;
    std::optional<model::Tlp> tlp;
    std::optional<model::Severity> severity;
  };
  Result<Standing> standing(const IncidentId& incident) const {
    TRY(const triage::IncidentState* state, read_(incident));
    return Standing{state->restricted, state->people, state->tlp, state->severity};
  }

  Result<> bring(const BegunMerge& merge) {
    const EntryDraft ends = draft(merge, "merged_into", merge.into.text(), [&](JsonWriter& json) {
      json.field("incident", merge.into.text());
      append_texts("because", merge.because, json);
    });
    TRY(const ledger::Appended ended, append(merge.absorbed, std::span(&ends, 1)));
    TRY(const Standing from, standing(merge.absorbed));
    TRY(const Standing goes_on, standing(merge.into));  // with what others have brought
    TRY(const std::vector<Entry> entries,
        ledger::read_all(ledger_, incident_stream(merge.absorbed)));
    std::vector<EntryDraft> drafts;
    bring_secrecy(merge, from, goes_on, drafts);
    for (const triage::JoinedEntry& joined : triage::joined_now(entries)) {
      EntryDraft& each = drafts.emplace_back(
          draft(merge, "finding_joined", triage::joined_key(joined.finding, merge.absorbed), {}));
      each.payload = because_too(joined.payload, "merged from " + merge.absorbed.text());
    }
    bring_counts(merge, entries, drafts);
    bring_severity(merge, from, goes_on, drafts);
    drafts.push_back(draft(merge, "merged_from", merge.absorbed.text(), [&](JsonWriter& json) {
      json.field("incident", merge.absorbed.text());
      append_citation("merged", ended.citations[0], json);
    }));
    for (size_t at = 0; at < drafts.size(); at += ledger::kAppendEntriesMax) {
      const size_t count = std::min(drafts.size() - at, ledger::kAppendEntriesMax);
      TRY(append(merge.into, std::span(drafts).subspan(at, count)));
    }
    return {};
  }

  Result<ledger::Appended> append(const IncidentId& incident, std::span<const EntryDraft> drafts) {
    TRY(ledger::Appended appended,
        ledger::append_missing(ledger_, incident_stream(incident), drafts));
    if (said_) said_(incident, drafts, appended.citations);
    return appended;
  }

  // Who may see neither of them sees nothing of both; before there is anything to see.
  void bring_secrecy(const BegunMerge& merge, const Standing& from, const Standing& goes_on,
                     std::vector<EntryDraft>& drafts) const {
    const std::string key = "came in with " + merge.absorbed.text();
    if (from.restricted) {
      std::vector<std::string> people = from.people;
      if (goes_on.restricted) {
        std::erase_if(people, [&](const std::string& person) {
          return std::ranges::find(goes_on.people, person) == goes_on.people.end();
        });
      }
      drafts.push_back(draft(merge, "restricted", key, [&](JsonWriter& json) {
        // Without a name it would say that it is restricted no longer.
        append_texts("people", people.empty() ? std::vector<std::string>{"nobody"} : people, json);
        json.field("reason", merge.absorbed.text() + ", which came in, was restricted");
      }));
    }
    if (from.tlp && (!goes_on.tlp || *from.tlp < *goes_on.tlp)) {
      drafts.push_back(draft(merge, "tlp_set", key,
                             [&](JsonWriter& json) { json.field("tlp", name_of(*from.tlp)); }));
    }
  }

  // What was only counted counts where it goes on.
  void bring_counts(const BegunMerge& merge, std::span<const Entry> entries,
                    std::vector<EntryDraft>& drafts) const {
    codec::JsonParser parser(codec::JsonParser::Texts::kFew);
    for (const Entry& entry : entries) {
      if (entry.kind != "findings_folded" || !entry.payload) continue;
      const JsonView samples = parser.parse(entry.payload->json)["samples"];
      if (!samples || samples.size() == 0) continue;
      EntryDraft& each = drafts.emplace_back(draft(
          merge, "findings_folded",
          triage::joined_key((*samples.elements().begin()).string_or_empty(), merge.absorbed), {}));
      each.payload = entry.payload->json;
    }
  }

  // What was bad stays as bad, whoever said so.
  void bring_severity(const BegunMerge& merge, const Standing& from, const Standing& goes_on,
                      std::vector<EntryDraft>& drafts) const {
    if (!from.severity || (goes_on.severity && *goes_on.severity <= *from.severity)) return;
    const std::string key = "came in with " + merge.absorbed.text();
    drafts.push_back(draft(merge, "severity_set", key, [&](JsonWriter& json) {
      const bool by_engine = merge.actor == "engine";
      json.field("severity", name_of(*from.severity));
      if (goes_on.severity) json.field("previous", name_of(*goes_on.severity));
      json.field("by", by_engine ? "matrix" : "person");
      append_texts("because", {merge.absorbed.text() + ", which came in, was as severe"}, json);
      if (!by_engine && !merge.because.empty()) json.field("reason", merge.because[0]);
    }));
  }

  EntryDraft draft(const BegunMerge& merge, std::string kind, std::string key,
                   const std::function<void(JsonWriter&)>& body) const {
    return {.kind = std::move(kind),
            .key = std::move(key),
            .time = now_,
            .actor = merge.actor,
            .content_version = content_version_,
            .payload = body ? json_object(body) : std::string()};
  }

  ledger::Ledger& ledger_;
  const BegunMerges& begun_;
  Time now_;
  const std::string& content_version_;
  const ReadIncident& read_;
  const MergeSaid& said_;
  std::set<IncidentId> met_;
};

}  // namespace

std::string because_too(const std::string& payload, const std::string& reason) {
  codec::JsonParser parser(codec::JsonParser::Texts::kFew);
  const JsonView view = parser.parse(payload);
  return json_object([&](JsonWriter& json) {
    for (const codec::JsonMember member : view.members()) {
      const std::string name = member.key.string_or_empty();
      json.key(name);
      if (name != "because" || !member.value.is_array()) {
        append_as_is(member.value, json);
        continue;
      }
      json.begin_array().string(reason);
      for (const JsonView text : member.value.elements()) append_as_is(text, json);
      json.end_array();
    }
  });
}

std::optional<BegunMerge> begun_merge_of(const Entry& entry, codec::JsonParser& parser) {
  if (entry.kind != "incidents_merged" || !entry.payload) return std::nullopt;
  const JsonView payload = parser.parse(entry.payload->json);
  BegunMerge merge{.absorbed = IncidentId(payload["absorbed"].string_or_empty()),
                   .into = IncidentId(payload["into"].string_or_empty()),
                   .actor = entry.actor,
                   .because = {}};
  for (const JsonView text : payload["because"].elements()) {
    merge.because.push_back(text.string_or_empty());
  }
  if (merge.absorbed.empty() || merge.into.empty()) return std::nullopt;
  return merge;
}

Result<> complete_merge(ledger::Ledger& ledger, const BegunMerges& begun,
                        const IncidentId& absorbed, Time now, const std::string& content_version,
                        const ReadIncident& read, const MergeSaid& said) {
  return Completing(ledger, begun, now, content_version, read, said).complete(absorbed);
}

}  // namespace stanch::pipeline

#include "pipeline/incident_merge.h"

#include <fmt/format.h>

#include <algorithm>
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

}  // namespace

Result<Merging> Merging::begin(ledger::Ledger& ledger, const BegunMerges& begun,
                               const IncidentId& absorbed, Time now, std::string content_version,
                               MergeView view) {
  Merging merging(ledger, now, std::move(content_version), std::move(view));
  std::set<IncidentId> met;
  TRY(merging.line_up(begun, absorbed, met));
  return merging;
}

Result<> Merging::line_up(const BegunMerges& begun, const IncidentId& absorbed,
                          std::set<IncidentId>& met) {
  const auto found = begun.find(absorbed);
  if (found == begun.end() || !met.insert(absorbed).second) return {};
  const BegunMerge& merge = found->second;
  TRY(const triage::IncidentState* ends, view_.read(absorbed));
  if (!ends->merged_into.empty() && ends->merged_into != merge.into.text()) return {};
  const std::set<std::string> came_in = ends->merged_from;
  TRY(const triage::IncidentState* goes_on, view_.read(merge.into));
  if (goes_on->merged_from.contains(absorbed.text())) return {};  // that comes last
  // What others merge into it has to be there first, or would never go on with it. A circle,
  // which nobody should write, ends by what was met.
  for (const auto& [earlier, its] : begun) {
    if (its.into != absorbed || came_in.contains(earlier.text())) continue;
    TRY(line_up(begun, earlier, met));
  }
  merges_.push_back(merge);
  return {};
}

Result<bool> Merging::step(size_t piece) {
  if (merges_.empty()) return false;
  const BegunMerge& merge = merges_.front();
  if (!ended_) {
    TRY(end_absorbed(merge));
    return true;
  }
  if (appended_ < drafts_.size()) {
    const size_t count =
        std::min({piece, drafts_.size() - appended_, size_t{ledger::kAppendEntriesMax}});
    TRY(append(merge.into, std::span(drafts_).subspan(appended_, count)));
    appended_ += count;
    return true;
  }
  TRY(finish(merge));
  merges_.pop_front();
  ended_.reset();
  drafts_.clear();
  appended_ = 0;
  return !merges_.empty();
}

Result<> Merging::end_absorbed(const BegunMerge& merge) {
  const EntryDraft ends = draft(merge, "merged_into", merge.into.text(), [&](JsonWriter& json) {
    json.field("incident", merge.into.text());
    append_texts("because", merge.because, json);
  });
  TRY(const ledger::Appended ended, append(merge.absorbed, std::span(&ends, 1)));
  TRY(from_, standing(merge.absorbed));
  TRY(const Standing goes_on, standing(merge.into));  // with what others have brought
  TRY(const std::vector<Entry> entries,
      ledger::read_all(*ledger_, incident_stream(merge.absorbed)));
  bring_secrecy(merge, goes_on);
  for (const triage::JoinedEntry& joined : triage::joined_now(entries)) {
    EntryDraft& each = drafts_.emplace_back(
        draft(merge, "finding_joined", triage::joined_key(joined.finding, merge.absorbed), {}));
    each.payload = because_too(joined.payload, "merged from " + merge.absorbed.text());
  }
  bring_counts(merge, entries);
  ended_ = ended.citations[0];
  return {};
}

// What of the two is worse is asked now, when all findings are there.
Result<> Merging::finish(const BegunMerge& merge) {
  std::vector<EntryDraft> last;
  TRY(std::optional<EntryDraft> severity, worse_severity(merge));
  if (severity) last.push_back(*std::move(severity));
  last.push_back(draft(merge, "merged_from", merge.absorbed.text(), [&](JsonWriter& json) {
    json.field("incident", merge.absorbed.text());
    append_citation("merged", *ended_, json);
  }));
  TRY(append(merge.into, last));
  return {};
}

Result<Merging::Standing> Merging::standing(const IncidentId& incident) const {
  TRY(const triage::IncidentState* state, view_.read(incident));
  return Standing{state->restricted, state->people, state->tlp, state->severity};
}

Result<ledger::Appended> Merging::append(const IncidentId& incident,
                                         std::span<const EntryDraft> drafts) const {
  TRY(ledger::Appended appended,
      ledger::append_missing(*ledger_, incident_stream(incident), drafts));
  if (view_.said) view_.said(incident, drafts, appended.citations);
  return appended;
}

// Who may see neither of them sees nothing of both; before there is anything to see.
void Merging::bring_secrecy(const BegunMerge& merge, const Standing& goes_on) {
  const std::string key = "came in with " + merge.absorbed.text();
  if (from_.restricted) {
    std::vector<std::string> people = from_.people;
    if (goes_on.restricted) {
      std::erase_if(people, [&](const std::string& person) {
        return std::ranges::find(goes_on.people, person) == goes_on.people.end();
      });
    }
    drafts_.push_back(draft(merge, "restricted", key, [&](JsonWriter& json) {
      // Without a name it would say that it is restricted no longer.
      append_texts("people", people.empty() ? std::vector<std::string>{"nobody"} : people, json);
      json.field("reason", merge.absorbed.text() + ", which came in, was restricted");
    }));
  }
  if (from_.tlp && (!goes_on.tlp || *from_.tlp < *goes_on.tlp)) {
    drafts_.push_back(draft(merge, "tlp_set", key,
                            [&](JsonWriter& json) { json.field("tlp", name_of(*from_.tlp)); }));
  }
}

// What was only counted counts where it goes on.
void Merging::bring_counts(const BegunMerge& merge, std::span<const Entry> entries) {
  codec::JsonParser parser(codec::JsonParser::Texts::kFew);
  for (const Entry& entry : entries) {
    if (entry.kind != "findings_folded" || !entry.payload) continue;
    const JsonView samples = parser.parse(entry.payload->json)["samples"];
    if (!samples || samples.size() == 0) continue;
    EntryDraft& each = drafts_.emplace_back(draft(
        merge, "findings_folded",
        triage::joined_key((*samples.elements().begin()).string_or_empty(), merge.absorbed), {}));
    each.payload = entry.payload->json;
  }
}

// What was bad stays as bad, whoever said so; and what is worse together is worse.
Result<std::optional<EntryDraft>> Merging::worse_severity(const BegunMerge& merge) const {
  const std::string key = "came in with " + merge.absorbed.text();
  TRY(const Standing goes_on, standing(merge.into));
  if (view_.weigh) {
    TRY(std::optional<std::string> weighed, view_.weigh(merge.into, from_.severity));
    if (weighed) {
      EntryDraft severity = draft(merge, "severity_set", key, {});
      severity.payload = *std::move(weighed);
      return std::optional(std::move(severity));
    }
  }
  if (!from_.severity || (goes_on.severity && *goes_on.severity <= *from_.severity)) {
    return std::optional<EntryDraft>();
  }
  return std::optional(draft(merge, "severity_set", key, [&](JsonWriter& json) {
    const bool by_engine = merge.actor == "engine";
    json.field("severity", name_of(*from_.severity));
    if (goes_on.severity) json.field("previous", name_of(*goes_on.severity));
    json.field("by", by_engine ? "matrix" : "person");
    append_texts("because", {merge.absorbed.text() + ", which came in, was as severe"}, json);
    if (!by_engine && !merge.because.empty()) json.field("reason", merge.because[0]);
  }));
}

EntryDraft Merging::draft(const BegunMerge& merge, std::string kind, std::string key,
                          const std::function<void(JsonWriter&)>& body) const {
  return {.kind = std::move(kind),
          .key = std::move(key),
          .time = now_,
          .actor = merge.actor,
          .content_version = content_version_,
          .payload = body ? json_object(body) : std::string()};
}

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
                        MergeView view) {
  TRY(Merging merging,
      Merging::begin(ledger, begun, absorbed, now, content_version, std::move(view)));
  for (bool more = true; more;) {
    TRY(more, merging.step(ledger::kAppendEntriesMax));
  }
  return {};
}

}  // namespace stanch::pipeline

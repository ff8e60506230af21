#include <algorithm>

#include "codec/timestamp.h"
#include "triage/lifecycle.h"
#include "triage/state.h"

// docs/formats/incident.md says what each member means.

namespace stanch::triage {

namespace {

using codec::JsonWriter;

void field_if(JsonWriter& json, std::string_view name, std::string_view text) {
  if (!text.empty()) json.field(name, text);
}

void time_field(JsonWriter& json, std::string_view name, Time time) {
  json.field(name, codec::format_timestamp(time));
}

void time_field(JsonWriter& json, std::string_view name, const std::optional<Time>& time) {
  if (time) time_field(json, name, *time);
}

template <typename Texts>
void texts_field(JsonWriter& json, std::string_view name, const Texts& texts) {
  json.key(name).begin_array();
  for (const std::string& text : texts) json.string(text);
  json.end_array();
}

void said_fields(JsonWriter& json, const Said& said) {
  time_field(json, "at", said.at);
  json.field("by", said.by);
}

void said_field(JsonWriter& json, std::string_view name, const std::optional<Said>& said) {
  if (!said) return;
  json.key(name).begin_object();
  said_fields(json, *said);
  json.end_object();
}

// An array of objects; `write` gives the members of each.
template <typename List, typename Write>
void list_field(JsonWriter& json, std::string_view name, const List& list, Write write) {
  json.key(name).begin_array();
  for (const auto& item : list) {
    json.begin_object();
    write(item);
    json.end_object();
  }
  json.end_array();
}

void write_severity(const IncidentState& state, JsonWriter& json) {
  if (state.severity) {
    json.field("severity", name_of(*state.severity));
    json.field("worst_severity", name_of(*state.worst_severity()));
  }
  list_field(json, "severities", state.severities, [&](const SeverityStep& step) {
    json.field("severity", name_of(step.severity)).field("by_person", step.by_person);
    texts_field(json, "because", step.because);
    field_if(json, "reason", step.reason);
    said_fields(json, step);
  });
}

void write_status(const IncidentState& state, JsonWriter& json) {
  json.field("status", name_of(state.status)).field("nist_phase", nist_phase(state.status));
  list_field(json, "steps", state.steps, [&](const StatusStep& step) {
    json.field("from", name_of(step.from)).field("to", name_of(step.to));
    field_if(json, "reason", step.reason);
    said_fields(json, step);
  });
  said_field(json, "acknowledged", state.acknowledged);
  said_field(json, "contained", state.contained);
  if (state.disposition) json.field("disposition", name_of(*state.disposition));
  field_if(json, "closing_reason", state.closing_reason);
}

void write_findings(const IncidentState& state, JsonWriter& json) {
  list_field(json, "findings", state.findings, [&](const auto& item) {
    const auto& [id, joined] = item;
    const Finding& finding = joined.finding;
    json.field("finding", id).field("rule", finding.rule).field("title", finding.title);
    json.field("level", name_of(finding.level));
    time_field(json, "event_time", finding.event_time);
    texts_field(json, "events", finding.events);
    texts_field(json, "techniques", finding.techniques);
    if (!finding.counted.empty()) json.field("counted", finding.counted);
    texts_field(json, "because", joined.because);
    if (joined.gone) json.field("gone", true);
    said_fields(json, joined);
  });
  if (state.folded > 0) json.field("findings_folded", state.folded);
  json.field("finding_count", state.finding_count());
  texts_field(json, "techniques", state.techniques());
  list_field(json, "entities", state.entities, [&](const auto& item) {
    const auto& [id, scoped] = item;
    json.field("entity", id).field("findings", scoped.findings);
    json.field("in_scope", scoped.in_scope());
    if (!scoped.by_person) return;
    json.field("by_person", *scoped.by_person);
    texts_field(json, "because", scoped.because);
  });
}

void write_people(const IncidentState& state, JsonWriter& json) {
  field_if(json, "assignee", state.assignee);
  json.key("roles").begin_object();
  for (const auto& [role, person] : state.roles) json.field(role, person);
  json.end_object();
  list_field(json, "handovers", state.handovers, [&](const auto& item) {
    const Handover& offer = item.second;
    json.field("role", offer.role).field("from", offer.from).field("to", offer.to);
    json.field("brief", offer.brief);
    said_fields(json, offer);
  });
  if (state.tlp) json.field("tlp", name_of(*state.tlp));
  if (state.restricted) texts_field(json, "restricted_to", state.people);
}

void write_work(const IncidentState& state, bool privileged, JsonWriter& json) {
  list_field(json, "tasks", state.tasks, [&](const auto& item) {
    const auto& [id, task] = item;
    json.field("task", id).field("title", task.title);
    field_if(json, "owner", task.owner);
    time_field(json, "due", task.due);
    time_field(json, "ended", task.ended);
    if (task.ended) json.field("dropped", task.dropped);
    field_if(json, "outcome", task.outcome);
    said_fields(json, task);
  });
  json.key("notes").begin_array();
  uint64_t withheld = 0;
  for (const Note& note : state.notes) {
    if (note.privileged && !privileged) {
      ++withheld;
      continue;
    }
    json.begin_object().field("text", note.text).field("privileged", note.privileged);
    said_fields(json, note);
    json.end_object();
  }
  json.end_array();
  if (withheld > 0) json.field("notes_withheld", withheld);
  list_field(json, "hypotheses", state.hypotheses, [&](const auto& item) {
    const auto& [id, hypothesis] = item;
    json.field("hypothesis", id).field("text", hypothesis.text);
    json.field("standing", hypothesis.standing);
    texts_field(json, "because", hypothesis.because);
    said_fields(json, hypothesis);
  });
  list_field(json, "links", state.links, [&](const auto& item) {
    const auto& [link, title] = item;
    json.field("relation", link.first).field("target", link.second);
    field_if(json, "title", title);
  });
  list_field(json, "updates", state.updates, [&](const Update& update) {
    json.field("text", update.text);
    field_if(json, "audience", update.audience);
    time_field(json, "next_due", update.next_due);
    said_fields(json, update);
  });
  list_field(json, "pauses", state.pauses, [&](const Pause& pause) {
    json.field("clock", name_of(pause.clock)).field("reason", pause.reason);
    time_field(json, "until", pause.until);
    said_fields(json, pause);
  });
}

void write_determination(JsonWriter& json, const Determination& determined) {
  json.field("decision", determined.decision).field("person", determined.person);
  json.field("why", determined.why);
  time_field(json, "when", determined.when);
  said_fields(json, determined);
}

void write_law(const IncidentState& state, JsonWriter& json) {
  list_field(json, "aware", state.aware, [&](const Awareness& aware) {
    json.field("person", aware.person).field("why", aware.why);
    field_if(json, "regime", aware.regime);
    time_field(json, "when", aware.when);
    said_fields(json, aware);
  });
  if (state.material) {
    json.key("material").begin_object();
    write_determination(json, *state.material);
    json.end_object();
  }
  list_field(json, "classified", state.classified, [&](const auto& item) {
    json.field("scheme", item.first);
    write_determination(json, item.second);
  });
}

void write_kin(const IncidentState& state, JsonWriter& json) {
  field_if(json, "merged_into", state.merged_into);
  texts_field(json, "merged_from", state.merged_from);
  texts_field(json, "split_into", state.split_into);
}

void write_counts(const IncidentState& state, JsonWriter& json) {
  texts_field(json, "unknowns", state.unknowns);
  json.field("entries", state.entries);
  json.key("other_entries").begin_object();
  for (const auto& [kind, count] : state.other_kinds) json.field(kind, count);
  json.end_object();
  json.field("erased", state.erased).field("foreign", state.foreign);
}

}  // namespace

void append_json(const IncidentState& state, bool privileged, JsonWriter& json) {
  json.field("incident", state.id.text()).field("title", state.title);
  json.field("headline", state.headline());
  if (state.drill) json.field("drill", true);
  json.field("opened_by", state.opened_by);
  field_if(json, "source", state.source);
  field_if(json, "description", state.description);
  said_field(json, "opened", state.opened);
  time_field(json, "updated", state.updated);
  write_status(state, json);
  write_severity(state, json);
  write_people(state, json);
  write_findings(state, json);
  write_work(state, privileged, json);
  write_law(state, json);
  write_kin(state, json);
  write_counts(state, json);
}

}  // namespace stanch::triage

#include "codec/json_writer.h"
#include "codec/timestamp.h"
#include "pipeline/output/text.h"
#include "pipeline/output/trace/trace_writer.h"
#include "pipeline/output/writers.h"

namespace stanch::pipeline::output {

namespace {

using codec::JsonWriter;
namespace scope = triage::scope;

void append(const scope::Tally& tally, JsonWriter& json) {
  json.field("count", tally.count)
      .field("first", std::string_view(codec::format_timestamp(tally.first.time)))
      .field("first_event", std::string_view(tally.first.event))
      .field("last", std::string_view(codec::format_timestamp(tally.last.time)))
      .field("last_event", std::string_view(tally.last.event));
}

void append(std::string_view name, const scope::Moment& moment, JsonWriter& json) {
  json.key(name)
      .begin_object()
      .field("time", std::string_view(codec::format_timestamp(moment.time)))
      .field("event", std::string_view(moment.event))
      .end_object();
}

void more(std::string_view name, uint64_t count, JsonWriter& json) {
  if (count > 0) json.field(name, count);
}

void append(const scope::ActionUse& use, JsonWriter& json) {
  json.begin_object().field("action", std::string_view(use.action));
  append(use.tally, json);
  if (!use.targets.empty()) {
    json.key("targets").begin_array();
    for (const scope::TargetUse& target : use.targets) {
      json.begin_object().field("id", std::string_view(target.id));
      append(target.tally, json);
      json.end_object();
    }
    json.end_array();
  }
  more("targets_more", use.targets_more, json);
  json.end_object();
}

void append_activity(const scope::Holder& holder, JsonWriter& json) {
  json.key("activity").begin_array();
  for (const scope::ActivityGroup& group : holder.activity) {
    json.begin_object().field("kind", name_of(group.kind));
    append(group.tally, json);
    json.key("actions").begin_array();
    for (const scope::ActionUse& use : group.actions) append(use, json);
    json.end_array();
    more("actions_more", group.actions_more, json);
    json.end_object();
  }
  json.end_array();
  json.key("sources").begin_array();
  for (const scope::SourceUse& use : holder.sources) {
    json.begin_object().field(use.is_address ? "address" : "service", std::string_view(use.source));
    field_if(json, "country", use.country);
    field_if(json, "network", use.network);
    append(use.tally, json);
    append_texts("user_agents", use.user_agents, json);
    json.end_object();
  }
  json.end_array();
  more("sources_more", holder.sources_more, json);
  json.key("places").begin_array();
  for (const scope::PlaceUse& use : holder.places) {
    json.begin_object().field("place", std::string_view(use.place));
    append(use.tally, json);
    json.end_object();
  }
  json.end_array();
  if (!holder.touched.empty()) {
    json.key("touched").begin_array();
    for (const scope::ActionUse& use : holder.touched) append(use, json);
    json.end_array();
  }
}

void append(const scope::Holder& holder, JsonWriter& json) {
  json.begin_object().field("id", std::string_view(holder.id));
  append_texts("ids", holder.ids, json);
  json.field("kind", name_of(holder.kind))
      .field("relation", name_of(holder.relation))
      .field("hops", uint64_t{holder.hops});
  field_if(json, "principal", holder.principal);
  field_if(json, "principal_type", holder.principal_type);
  field_if(json, "account", holder.account);
  field_if(json, "name", holder.name);
  field_if(json, "session_name", holder.session_name);
  field_if(json, "source_identity", holder.source_identity);
  field_if(json, "person", holder.person);
  field_if(json, "given_to", holder.given_to);
  field_if(json, "credential", holder.kind_of_credential);
  if (holder.long_lived) json.field("long_lived", true);
  if (holder.console) json.field("console", true);
  field_if(json, "mfa", holder.mfa);
  field_if(json, "issued", holder.issued);
  field_if(json, "expires", holder.expires);
  append_activity(holder, json);
  json.end_object();
}

void append_hops(const scope::Trace& trace, JsonWriter& json) {
  json.key("hops").begin_array();
  for (const scope::Hop& hop : trace.hops) {
    json.begin_object()
        .field("from", std::string_view(trace.holders[hop.parent].id))
        .field("to", std::string_view(trace.holders[hop.child].id))
        .field("kind", name_of(hop.kind));
    field_if(json, "action", hop.action);
    if (hop.proof) append("proof", *hop.proof, json);
    json.field("confidence", name_of(hop.confidence));
    field_if(json, "why", hop.why);
    json.field("primary", hop.primary).end_object();
  }
  json.end_array();
  json.key("origins").begin_array();
  for (const scope::Origin& origin : trace.origins) {
    json.begin_object()
        .field("holder", std::string_view(trace.holders[origin.holder].id))
        .field("kind", name_of(origin.kind))
        .field("words", std::string_view(origin.words))
        .end_object();
  }
  json.end_array();
}

void append_cuts(const scope::Trace& trace, JsonWriter& json) {
  json.key("remains").begin_array();
  for (const scope::Remains& remains : trace.remains) {
    json.begin_object()
        .field("how", name_of(remains.how))
        .field("id", std::string_view(remains.id))
        .field("action", std::string_view(remains.action))
        .field("by", std::string_view(trace.holders[remains.by].id));
    append("when", remains.when, json);
    if (remains.gone) append("gone", *remains.gone, json);
    json.end_object();
  }
  json.end_array();
  json.key("cuts").begin_array();
  for (const scope::Cut& cut : trace.cuts) {
    json.begin_object()
        .field("kind", name_of(cut.kind))
        .field("id", std::string_view(cut.id))
        .field("words", std::string_view(cut.words))
        .field("others", cut.others);
    append_texts("stops", cut.stops, json);
    json.end_object();
  }
  json.end_array();
}

}  // namespace

std::string trace_json(const scope::Trace& trace) {
  std::string out;
  JsonWriter json(out);
  json.begin_object()
      .field("schema", "stanch.trace/1")
      .field("entity", std::string_view(trace.entity));
  field_if(json, "since", trace.window.since);
  field_if(json, "until", trace.window.until);
  field_if(json, "logs_from", trace.logs_from);
  field_if(json, "logs_to", trace.logs_to);
  json.field("events", trace.events);
  json.key("holders").begin_array();
  for (const scope::Holder& holder : trace.holders) append(holder, json);
  json.end_array();
  more("starts_more", trace.starts_more, json);
  more("holders_more", trace.holders_more, json);
  append_hops(trace, json);
  append_cuts(trace, json);
  json.key("unknown").begin_array();
  for (const scope::Unknown& unknown : trace.unknowns) {
    json.begin_object()
        .field("code", std::string_view(unknown.code))
        .field("words", std::string_view(unknown.words))
        .end_object();
  }
  json.end_array().end_object();
  escape_hidden(out, 0);
  return out + "\n";
}

}  // namespace stanch::pipeline::output

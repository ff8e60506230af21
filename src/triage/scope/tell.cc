#include "triage/scope/tell.h"

#include <fmt/format.h>

#include "codec/timestamp.h"
#include "codec/utf8.h"

namespace stanch::triage::scope {

namespace {

using codec::JsonWriter;

void field_if(JsonWriter& json, std::string_view name, std::string_view text) {
  if (!text.empty()) json.field(name, text);
}

void time_field(JsonWriter& json, std::string_view name, const std::optional<Time>& time) {
  if (time) json.field(name, codec::format_timestamp(*time));
}

void moment(JsonWriter& json, std::string_view name, const Moment& moment) {
  json.key(name)
      .begin_object()
      .field("time", codec::format_timestamp(moment.time))
      .field("event", moment.event)
      .end_object();
}

void tally(JsonWriter& json, const Tally& tally) {
  json.field("events", tally.count);
  moment(json, "first", tally.first);
  moment(json, "last", tally.last);
}

void actions(JsonWriter& json, std::string_view name, const std::vector<ActionUse>& uses) {
  json.key(name).begin_array();
  for (const ActionUse& use : uses) {
    json.begin_object().field("action", use.action);
    tally(json, use.tally);
    json.key("targets").begin_array();
    for (const TargetUse& target : use.targets) {
      json.begin_object().field("entity", target.id);
      tally(json, target.tally);
      json.end_object();
    }
    json.end_array();
    if (use.targets_more > 0) json.field("targets_more", use.targets_more);
    json.end_object();
  }
  json.end_array();
}

void holder(JsonWriter& json, const Holder& holder) {
  json.begin_object().field("id", holder.id).key("ids").begin_array();
  for (const std::string& id : holder.ids) json.string(id);
  json.end_array()
      .field("kind", name_of(holder.kind))
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
  field_if(json, "issued", holder.issued);
  field_if(json, "expires", holder.expires);
  field_if(json, "mfa", holder.mfa);
  if (holder.long_lived) json.field("long_lived", true);
  if (holder.console) json.field("console", true);
  json.key("activity").begin_array();
  for (const ActivityGroup& group : holder.activity) {
    json.begin_object().field("kind", name_of(group.kind));
    tally(json, group.tally);
    actions(json, "actions", group.actions);
    if (group.actions_more > 0) json.field("actions_more", group.actions_more);
    json.end_object();
  }
  json.end_array().key("sources").begin_array();
  for (const SourceUse& use : holder.sources) {
    json.begin_object().field("source", use.source).field("is_address", use.is_address);
    tally(json, use.tally);
    json.key("user_agents").begin_array();
    for (const std::string& agent : use.user_agents) json.string(agent);
    json.end_array();
    field_if(json, "country", use.country);
    field_if(json, "network", use.network);
    json.end_object();
  }
  json.end_array();
  if (holder.sources_more > 0) json.field("sources_more", holder.sources_more);
  json.key("places").begin_array();
  for (const PlaceUse& use : holder.places) {
    json.begin_object().field("place", use.place);
    tally(json, use.tally);
    json.end_object();
  }
  json.end_array();
  if (!holder.touched.empty()) actions(json, "touched", holder.touched);
  json.end_object();
}

// Text inside quotes of Graphviz or Mermaid: nothing that either acts on.
std::string quoted(std::string_view text) {
  std::string out;
  for (const char c : codec::for_terminal(text)) {
    switch (c) {
      case '"': out += "'"; break;
      case '\\': out += '/'; break;
      case '<': out += "‹"; break;
      case '>': out += "›"; break;
      case '`':
      case '#':
      case ';':
      case '&': out += '_'; break;
      default: out += c;
    }
  }
  return out;
}

}  // namespace

std::string label_of(const Holder& holder) {
  const std::string& who = holder.principal.empty() ? holder.id : holder.principal;
  const size_t colon = who.find(':'), slash = who.find('/');
  std::string label = who;
  if (slash != who.npos) {
    const size_t begin = colon == who.npos || colon > slash ? 0 : colon + 1;
    label = fmt::format("{} {}", who.substr(begin, slash - begin), who.substr(who.rfind('/') + 1));
    if (!holder.account.empty()) label += " in " + holder.account;
  }
  if (!holder.session_name.empty()) label += fmt::format(" as {}", holder.session_name);
  return label;
}

void append_json(const Trace& trace, JsonWriter& json) {
  json.field("entity", trace.entity).field("events", trace.events);
  time_field(json, "since", trace.window.since);
  time_field(json, "until", trace.window.until);
  time_field(json, "logs_from", trace.logs_from);
  time_field(json, "logs_to", trace.logs_to);
  json.key("holders").begin_array();
  for (const Holder& each : trace.holders) holder(json, each);
  json.end_array().key("hops").begin_array();
  for (const Hop& hop : trace.hops) {
    json.begin_object()
        .field("parent", trace.holders[hop.parent].id)
        .field("child", trace.holders[hop.child].id)
        .field("kind", name_of(hop.kind));
    field_if(json, "action", hop.action);
    if (hop.proof) moment(json, "proof", *hop.proof);
    json.field("confidence", name_of(hop.confidence));
    field_if(json, "why", hop.why);
    json.field("primary", hop.primary).end_object();
  }
  json.end_array().key("origins").begin_array();
  for (const Origin& origin : trace.origins) {
    json.begin_object()
        .field("holder", trace.holders[origin.holder].id)
        .field("kind", name_of(origin.kind))
        .field("words", origin.words)
        .end_object();
  }
  json.end_array().key("remains").begin_array();
  for (const Remains& remains : trace.remains) {
    json.begin_object()
        .field("how", name_of(remains.how))
        .field("entity", remains.id)
        .field("action", remains.action)
        .field("by", trace.holders[remains.by].id);
    moment(json, "when", remains.when);
    if (remains.gone) moment(json, "gone", *remains.gone);
    json.end_object();
  }
  json.end_array().key("cuts").begin_array();
  for (const Cut& cut : trace.cuts) {
    json.begin_object()
        .field("kind", name_of(cut.kind))
        .field("entity", cut.id)
        .field("words", cut.words)
        .field("others", cut.others)
        .key("stops")
        .begin_array();
    for (const std::string& id : cut.stops) json.string(id);
    json.end_array().end_object();
  }
  json.end_array().key("unknowns").begin_array();
  for (const Unknown& unknown : trace.unknowns) {
    json.begin_object().field("code", unknown.code).field("words", unknown.words).end_object();
  }
  json.end_array();
  if (trace.starts_more > 0) json.field("starts_more", trace.starts_more);
  if (trace.holders_more > 0) json.field("holders_more", trace.holders_more);
}

std::string to_dot(const Trace& trace) {
  std::string out =
      "digraph trace {\n  rankdir=LR;\n  node [shape=box, fontname=\"sans-serif\"];\n";
  for (size_t i = 0; i < trace.holders.size(); ++i) {
    const Holder& each = trace.holders[i];
    out += fmt::format("  n{} [label=\"{}\"{}];\n", i, quoted(label_of(each)),
                       each.relation == Relation::kStart ? ", penwidth=2" : "");
  }
  for (const Hop& hop : trace.hops) {
    out += fmt::format("  n{} -> n{} [label=\"{}\"{}];\n", hop.parent, hop.child,
                       quoted(hop.action.empty() ? std::string(name_of(hop.kind)) : hop.action),
                       hop.confidence == Confidence::kProven ? "" : ", style=dashed");
  }
  return out + "}\n";
}

std::string to_mermaid(const Trace& trace) {
  std::string out = "flowchart LR\n";
  for (size_t i = 0; i < trace.holders.size(); ++i) {
    out += fmt::format("  n{}[\"{}\"]\n", i, quoted(label_of(trace.holders[i])));
  }
  for (const Hop& hop : trace.hops) {
    out += fmt::format("  n{} {}|\"{}\"| n{}\n", hop.parent,
                       hop.confidence == Confidence::kProven ? "-->" : "-.->",
                       quoted(hop.action.empty() ? std::string(name_of(hop.kind)) : hop.action),
                       hop.child);
  }
  return out;
}

}  // namespace stanch::triage::scope

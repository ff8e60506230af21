#include "pipeline/output/finding_payload.h"

#include <algorithm>
#include <vector>

#include "base/check.h"
#include "codec/base64.h"
#include "codec/hash.h"
#include "codec/json_writer.h"
#include "codec/timestamp.h"
#include "pipeline/output/attack.h"
#include "pipeline/output/finding_writer.h"
#include "pipeline/output/writers.h"

namespace stanch::pipeline::output {

namespace {

using codec::JsonWriter;

// Every entity that the event names, the nearest to the actor first.
std::vector<std::string_view> entities_of(const model::Facts& facts) {
  std::vector<std::string_view> entities;
  const auto add = [&](model::EntityRef entity) {
    if (!entity.empty() && std::ranges::find(entities, entity.text) == entities.end()) {
      entities.push_back(entity.text);
    }
  };
  add(facts.actor.entity);
  add(facts.credential.entity);
  add(facts.credential.session);
  add(facts.credential.issuer);
  add(facts.credential.issued_to);
  add(facts.source.entity);
  for (const model::Target& target : facts.targets) add(target.entity);
  for (const model::Minted& minted : facts.minted) {
    add(minted.entity);
    add(minted.session);
    add(minted.principal);
  }
  return entities;
}

// Of a correlation, all that it names.
std::vector<std::string_view> events_of(const model::Finding& finding) {
  std::vector<std::string_view> events;
  for (const model::EventIdRef event : finding.correlated) events.push_back(event.text());
  if (events.empty()) events.push_back(finding.event.id.text());
  return events;
}

template <typename Texts>
void append_texts(std::string_view name, const Texts& texts, JsonWriter& json) {
  json.key(name).begin_array();
  for (const std::string_view text : texts) json.string(text);
  json.end_array();
}

void append_record(std::string_view record, JsonWriter& json) {
  if (record.empty()) return;
  json.field("record_sha256", codec::to_hex(codec::sha256(record)));
  if (record.size() <= kRecordBytesMax) json.field("record_base64", codec::encode_base64(record));
}

}  // namespace

std::string finding_payload(const model::Finding& finding) {
  model::FoundEvent without_raw = finding.event;
  without_raw.raw = {};
  const model::Finding told{.id = finding.id,
                            .rule = finding.rule,
                            .content_version = finding.content_version,
                            .event = without_raw,
                            .matched = finding.matched,
                            .correlated = finding.correlated,
                            .counted = finding.counted,
                            .correlation = finding.correlation};
  std::string document;
  append_finding_json(told, document);
  CHECK(document.ends_with('\n'));
  document.pop_back();

  std::string payload;
  JsonWriter json(payload);
  json.begin_object()
      .field("finding", finding.id.text())
      .field("rule", finding.rule.id.text())
      .field("rule_version", finding.rule.version)
      .field("title", finding.rule.title)
      .field("level", name_of(finding.rule.level));
  field_if(json, "event_time", finding.event.facts.time);
  append_texts("events", events_of(finding), json);
  append_texts("entities", entities_of(finding.event.facts), json);
  append_texts("techniques", attack_of(finding.rule.tags).techniques, json);
  json.key("document").raw(document);
  append_record(finding.event.raw, json);
  append_origin(finding.event.origin, json);
  json.end_object();
  return payload;
}

std::string joined_payload(std::string_view payload, std::span<const std::string> because,
                           const model::EntryCitation& triage) {
  CHECK(payload.ends_with('}'));
  std::string more;
  JsonWriter json(more);
  json.begin_object();
  append_texts("because", because, json);
  append_citation("triage", triage, json);
  json.end_object();
  std::string joined(payload.substr(0, payload.size() - 1));
  joined += ',';
  joined.append(more, 1);
  return joined;
}

}  // namespace stanch::pipeline::output

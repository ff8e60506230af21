#include "codec/base64.h"
#include "codec/json.h"
#include "codec/timestamp.h"
#include "codec/utf8.h"
#include "model/facts_json.h"
#include "pipeline/output/attack.h"
#include "pipeline/output/text.h"
#include "pipeline/output/writers.h"

// One JSON document a line: the exact form, which loses nothing.

namespace stanch::pipeline::output {

namespace {

using codec::JsonWriter;

void append_rule(const model::RuleInfo& rule, JsonWriter& json) {
  json.key("rule")
      .begin_object()
      .field("id", rule.id.text())
      .field("title", rule.title)
      .field("version", rule.version)
      .field("level", name_of(rule.level));
  field_if(json, "status", rule.status);
  append_texts("tags", rule.tags, json);
  json.field("path", rule.path).end_object();
}

// The event as JSON, or its bytes where they are no JSON by themselves.
void append_raw(std::string_view raw, JsonWriter& json) {
  if (raw.empty()) return;
  codec::JsonParser parser;
  if (const codec::JsonView view = parser.parse(raw)) {
    std::string compact;
    codec::append_compact(view, compact);
    json.key("raw").raw(compact);
  } else {
    json.field("raw_base64", codec::encode_base64(raw));
  }
}

class NdjsonWriter : public FindingWriter {
 public:
  void begin(std::string&) override {}
  void write(const model::Finding& finding, std::string& out) override {
    append_finding_json(finding, out);
  }
  void end(const ScanSummary&, std::string&) override {}
};

}  // namespace

void field_if(JsonWriter& json, std::string_view name, std::string_view text) {
  if (!text.empty()) json.field(name, text);
}

void field_if(JsonWriter& json, std::string_view name, const std::optional<Time>& time) {
  if (time) json.field(name, codec::format_timestamp(*time));
}

void append_matched(const model::Finding& finding, JsonWriter& json) {
  json.key("matched").begin_array();
  for (const model::MatchedField& match : finding.matched) {
    json.begin_object().field("selection", match.selection);
    field_if(json, "field", match.field);
    json.field("value", match.value.value_or(""));
    if (!match.value) json.field("absent", true);
    json.end_object();
  }
  json.end_array();
}

void append_correlated(const model::Finding& finding, JsonWriter& json) {
  if (finding.correlated.empty()) return;
  json.key("events").begin_array();
  for (const model::EventIdRef event : finding.correlated) json.string(event.text());
  json.end_array().field("counted", finding.counted);
  const model::Counted& counted = finding.correlation;
  if (counted.type.empty()) return;
  json.key("correlation").begin_object().field("type", counted.type);
  field_if(json, "value", counted.value);
  field_if(json, "asked", counted.asked);
  json.field("timespan_seconds",
             int64_t{std::chrono::duration_cast<std::chrono::seconds>(counted.timespan).count()})
      .field("words", counted.words)
      .end_object();
}

void append_origin(const model::Origin& origin, JsonWriter& json) {
  json.key("origin")
      .begin_object()
      .field("file", origin.file)
      .field("member", uint64_t{origin.member})
      .field("record", origin.record)
      .field("offset", origin.offset)
      .end_object();
}

void append_finding_json(const model::Finding& finding, std::string& out) {
  const size_t begin = out.size();
  JsonWriter json(out);
  json.begin_object().field("schema", "stanch.finding/1").field("id", finding.id.text());
  field_if(json, "time", finding.event.facts.time);
  json.field("level", name_of(finding.rule.level));
  append_rule(finding.rule, json);
  json.field("content_version", finding.content_version);
  const Attack attack = attack_of(finding.rule.tags);
  json.key("attack").begin_object();
  append_texts("tactics", attack.tactics, json);
  append_texts("techniques", attack.techniques, json);
  json.end_object();
  json.field("event_id", finding.event.id.text());
  append_correlated(finding, json);
  append_matched(finding, json);
  json.key("facts");
  model::append_json(finding.event.facts, json);
  append_origin(finding.event.origin, json);
  append_raw(finding.event.raw, json);
  json.end_object();
  escape_hidden(out, begin);
  out += '\n';
}

void append_dead_letter_json(const DeadLetter& letter, std::string& out) {
  const size_t begin = out.size();
  JsonWriter json(out);
  json.begin_object().field("schema", "stanch.dead-letter/1");
  append_origin(letter.origin, json);
  json.field("reason", name_of(letter.reason));
  // Text where that says the bytes exactly, else base64.
  if (codec::is_utf8(letter.bytes)) {
    json.field("text", letter.bytes);
  } else {
    json.field("bytes_base64", codec::encode_base64(letter.bytes));
  }
  json.field("cut", letter.bytes.size() >= kDeadLetterBytesMax).end_object();
  escape_hidden(out, begin);
  out += '\n';
}

std::unique_ptr<FindingWriter> make_ndjson_writer(const WriterOptions&) {
  return std::make_unique<NdjsonWriter>();
}

}  // namespace stanch::pipeline::output

#include <fmt/format.h>

#include <map>
#include <vector>

#include "codec/json.h"
#include "pipeline/output/attack.h"
#include "pipeline/output/labels.h"
#include "pipeline/output/text.h"
#include "pipeline/output/writers.h"

// SARIF 2.1.0 (OASIS), one document, one run. Results are written as they
// come, and the tool with its rules after them, since members of a JSON object have no
// order; so memory holds the rules that fired and no finding.

namespace stanch::pipeline::output {

namespace {

using codec::JsonWriter;

std::string_view level_of(model::Level level) {
  switch (level) {
    case model::Level::kCritical:
    case model::Level::kHigh: return "error";
    case model::Level::kMedium: return "warning";
    case model::Level::kLow:
    case model::Level::kInformational: return "note";
  }
  return "none";
}

// A file name as a URI reference (RFC 3986): everything but unreserved characters and '/' is
// percent-encoded; so a ':' cannot make a scheme of a relative name.
std::string uri_of(std::string_view path) {
  std::string uri = path.starts_with('/') ? "file://" : "";
  for (const char c : path) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("-._~/").find(c) != std::string_view::npos;
    uri += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return uri;
}

class SarifWriter : public FindingWriter {
 public:
  explicit SarifWriter(const WriterOptions& options) : options_(options) {}

  void begin(std::string& out) override {
    out +=
        "{\"$schema\":\"https://json.schemastore.org/sarif-2.1.0.json\",\"version\":\"2.1.0\","
        "\"runs\":[{\"results\":[";
  }

  void write(const model::Finding& finding, std::string& out) override {
    const size_t begin = out.size();
    out += first_ ? "\n" : ",\n";
    first_ = false;
    JsonWriter json(out);
    json.begin_object()
        .field("ruleId", finding.rule.id.text())
        .field("ruleIndex", index_of(finding.rule))
        .field("level", level_of(finding.rule.level))
        .field("kind", "fail");
    append_message(finding, json);
    append_locations(finding, json);
    json.key("partialFingerprints")
        .begin_object()
        .field("stanchFindingId/v1", finding.id.text())
        .end_object();
    append_properties(finding, json);
    json.end_object();
    escape_hidden(out, begin);
  }

  void end(const ScanSummary& summary, std::string& out) override {
    const size_t begin = out.size();
    out += "],\n\"tool\":";
    JsonWriter json(out);
    json.begin_object().key("driver").begin_object();
    json.field("name", "Stanch").field("semanticVersion", options_.run.program_version);
    json.key("rules").begin_array();
    for (const model::RuleInfo* rule : rules_) append_rule(*rule, json);
    json.end_array();
    json.key("properties")
        .begin_object()
        .field("contentVersion", options_.run.content_version)
        .end_object();
    json.end_object().end_object();
    out += ",\n\"columnKind\":\"utf16CodeUnits\",\"invocations\":";
    append_invocation(summary, out);
    out += "}]}\n";
    escape_hidden(out, begin);
  }

 private:
  uint64_t index_of(const model::RuleInfo& rule) {
    // Two rule files may share an id; each is a rule of its own, told by its version.
    const auto [at, added] =
        indices_.emplace(std::pair(rule.id.text(), rule.version + rule.path), rules_.size());
    if (added) rules_.push_back(&rule);
    return at->second;
  }

  static void append_message(const model::Finding& finding, JsonWriter& json) {
    const model::Facts& facts = finding.event.facts;
    std::string text = finding.rule.title;
    if (const std::string actor = actor_label(facts); !actor.empty()) {
      text += fmt::format(": {} called {}", actor, action_label(facts));
      if (const std::string from = source_label(facts); !from.empty()) {
        text += fmt::format(" from {}", from);
      }
      if (facts.outcome != model::Outcome::kOk) {
        text += fmt::format(" ({})", name_of(facts.outcome));
      }
    }
    // SARIF 3.11.5: text may hold {0} and [links](x), which foreign text must not make.
    std::string plain;
    for (const char c : text) {
      if (c == '{' || c == '}') plain += c;
      if (c == '[' || c == ']' || c == '\\') plain += '\\';
      plain += c;
    }
    json.key("message").begin_object().field("text", plain).end_object();
  }

  static void append_locations(const model::Finding& finding, JsonWriter& json) {
    json.key("locations").begin_array().begin_object();
    json.key("physicalLocation").begin_object();
    json.key("artifactLocation")
        .begin_object()
        .field("uri", uri_of(finding.event.origin.file))
        .end_object();
    json.key("region").begin_object().field("byteOffset", finding.event.origin.offset).end_object();
    json.end_object();
    json.key("logicalLocations").begin_array();
    for (const model::Target& target : finding.event.facts.targets) {
      json.begin_object()
          .field("name", name_of(target.entity))
          .field("fullyQualifiedName", target.entity.text)
          .field("kind", "resource")
          .end_object();
    }
    json.end_array().end_object().end_array();
  }

  static void append_properties(const model::Finding& finding, JsonWriter& json) {
    json.key("properties").begin_object();
    field_if(json, "time", finding.event.facts.time);
    json.field("stanchLevel", name_of(finding.rule.level));
    json.field("eventId", finding.event.id.text());
    field_if(json, "actor", finding.event.facts.actor.entity.text);
    field_if(json, "account", finding.event.facts.account);
    field_if(json, "region", finding.event.facts.region);
    append_correlated(finding, json);
    append_matched(finding, json);
    append_origin(finding.event.origin, json);
    if (!finding.event.raw.empty()) {
      codec::JsonParser parser;
      if (const codec::JsonView view = parser.parse(finding.event.raw)) {
        std::string compact;
        codec::append_compact(view, compact);
        json.key("raw").raw(compact);
      }
    }
    json.end_object();
  }

  static void append_rule(const model::RuleInfo& rule, JsonWriter& json) {
    json.begin_object().field("id", rule.id.text());
    json.key("shortDescription").begin_object().field("text", rule.title).end_object();
    if (!rule.description.empty()) {
      json.key("fullDescription").begin_object().field("text", rule.description).end_object();
    }
    if (!rule.falsepositives.empty()) {
      std::string text = "Known false positives:";
      for (const std::string& each : rule.falsepositives) text += "\n- " + each;
      json.key("help").begin_object().field("text", text).end_object();
    }
    for (const std::string& reference : rule.references) {
      if (reference.starts_with("https://") && reference.find(' ') == std::string::npos) {
        json.field("helpUri", reference);
        break;
      }
    }
    json.key("defaultConfiguration")
        .begin_object()
        .field("level", level_of(rule.level))
        .end_object();
    json.key("properties").begin_object().field("stanchLevel", name_of(rule.level));
    field_if(json, "status", rule.status);
    json.field("version", rule.version);
    json.key("tags").begin_array();
    for (const std::string& tag : rule.tags) json.string(tag);
    json.end_array();
    json.key("techniques").begin_array();
    for (const std::string& technique : attack_of(rule.tags).techniques) json.string(technique);
    json.end_array().end_object().end_object();
  }

  static void append_invocation(const ScanSummary& summary, std::string& out) {
    JsonWriter json(out);
    json.begin_array().begin_object().field("executionSuccessful", !has_lost_input(summary));
    json.key("toolExecutionNotifications").begin_array();
    for (const ingest::InputError& error : summary.errors) {
      json.begin_object().field("level", error.loss ? "error" : "note");
      json.key("descriptor").begin_object().field("id", name_of(error.problem)).end_object();
      json.key("message").begin_object().field("text", error.message).end_object().end_object();
    }
    json.end_array().end_object().end_array();
  }

  WriterOptions options_;
  bool first_ = true;
  std::vector<const model::RuleInfo*> rules_;
  std::map<std::pair<std::string, std::string>, uint64_t> indices_;
};

}  // namespace

std::unique_ptr<FindingWriter> make_sarif_writer(const WriterOptions& options) {
  return std::make_unique<SarifWriter>(options);
}

}  // namespace stanch::pipeline::output

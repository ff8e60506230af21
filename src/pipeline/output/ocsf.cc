#include <fmt/format.h>

#include <algorithm>

#include "base/time.h"
#include "pipeline/output/attack.h"
#include "pipeline/output/labels.h"
#include "pipeline/output/text.h"
#include "pipeline/output/writers.h"

// OCSF Detection Finding (class 2004) with the cloud profile, one document a line.
// `time`, the creation of the finding, is the event's own time: a scan gives the
// same bytes whenever it runs. An event without a time has 0, which OCSF demands.
// tests/system/ocsf_validate.py holds documents against the public schema.

namespace stanch::pipeline::output {

namespace {

using codec::JsonWriter;

constexpr std::string_view kOcsfVersion = "1.9.0-dev";
constexpr int kClass = 2004, kCategory = 2, kActivityCreate = 1;

// OCSF observable type ids (objects/observable.json and the dictionary's types).
constexpr int kObservableIp = 2, kObservableResource = 10, kObservableUserAgent = 16,
              kObservableCredential = 19;

int64_t milliseconds(const std::optional<Time>& time) {
  if (!time) return 0;
  return std::chrono::floor<std::chrono::milliseconds>(*time).time_since_epoch().count();
}

struct Severity {
  int id;
  std::string_view name;
};
Severity severity_of(model::Level level) {
  switch (level) {
    case model::Level::kInformational: return {1, "Informational"};
    case model::Level::kLow: return {2, "Low"};
    case model::Level::kMedium: return {3, "Medium"};
    case model::Level::kHigh: return {4, "High"};
    case model::Level::kCritical: return {5, "Critical"};
  }
  return {0, "Unknown"};
}

std::string_view provider_of(std::string_view cloud) {
  if (cloud == "aws") return "AWS";
  if (cloud == "azure") return "Azure";
  if (cloud == "gcp") return "GCP";
  return cloud;
}

// The part between ':' and '/' of an entity id: "role" of aws:role/123/deploy.
std::string_view type_of(model::EntityRef entity) {
  const std::string_view head = entity.text.substr(0, entity.text.find('/'));
  const size_t colon = head.find(':');
  return colon == std::string_view::npos ? head : head.substr(colon + 1);
}

void append_attacks(const model::RuleInfo& rule, JsonWriter& json) {
  const Attack attack = attack_of(rule.tags);
  if (attack.tactics.empty() && attack.techniques.empty()) return;
  const auto append_tactic = [&json](const std::string& name) {
    const Tactic* tactic = find_tactic(name);
    json.key("tactic").begin_object();
    field_if(json, "uid", tactic->id);
    json.field("name", tactic->caption).end_object();
  };
  json.key("attacks").begin_array();
  for (const std::string& technique : attack.techniques) {
    json.begin_object();
    // Tags do not say which tactic a technique serves, unless there is one only.
    if (attack.tactics.size() == 1) append_tactic(attack.tactics.front());
    const size_t dot = technique.find('.');
    json.key("technique").begin_object().field("uid", technique.substr(0, dot)).end_object();
    if (dot != std::string::npos) {
      json.key("sub_technique").begin_object().field("uid", technique).end_object();
    }
    json.end_object();
  }
  if (attack.tactics.size() > 1 || attack.techniques.empty()) {
    for (const std::string& name : attack.tactics) {
      json.begin_object();
      append_tactic(name);
      json.end_object();
    }
  }
  json.end_array();
}

void append_finding_info(const model::Finding& finding, JsonWriter& json) {
  const model::RuleInfo& rule = finding.rule;
  json.key("finding_info").begin_object();
  json.field("uid", finding.id.text()).field("title", rule.title);
  field_if(json, "desc", rule.description);
  json.key("analytic")
      .begin_object()
      .field("type_id", 1)
      .field("type", "Rule")
      .field("uid", rule.id.text())
      .field("name", rule.title)
      .field("version", rule.version)
      .end_object();
  append_attacks(rule, json);
  if (finding.event.facts.time) {
    const int64_t time = milliseconds(finding.event.facts.time);
    json.field("created_time", time).field("first_seen_time", time).field("last_seen_time", time);
  }
  json.key("related_events").begin_array();
  const auto add_event = [&](model::EventIdRef event) {
    json.begin_object().field("uid", event.text()).end_object();
  };
  std::ranges::for_each(finding.correlated, add_event);
  if (finding.correlated.empty()) add_event(finding.event.id);
  json.end_array();
  json.end_object();
}

void append_metadata(const model::Finding& finding, const RunInfo& run, JsonWriter& json) {
  json.key("metadata").begin_object().field("version", kOcsfVersion);
  json.key("product")
      .begin_object()
      .field("name", "Stanch")
      .field("vendor_name", "Stanch")
      .field("version", run.program_version)
      .end_object();
  json.field("uid", finding.id.text());
  field_if(json, "original_event_uid", finding.event.facts.event_id);
  field_if(json, "original_time", finding.event.facts.time);
  json.field("log_source", finding.event.origin.file);
  if (!finding.event.facts.cloud.empty())
    json.key("profiles").begin_array().string("cloud").end_array();
  json.end_object();
}

void append_account(std::string_view account, JsonWriter& json) {
  if (account.empty()) return;
  json.key("account").begin_object().field("uid", account).end_object();
}

void append_cloud(const model::Facts& facts, JsonWriter& json) {
  if (facts.cloud.empty()) return;
  json.key("cloud").begin_object().field("provider", provider_of(facts.cloud));
  field_if(json, "region", facts.region);
  append_account(facts.account, json);
  if (!facts.organization.empty()) {
    json.key("org").begin_object().field("uid", facts.organization).end_object();
  }
  json.end_object();
}

void append_api(const model::Facts& facts, JsonWriter& json) {
  if (facts.action.name.empty()) return;
  json.key("api").begin_object().field("operation", facts.action.name);
  if (!facts.action.service.empty()) {
    json.key("service").begin_object().field("name", facts.action.service).end_object();
  }
  if (!facts.request_id.empty()) {
    json.key("request").begin_object().field("uid", facts.request_id).end_object();
  }
  if (!facts.error_code.empty() || !facts.error_message.empty()) {
    json.key("response").begin_object();
    field_if(json, "error", facts.error_code);
    field_if(json, "error_message", facts.error_message);
    json.end_object();
  }
  json.end_object();
}

void append_user(const model::Facts& facts, JsonWriter& json) {
  const model::Actor& actor = facts.actor;
  const std::string name = actor_label(facts);
  if (name.empty() && actor.arn.empty() && actor.account.empty()) return;
  json.key("user").begin_object();
  field_if(json, "name", name);
  field_if(json, "uid", actor.arn.empty() ? actor.principal_id : actor.arn);
  field_if(json, "uid_alt", actor.entity.text);
  const bool service = actor.type == model::ActorType::kService;
  const bool root = actor.type == model::ActorType::kRoot;
  json.field("type_id", service ? 4 : root ? 2 : 1);
  json.field("type", service ? "Service" : root ? "Admin" : "User");
  append_account(actor.account, json);
  if (!facts.credential.access_key_id.empty()) {
    json.key("programmatic_credentials").begin_array().begin_object();
    json.field("uid", facts.credential.access_key_id).end_object().end_array();
  }
  if (facts.credential.mfa) json.field("has_mfa", *facts.credential.mfa);
  json.end_object();
}

void append_session(const model::Credential& credential, JsonWriter& json) {
  if (credential.session.empty() && credential.session_name.empty() && !credential.issued) return;
  json.key("session").begin_object();
  field_if(json, "uid",
           credential.session.empty() ? credential.session_name : credential.session.text);
  if (credential.issued) json.field("created_time", milliseconds(credential.issued));
  field_if(json, "issuer", credential.issuer_arn);
  field_if(json, "credential_uid", credential.access_key_id);
  if (credential.mfa) json.field("is_mfa", *credential.mfa);
  json.end_object();
}

void append_actor(const model::Facts& facts, JsonWriter& json) {
  std::string members;
  JsonWriter inner(members);
  inner.begin_object();
  append_user(facts, inner);
  append_session(facts.credential, inner);
  field_if(inner, "app_name", facts.credential.invoked_by);
  inner.end_object();
  if (members != "{}") json.key("actor").raw(members);
}

// The address as OCSF's ip_t wants it. Records write some with leading zeros; the entity id holds
// the canonical text.
std::string_view ip_of(const model::Source& source) {
  constexpr std::string_view kPrefix = "ip/";
  if (!source.entity.text.starts_with(kPrefix)) return {};
  return source.entity.text.substr(kPrefix.size());
}

void append_source(const model::Source& source, JsonWriter& json) {
  if (!source.address.empty() || !source.service.empty()) {
    json.key("src_endpoint").begin_object();
    field_if(json, "ip", ip_of(source));
    if (ip_of(source).empty()) field_if(json, "name", source.address);
    field_if(json, "svc_name", source.service);
    json.end_object();
  }
  if (!source.user_agent.empty()) {
    json.key("http_request").begin_object().field("user_agent", source.user_agent).end_object();
  }
  if (!source.tls_version.empty()) {
    json.key("tls").begin_object().field("version", source.tls_version);
    field_if(json, "cipher", source.tls_cipher);
    field_if(json, "sni", source.tls_host);
    json.end_object();
  }
}

void append_evidence(const model::Finding& finding, JsonWriter& json) {
  json.key("evidences").begin_array().begin_object();
  json.field("uid", finding.event.id.text());
  append_actor(finding.event.facts, json);
  append_api(finding.event.facts, json);
  append_source(finding.event.facts.source, json);
  json.key("data").begin_object();
  append_matched(finding, json);
  append_origin(finding.event.origin, json);
  json.end_object().end_object().end_array();
}

void append_resources(const model::Facts& facts, JsonWriter& json) {
  if (facts.targets.empty()) return;
  json.key("resources").begin_array();
  for (const model::Target& target : facts.targets) {
    json.begin_object()
        .field("uid", target.entity.text)
        .field("name", name_of(target.entity))
        .field("type", type_of(target.entity));
    field_if(json, "region", facts.region);
    json.end_object();
  }
  json.end_array();
}

class Observables {
 public:
  explicit Observables(JsonWriter& json) : json_(json) {}
  ~Observables() {
    if (any_) json_.end_array();
  }
  void add(std::string_view name, int type, std::string_view caption, std::string_view value) {
    if (value.empty()) return;
    if (!any_) json_.key("observables").begin_array();
    any_ = true;
    json_.begin_object()
        .field("name", name)
        .field("type_id", type)
        .field("type", caption)
        .field("value", value)
        .end_object();
  }

 private:
  JsonWriter& json_;
  bool any_ = false;
};

void append_observables(const model::Facts& facts, JsonWriter& json) {
  Observables observables(json);
  observables.add("evidences[0].src_endpoint.ip", kObservableIp, "IP Address", ip_of(facts.source));
  observables.add("evidences[0].actor.user.programmatic_credentials[0].uid", kObservableCredential,
                  "User Credential ID", facts.credential.access_key_id);
  observables.add("evidences[0].http_request.user_agent", kObservableUserAgent, "HTTP User-Agent",
                  facts.source.user_agent);
  for (size_t i = 0; i < facts.targets.size(); ++i) {
    observables.add(fmt::format("resources[{}].uid", i), kObservableResource, "Resource UID",
                    facts.targets[i].entity.text);
  }
}

class OcsfWriter : public FindingWriter {
 public:
  explicit OcsfWriter(const WriterOptions& options) : run_(options.run) {}

  void begin(std::string&) override {}

  void write(const model::Finding& finding, std::string& out) override {
    const size_t begin = out.size();
    const model::Facts& facts = finding.event.facts;
    const Severity severity = severity_of(finding.rule.level);
    JsonWriter json(out);
    json.begin_object()
        .field("activity_id", kActivityCreate)
        .field("activity_name", "Create")
        .field("category_uid", kCategory)
        .field("category_name", "Findings")
        .field("class_uid", kClass)
        .field("class_name", "Detection Finding")
        .field("type_uid", kClass * 100 + kActivityCreate)
        .field("type_name", "Detection Finding: Create")
        .field("time", milliseconds(facts.time))
        .field("severity_id", severity.id)
        .field("severity", severity.name)
        .field("status_id", 1)
        .field("status", "New")
        .field("is_alert", finding.rule.level >= model::Level::kMedium)
        .field("message", message_of(finding));
    append_metadata(finding, run_, json);
    append_finding_info(finding, json);
    append_cloud(facts, json);
    if (!facts.cloud.empty()) append_api(facts, json);
    append_evidence(finding, json);
    append_resources(facts, json);
    append_observables(facts, json);
    field_if(json, "raw_data", finding.event.raw);
    json.key("unmapped")
        .begin_object()
        .field("content_version", finding.content_version)
        .field("outcome", name_of(facts.outcome))
        .end_object();
    json.end_object();
    escape_hidden(out, begin);
    out += '\n';
  }

  void end(const ScanSummary&, std::string&) override {}

 private:
  static std::string message_of(const model::Finding& finding) {
    const std::string actor = actor_label(finding.event.facts);
    if (actor.empty()) return finding.rule.title;
    return fmt::format("{}: {} called {}", finding.rule.title, actor,
                       action_label(finding.event.facts));
  }

  RunInfo run_;
};

}  // namespace

std::unique_ptr<FindingWriter> make_ocsf_writer(const WriterOptions& options) {
  return std::make_unique<OcsfWriter>(options);
}

}  // namespace stanch::pipeline::output

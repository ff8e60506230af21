#include <string>

#include "codec/timestamp.h"
#include "model/aws_entity.h"
#include "normalize/aws_cloudtrail.h"
#include "normalize/family.h"
#include "normalize/host_entity.h"
#include "normalize/json_reader.h"
#include "normalize/kubernetes_user.h"
#include "normalize/target_list.h"

// Alerts of Falco (json_output): of system calls, of Kubernetes' audit events and of CloudTrail,
// whose fields its plugins give names of their own.
// https://falco.org/docs/concepts/outputs/formatting/
// https://falco.org/docs/reference/rules/supported-fields/
// https://falco.org/docs/reference/plugins/

namespace stanch::normalize {

namespace falco {

namespace {

using codec::JsonView;
using model::TargetSource;

bool is_alert(JsonView event) {
  return is_object(event["output_fields"]) && is_text(event["rule"]) && is_text(event["priority"]);
}

std::string_view alert_id(JsonView event, std::string& scratch) {
  return text_of(event["uuid"], scratch);
}

// Falco writes "<NA>" for what a process does not have.
std::string_view field(JsonReader& read, JsonView event, std::string_view name) {
  const std::string_view text = read.text(event["output_fields"][name]);
  return text == "<NA>" ? std::string_view() : text;
}

void set_source(JsonReader& read, std::string_view address, model::Facts& facts) {
  if (!facts.source.address.empty()) return;
  facts.source.entity = model::ip_entity(address, read.arena());
  if (!facts.source.entity.empty()) facts.source.address = address;
}

void extract_kubernetes(JsonReader& read, JsonView event, model::Facts& facts,
                        TargetList& targets) {
  TextArena& arena = read.arena();
  facts.cloud = "kubernetes";
  kubernetes::set_actor(field(read, event, "ka.user.name"), arena, facts.actor);
  facts.source.user_agent = field(read, event, "ka.useragent");
  for (const std::string_view name : {"ka.sourceips", "ka.sourceips[0]"}) {
    set_source(read, field(read, event, name), facts);
  }
  // The resource is said in the plural.
  std::string_view type = field(read, event, "ka.target.resource");
  if (type.ends_with('s')) type.remove_suffix(1);
  if (type == "serviceaccount") type = "service-account";
  if (!type.empty()) {
    targets.add(kubernetes::entity(type, field(read, event, "ka.target.namespace"),
                                   field(read, event, "ka.target.name"), arena),
                TargetSource::kRequest);
  }
  const std::string_view code = field(read, event, "ka.response.code");
  if (code == "401" || code == "403") facts.outcome = model::Outcome::kDenied;
}

void extract_cloudtrail(JsonReader& read, JsonView event, model::Facts& facts) {
  TextArena& arena = read.arena();
  facts.cloud = "aws";
  facts.account = field(read, event, "ct.user.accountid");
  facts.region = field(read, event, "ct.region");
  facts.actor.user_name = field(read, event, "ct.user");
  facts.actor.arn = field(read, event, "ct.user.arn");
  facts.actor.entity = model::aws_entity(facts.actor.arn, arena);
  facts.actor.account = facts.account;
  const std::string_view type = model::entity_type(facts.actor.entity);
  if (type == model::word_of(model::AwsType::kUser)) facts.actor.type = model::ActorType::kUser;
  if (type == model::word_of(model::AwsType::kRole)) facts.actor.type = model::ActorType::kRole;
  facts.source.user_agent = field(read, event, "ct.useragent");
  set_source(read, field(read, event, "ct.srcip"), facts);
  facts.error_code = field(read, event, "ct.error");
  if (!facts.error_code.empty()) {
    facts.outcome =
        aws::is_denial(facts.error_code) ? model::Outcome::kDenied : model::Outcome::kFailed;
  }
}

void extract_calls(JsonReader& read, JsonView event, model::Facts& facts, TargetList& targets) {
  TextArena& arena = read.arena();
  const std::string_view host = read.text(event["hostname"]);
  facts.cloud = "linux";
  facts.actor.user_name = field(read, event, "user.name");
  facts.actor.principal_id = field(read, event, "user.uid");
  facts.actor.entity = host::user_entity(host, facts.actor.user_name, arena);
  if (!facts.actor.entity.empty()) facts.actor.type = model::ActorType::kUser;
  targets.add(host::host_entity(host, arena), TargetSource::kResources);
  targets.add(kubernetes::entity("pod", field(read, event, "k8s.ns.name"),
                                 field(read, event, "k8s.pod.name"), arena),
              TargetSource::kResources);
  // Who began a connection; where it is only said who is at its other end, that one.
  set_source(read, field(read, event, "fd.cip"), facts);
  for (const std::string_view name : {"fd.sip", "fd.rip"}) {
    const model::EntityRef address = model::ip_entity(field(read, event, name), arena);
    if (address != facts.source.entity) targets.add(address, TargetSource::kRequest);
  }
}

void extract(JsonView event, TextArena& arena, model::Facts& facts) {
  JsonReader read(arena);
  TargetList targets(arena, facts);
  facts.event_id = read.text(event["uuid"]);
  facts.time = codec::parse_timestamp(read.text(event["time"]));
  facts.action.service = "falco";
  facts.action.name = facts.action.raw_name = read.text(event["rule"]);
  facts.action.plane = model::Plane::kInsight;
  const std::string_view source = read.text(event["source"]);
  if (source == "k8s_audit") {
    extract_kubernetes(read, event, facts, targets);
  } else if (source == "aws_cloudtrail") {
    extract_cloudtrail(read, event, facts);
  } else {
    extract_calls(read, event, facts, targets);
  }
}

}  // namespace

}  // namespace falco

const Family kFalco = {.family = LogFamily::kFalco,
                       .name = "falco",
                       .source = {.product = "falco"},
                       .needs = {clues({"output_fields"})},
                       .is_one = falco::is_alert,
                       .event_id = falco::alert_id,
                       .extract = falco::extract};

}  // namespace stanch::normalize

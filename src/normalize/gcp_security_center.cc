#include <string>

#include "codec/timestamp.h"
#include "model/gcp_entity.h"
#include "normalize/family.h"
#include "normalize/json_reader.h"
#include "normalize/target_list.h"

// Findings of Google's Security Command Center, as it notifies of them and lists them: around
// `finding` stands what is known of the resource.
// https://docs.cloud.google.com/security-command-center/docs/reference/rest/v2/organizations.sources.findings

namespace stanch::normalize {

namespace security_center {

namespace {

using codec::JsonView;
using model::TargetSource;

bool is_finding(JsonView event) {
  const JsonView finding = event["finding"];
  return is_object(finding) && is_text(finding["category"]) && is_text(finding["name"]) &&
         finding["state"].exists();
}

// It changes under one name.
std::string_view finding_id(JsonView event, std::string& scratch) {
  const JsonView finding = event["finding"];
  const JsonView time = finding["eventTime"];
  std::string whole;
  whole = text_of(finding["name"], scratch);
  if (whole.empty()) return {};
  if (is_text(time)) whole += '/' + std::string(time.raw());
  scratch = whole;
  return scratch;
}

void extract(JsonView event, TextArena& arena, model::Facts& facts) {
  JsonReader read(arena);
  const JsonView finding = event["finding"], access = finding["access"];
  std::string scratch;
  facts.cloud = "gcp";
  facts.event_id = arena.store(finding_id(event, scratch));
  for (const std::string_view member : {"eventTime", "createTime"}) {
    if (!facts.time) facts.time = codec::parse_timestamp(read.text(finding[member]));
  }
  facts.action.service = "securitycenter.googleapis.com";
  facts.action.name = facts.action.raw_name = read.text(finding["category"]);
  facts.action.plane = model::Plane::kInsight;
  const std::string_view resource = read.text(finding["resourceName"]);
  for (const std::string_view name : {resource, read.text(event["resource"]["project"]),
                                      read.text(event["resource"]["gcpMetadata"]["project"])}) {
    if (facts.account.empty()) facts.account = model::gcp_project_of(name);
  }
  facts.actor.user_name = read.text(access["principalEmail"]);
  facts.actor.entity = model::gcp_principal(facts.actor.user_name, arena);
  if (!facts.actor.entity.empty()) {
    facts.actor.type = model::is_service_account(facts.actor.user_name)
                           ? model::ActorType::kServiceAccount
                           : model::ActorType::kUser;
  }
  facts.credential.entity = model::gcp_resource(read.text(access["serviceAccountKeyName"]), arena);
  facts.source.address = read.text(access["callerIp"]);
  facts.source.entity = model::ip_entity(facts.source.address, arena);
  facts.source.user_agent = read.text(access["userAgent"]);
  TargetList targets(arena, facts);
  // Buckets are named without the words that names of resources have.
  constexpr std::string_view kBuckets = "//storage.googleapis.com/";
  const bool is_bucket = resource.starts_with(kBuckets) && !resource.ends_with('/') &&
                         !resource.substr(kBuckets.size()).contains('/');
  targets.add(model::gcp_resource(
                  is_bucket ? "projects/_/buckets/" + std::string(resource.substr(kBuckets.size()))
                            : std::string(resource),
                  arena),
              TargetSource::kResources);
  for (const JsonView binding : finding["iamBindings"].elements()) {
    targets.add(model::gcp_member(read.text(binding["member"]), arena), TargetSource::kRequest);
  }
}

}  // namespace

}  // namespace security_center

const Family kSecurityCenter = {.family = LogFamily::kSecurityCenter,
                                .name = "gcp_security_center",
                                .source = {.product = "gcp", .service = "securitycenter"},
                                .needs = {clues({"finding"})},
                                .is_one = security_center::is_finding,
                                .event_id = security_center::finding_id,
                                .extract = security_center::extract};

}  // namespace stanch::normalize

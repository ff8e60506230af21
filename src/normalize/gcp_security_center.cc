#include <string>

#include "codec/timestamp.h"
#include "model/gcp_entity.h"
#include "normalize/family.h"
#include "normalize/gcp_values.h"
#include "normalize/json_reader.h"
#include "normalize/kubernetes_user.h"
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

// Of "organizations/1/sources/2/findings/3".
std::string_view organization_of(std::string_view name) {
  constexpr std::string_view kOrganizations = "organizations/";
  if (!name.starts_with(kOrganizations)) return {};
  name.remove_prefix(kOrganizations.size());
  return name.substr(0, name.find('/'));
}

void read_place(JsonReader& read, JsonView event, model::Facts& facts) {
  const JsonView resource = event["resource"], metadata = resource["gcpMetadata"];
  facts.organization = organization_of(facts.event_id);
  facts.region = read.text(resource["location"]);
  for (const JsonView name : {metadata["projectDisplayName"], resource["projectDisplayName"]}) {
    if (facts.account.empty()) facts.account = read.text(name);
  }
  for (const JsonView name : {event["finding"]["resourceName"], resource["project"],
                              resource["projectName"], metadata["project"]}) {
    const std::string_view text = read.text(name);
    const size_t at = text.find("projects/");
    if (facts.account.empty() && at != text.npos) {
      facts.account = model::gcp_project_of(text.substr(at));
    }
  }
}

// The call that it was found by, where it was one.
void read_access(JsonReader& read, JsonView access, model::Facts& facts) {
  if (!is_object(access)) return;
  TextArena& arena = read.arena();
  const std::string_view email = read.text(access["principalEmail"]);
  const std::string_view subject = read.text(access["principalSubject"]);
  if (!email.empty() || !subject.empty()) gcp::set_actor(email, subject, arena, facts.actor);
  gcp::set_key(read.text(access["serviceAccountKeyName"]), arena, facts.credential);
  gcp::set_source(read.text(access["callerIp"]), arena, facts);
  facts.source.user_agent = read.text(access["userAgent"]);
}

// Buckets are named without the words that names of resources have.
model::EntityRef resource_of(std::string_view name, TextArena& arena) {
  constexpr std::string_view kBuckets = "//storage.googleapis.com/";
  if (!name.starts_with(kBuckets)) return model::gcp_resource(name, arena);
  const std::string_view bucket = name.substr(kBuckets.size());
  if (bucket.contains('/')) return model::gcp_resource(name, arena);
  return model::gcp_resource(arena.store("projects/_/buckets/" + std::string(bucket)), arena);
}

void read_targets(JsonReader& read, JsonView event, model::Facts& facts) {
  const JsonView finding = event["finding"], kubernetes = finding["kubernetes"];
  TextArena& arena = read.arena();
  TargetList targets(arena, facts);
  for (const JsonView name : {finding["resourceName"], event["resource"]["name"]}) {
    targets.add(resource_of(read.text(name), arena), TargetSource::kResources);
  }
  for (const JsonView pod : kubernetes["pods"].elements()) {
    targets.add(kubernetes::entity("pod", read.text(pod["ns"]), read.text(pod["name"]), arena),
                TargetSource::kResources);
  }
  for (const JsonView binding : finding["iamBindings"].elements()) {
    if (read.text(binding["action"]) == "REMOVE") continue;
    targets.add(model::gcp_member(read.text(binding["member"]), arena), TargetSource::kRequest);
  }
  for (const JsonView connection : finding["connections"].elements()) {
    for (const std::string_view end : {"sourceIp", "destinationIp"}) {
      targets.add(model::ip_entity(read.text(connection[end]), arena), TargetSource::kRequest);
    }
  }
  for (const JsonView address : finding["indicator"]["ipAddresses"].elements()) {
    targets.add(model::ip_entity(read.text(address), arena), TargetSource::kRequest);
  }
}

void extract(JsonView event, TextArena& arena, model::Facts& facts) {
  JsonReader read(arena);
  const JsonView finding = event["finding"];
  facts.cloud = "gcp";
  std::string scratch;
  facts.event_id = arena.store(finding_id(event, scratch));
  for (const std::string_view member : {"eventTime", "createTime"}) {
    if (!facts.time) facts.time = codec::parse_timestamp(read.text(finding[member]));
  }
  read_place(read, event, facts);
  facts.action.service = "securitycenter.googleapis.com";
  facts.action.name = facts.action.raw_name = read.text(finding["category"]);
  facts.action.plane = model::Plane::kInsight;
  read_access(read, finding["access"], facts);
  read_targets(read, event, facts);
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

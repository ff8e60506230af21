#include <string>

#include "normalize/aws_finding.h"
#include "normalize/family.h"
#include "normalize/kubernetes_user.h"

// Findings of GuardDuty: as EventBridge and the export to S3 have them, and as GetFindings gives
// them (the same members with a great first letter).
// https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_finding-format.html
// https://docs.aws.amazon.com/guardduty/latest/APIReference/API_Finding.html

namespace stanch::normalize {

namespace guardduty {

namespace {

using aws::Finding;
using aws::member_of;
using codec::JsonView;
using model::AwsType;

bool is_finding(JsonView event) {
  const JsonView service = member_of(event, "service");
  return is_object(service) && is_object(member_of(event, "resource")) &&
         is_text(member_of(event, "type")) && member_of(service, "detectorId").exists();
}

std::string_view finding_id(JsonView event, std::string& scratch) {
  return aws::id_of_state(member_of(event, "id"), member_of(event, "updatedAt"), scratch);
}

std::string_view text_at(Finding& finding, JsonView object, std::string_view name) {
  return finding.read().text(member_of(object, name));
}

// The addresses of the other side.
std::string_view remote_address(Finding& finding, JsonView action) {
  const JsonView remote = member_of(action, "remoteIpDetails");
  const std::string_view address = text_at(finding, remote, "ipAddressV4");
  return address.empty() ? text_at(finding, remote, "ipAddressV6") : address;
}

void add_key(Finding& finding, JsonView details) {
  finding.set_principal({.type = text_at(finding, details, "userType"),
                         .name = text_at(finding, details, "userName"),
                         .id = text_at(finding, details, "principalId"),
                         .access_key = text_at(finding, details, "accessKeyId")});
  const std::string_view key = text_at(finding, details, "accessKeyId");
  if (key.starts_with("AKIA") || key.starts_with("ASIA")) {
    finding.add_resource(AwsType::kAccessKey, key);
  }
}

// A member of `resource`, and where the ARNs or ids in it stand.
struct ResourceRow {
  std::string_view member;
  std::string_view name;
};
constexpr ResourceRow kResources[] = {
    {"instanceDetails", "instanceId"},
    {"s3BucketDetails", "arn"},
    {"lambdaDetails", "functionArn"},
    {"eksClusterDetails", "arn"},
    {"ecsClusterDetails", "arn"},
    {"rdsDbInstanceDetails", "dbInstanceArn"},
    {"rdsLimitlessDbDetails", "dbShardGroupArn"},
    {"ebsSnapshotDetails", "snapshotArn"},
    {"ec2ImageDetails", "imageArn"},
    {"recoveryPointDetails", "recoveryPointArn"},
};

void add_resources(Finding& finding, JsonView resource) {
  for (const ResourceRow& row : kResources) {
    const JsonView details = member_of(resource, row.member);
    finding.add_resource(text_at(finding, details, row.name));
    for (const JsonView one : details.elements()) {
      finding.add_resource(text_at(finding, one, row.name));
    }
  }
  const JsonView instance = member_of(resource, "instanceDetails");
  finding.add_resource(text_at(finding, member_of(instance, "iamInstanceProfile"), "arn"));
  const JsonView task = member_of(member_of(resource, "ecsClusterDetails"), "taskDetails");
  finding.add_resource(text_at(finding, task, "arn"));
  const JsonView scanned = member_of(resource, "ebsVolumeDetails");
  for (const JsonView volume : member_of(scanned, "scannedVolumeDetails").elements()) {
    finding.add_resource(text_at(finding, volume, "volumeArn"));
  }
  const JsonView in_cluster = member_of(resource, "kubernetesDetails");
  const JsonView user = member_of(in_cluster, "kubernetesUserDetails");
  if (is_object(user) && finding.facts().actor.type == model::ActorType::kUnknown) {
    finding.facts().actor.principal_id = text_at(finding, user, "uid");
    kubernetes::set_actor(text_at(finding, user, "username"), finding.arena(),
                          finding.facts().actor);
  }
  const JsonView database_user = member_of(resource, "rdsDbUserDetails");
  if (finding.facts().actor.user_name.empty()) {
    finding.facts().actor.user_name = text_at(finding, database_user, "user");
  }
}

void read_api_call(Finding& finding, JsonView call) {
  finding.set_source(remote_address(finding, call));
  finding.set_error(text_at(finding, call, "errorCode"));
  finding.facts().source.user_agent = text_at(finding, call, "userAgent");
  if (finding.facts().source.address.empty()) {
    finding.facts().source.service = text_at(finding, member_of(call, "domainDetails"), "domain");
  }
  for (const auto& [type, arn] : member_of(call, "affectedResources").members()) {
    finding.add_resource(finding.read().text(arn));
  }
}

void read_kubernetes_call(Finding& finding, JsonView call) {
  finding.set_source(remote_address(finding, call));
  for (const std::string_view name : {"sourceIPs", "sourceIps"}) {
    for (const JsonView address : member_of(call, name).elements()) {
      finding.set_source(finding.read().text(address));
    }
  }
  finding.facts().source.user_agent = text_at(finding, call, "userAgent");
  const std::string_view status = text_at(finding, call, "statusCode");
  if (status == "401" || status == "403") {
    finding.facts().outcome = model::Outcome::kDenied;
  } else if (status.size() == 3 && status[0] >= '4') {
    finding.facts().outcome = model::Outcome::kFailed;
  }
  if (finding.facts().outcome != model::Outcome::kOk) finding.facts().error_code = status;
}

// Who is on the other side: where it came from, or, of what went out, where it went.
void read_connection(Finding& finding, JsonView connection) {
  const std::string_view remote = remote_address(finding, connection);
  if (text_at(finding, connection, "connectionDirection") == "OUTBOUND") {
    finding.add_target_address(remote);
    const JsonView local = member_of(connection, "localIpDetails");
    finding.set_source(text_at(finding, local, "ipAddressV4"));
  } else {
    finding.set_source(remote);
  }
}

void read_action(Finding& finding, JsonView action) {
  const JsonView connection = member_of(action, "networkConnectionAction");
  const JsonView probe = member_of(action, "portProbeAction");
  const JsonView call = member_of(action, "awsApiCallAction");
  const JsonView kubernetes_call = member_of(action, "kubernetesApiCallAction");
  if (is_object(call)) read_api_call(finding, call);
  if (is_object(kubernetes_call)) read_kubernetes_call(finding, kubernetes_call);
  read_connection(finding, connection);
  for (const JsonView one : member_of(probe, "portProbeDetails").elements()) {
    finding.set_source(remote_address(finding, one));
  }
  finding.set_source(remote_address(finding, member_of(action, "rdsLoginAttemptAction")));
  for (const JsonView one : {connection, probe, member_of(action, "dnsRequestAction")}) {
    const JsonView blocked = member_of(one, "blocked");
    if (finding.read().flag(blocked).value_or(false)) {
      finding.facts().outcome = model::Outcome::kDenied;
    }
  }
}

// Of several findings that are one attack: who, what and from where all of them were.
void read_sequence(Finding& finding, JsonView sequence) {
  for (const JsonView actor : member_of(sequence, "actors").elements()) {
    const JsonView user = member_of(actor, "user");
    finding.set_principal({.type = text_at(finding, user, "type"),
                           .name = text_at(finding, user, "name"),
                           .id = text_at(finding, user, "uid"),
                           .access_key = text_at(finding, user, "credentialUid")});
  }
  for (const JsonView endpoint : member_of(sequence, "endpoints").elements()) {
    finding.set_source(text_at(finding, endpoint, "ip"));
  }
  for (const JsonView resource : member_of(sequence, "resources").elements()) {
    finding.add_resource(text_at(finding, resource, "uid"));
  }
}

void extract(JsonView event, TextArena& arena, model::Facts& facts) {
  Finding finding(arena, facts);
  std::string scratch;
  finding.set_place(text_at(finding, event, "accountId"), text_at(finding, event, "region"));
  facts.event_id = arena.store(finding_id(event, scratch));
  const JsonView service = member_of(event, "service"), resource = member_of(event, "resource");
  facts.time = aws::time_of(finding.read(), member_of(service, "eventLastSeen"));
  for (const std::string_view member : {"updatedAt", "createdAt"}) {
    if (!facts.time) facts.time = aws::time_of(finding.read(), member_of(event, member));
  }
  facts.action.service = "guardduty.amazonaws.com";
  facts.action.name = facts.action.raw_name = text_at(finding, event, "type");
  facts.action.plane = model::Plane::kInsight;
  add_key(finding, member_of(resource, "accessKeyDetails"));
  add_resources(finding, resource);
  read_action(finding, member_of(service, "action"));
  read_sequence(finding, member_of(member_of(service, "detection"), "sequence"));
}

}  // namespace

}  // namespace guardduty

const Family kGuardDuty = {.family = LogFamily::kGuardDuty,
                           .name = "aws_guardduty",
                           .source = {.product = "aws", .service = "guardduty"},
                           .needs = {clues({"schemaVersion"}), clues({"SchemaVersion"})},
                           .is_one = guardduty::is_finding,
                           .event_id = guardduty::finding_id,
                           .extract = guardduty::extract};

}  // namespace stanch::normalize

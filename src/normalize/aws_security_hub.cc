#include <string>

#include "normalize/aws_finding.h"
#include "normalize/family.h"

// Findings of Security Hub, its own and those of others that it gathers: in its finding format
// (ASFF), and in OCSF, in which the newer Security Hub and Security Lake have them.
// https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-findings-format-syntax.html
// https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-ocsf-findings.html

namespace stanch::normalize {

namespace security_hub {

namespace {

using aws::Finding;
using codec::JsonView;

constexpr std::string_view kAccessKey = "AWS::IAM::AccessKey:";

bool is_asff(JsonView event) {
  return is_text(event["ProductArn"]) && is_text(event["AwsAccountId"]) && is_text(event["Id"]);
}

// What is GuardDuty's is its own log, however it comes: it must not count as two detectors that say
// the same.
bool is_of_guardduty(JsonView product) {
  return is_text(product) && product.raw().ends_with("/aws/guardduty");
}

bool is_guardduty_asff(JsonView event) {
  return is_asff(event) && is_of_guardduty(event["ProductArn"]);
}

std::string_view asff_id(JsonView event, std::string& scratch) {
  return aws::id_of_state(event["Id"], event["UpdatedAt"], scratch);
}

std::string_view first_text(Finding& finding, JsonView list) {
  for (const JsonView one : list.elements()) return finding.read().text(one);
  return {};
}

std::string_view remote_address(Finding& finding, JsonView action) {
  return finding.read().text(action["RemoteIpDetails"]["IpAddressV4"]);
}

// What happened, where the finding is of something that happens.
void read_action(Finding& finding, JsonView event) {
  JsonReader& read = finding.read();
  const JsonView action = event["Action"], network = event["Network"];
  const JsonView call = action["AwsApiCallAction"], connection = action["NetworkConnectionAction"];
  finding.set_source(remote_address(finding, call));
  const std::string_view remote = remote_address(finding, connection);
  if (read.text(connection["ConnectionDirection"]) == "OUTBOUND") {
    finding.add_target_address(remote);
  } else {
    finding.set_source(remote);
  }
  for (const JsonView one : action["PortProbeAction"]["PortProbeDetails"].elements()) {
    finding.set_source(remote_address(finding, one));
  }
  // GuardDuty's own members, by their paths.
  const JsonView fields = event["ProductFields"];
  for (const std::string_view kind : {"awsApiCallAction", "portProbeAction/portProbeDetails:0",
                                      "kubernetesApiCallAction", "rdsLoginAttemptAction"}) {
    const std::string path = "aws/guardduty/service/action/" + std::string(kind);
    finding.set_source(read.text(fields[path + "/remoteIpDetails/ipAddressV4"]));
  }
  constexpr std::string_view kNetwork = "aws/guardduty/service/action/networkConnectionAction/";
  const auto of_connection = [&](std::string_view name) {
    return read.text(fields[std::string(kNetwork) + std::string(name)]);
  };
  if (of_connection("connectionDirection") == "OUTBOUND") {
    finding.add_target_address(of_connection("remoteIpDetails/ipAddressV4"));
  } else {
    finding.set_source(of_connection("remoteIpDetails/ipAddressV4"));
  }
  finding.set_error(read.text(fields["aws/guardduty/service/action/awsApiCallAction/errorCode"]));
  for (const std::string_view member : {"SourceIpV4", "SourceIpV6"}) {
    finding.set_source(read.text(network[member]));
  }
  for (const JsonView blocked : {connection["Blocked"], action["PortProbeAction"]["Blocked"],
                                 action["DnsRequestAction"]["Blocked"]}) {
    if (read.flag(blocked).value_or(false)) finding.facts().outcome = model::Outcome::kDenied;
  }
}

void extract_asff(JsonView event, TextArena& arena, model::Facts& facts) {
  Finding finding(arena, facts);
  JsonReader& read = finding.read();
  std::string scratch;
  std::string_view region = read.text(event["Region"]);
  if (region.empty()) {
    region = model::parse_arn(read.text(event["ProductArn"])).value_or(model::Arn{}).region;
  }
  finding.set_place(read.text(event["AwsAccountId"]), region);
  facts.event_id = arena.store(asff_id(event, scratch));
  for (const std::string_view member : {"LastObservedAt", "UpdatedAt", "CreatedAt"}) {
    if (!facts.time) facts.time = aws::time_of(read, event[member]);
  }
  facts.action.service = read.text(event["ProductName"]);
  if (facts.action.service.empty()) facts.action.service = read.text(event["ProductArn"]);
  facts.action.plane = model::Plane::kInsight;
  // The control that was not met, or else the kind of finding.
  for (const JsonView name :
       {event["Compliance"]["SecurityControlId"], event["ProductFields"]["ControlId"]}) {
    if (facts.action.name.empty()) facts.action.name = read.text(name);
  }
  if (facts.action.name.empty()) facts.action.name = first_text(finding, event["Types"]);
  if (facts.action.name.empty()) facts.action.name = read.text(event["GeneratorId"]);
  facts.action.raw_name = facts.action.name;
  for (const JsonView resource : event["Resources"].elements()) {
    const std::string_view id = read.text(resource["Id"]);
    finding.add_resource(id);
    if (read.text(resource["Type"]) != "AwsIamAccessKey") continue;
    const JsonView details = resource["Details"]["AwsIamAccessKey"];
    finding.set_principal({.type = read.text(details["PrincipalType"]),
                           .name = read.text(details["PrincipalName"]),
                           .id = read.text(details["PrincipalId"]),
                           .access_key = id.starts_with(kAccessKey) ? id.substr(kAccessKey.size())
                                                                    : std::string_view()});
  }
  read_action(finding, event);
}

// Of all that has this form, what AWS sends.
bool is_ocsf(JsonView event) {
  const JsonView number = event["class_uid"], provider = event["cloud"]["provider"];
  return number.exists() && number.is_number() && number.raw().starts_with("20") &&
         number.raw().size() == 4 && is_text(provider) && provider.raw() == "AWS" &&
         (is_object(event["finding_info"]) || is_object(event["finding"]));
}

bool is_guardduty_ocsf(JsonView event) {
  return is_ocsf(event) && is_of_guardduty(event["metadata"]["product"]["uid"]);
}

JsonView info_of(JsonView event) {
  const JsonView info = event["finding_info"];
  return is_object(info) ? info : event["finding"];
}

std::string_view ocsf_id(JsonView event, std::string& scratch) {
  return aws::id_of_state(info_of(event)["uid"], event["time"], scratch);
}

void read_evidence(Finding& finding, JsonView evidence) {
  JsonReader& read = finding.read();
  const JsonView user = evidence["actor"]["user"];
  finding.set_principal({.type = read.text(user["type"]),
                         .name = read.text(user["name"]),
                         .id = read.text(user["uid"]),
                         .access_key = read.text(user["credential_uid"])});
  finding.set_source(read.text(evidence["src_endpoint"]["ip"]));
  finding.add_target_address(read.text(evidence["dst_endpoint"]["ip"]));
  finding.set_error(read.text(evidence["api"]["response"]["error"]));
}

void extract_ocsf(JsonView event, TextArena& arena, model::Facts& facts) {
  Finding finding(arena, facts);
  JsonReader& read = finding.read();
  std::string scratch;
  const JsonView info = info_of(event), cloud = event["cloud"];
  finding.set_place(read.text(cloud["account"]["uid"]), read.text(cloud["region"]));
  facts.event_id = arena.store(ocsf_id(event, scratch));
  for (const JsonView time :
       {info["last_seen_time_dt"], info["last_seen_time"], event["time_dt"], event["time"]}) {
    if (!facts.time) facts.time = aws::time_of(read, time);
  }
  facts.action.service = read.text(event["metadata"]["product"]["name"]);
  facts.action.plane = model::Plane::kInsight;
  facts.action.name = read.text(event["compliance"]["control"]);
  if (facts.action.name.empty()) facts.action.name = first_text(finding, info["types"]);
  if (facts.action.name.empty()) facts.action.name = read.text(info["title"]);
  facts.action.raw_name = facts.action.name;
  for (const JsonView resource : event["resources"].elements()) {
    const std::string_view id = read.text(resource["uid"]);
    finding.add_resource(id);
    if (id.starts_with(kAccessKey)) finding.set_credential(id.substr(kAccessKey.size()));
  }
  finding.add_resource(read.text(event["resource"]["uid"]));
  read_evidence(finding, event["evidence"]);
  for (const JsonView evidence : event["evidences"].elements()) read_evidence(finding, evidence);
}

}  // namespace

}  // namespace security_hub

const Family kGuardDutyAsff = {.family = LogFamily::kGuardDutyAsff,
                               .name = "aws_guardduty_asff",
                               .source = {.product = "aws", .service = "guardduty"},
                               .needs = {clues({"SchemaVersion"})},
                               .is_one = security_hub::is_guardduty_asff,
                               .event_id = security_hub::asff_id,
                               .extract = security_hub::extract_asff};
const Family kGuardDutyOcsf = {.family = LogFamily::kGuardDutyOcsf,
                               .name = "aws_guardduty_ocsf",
                               .source = {.product = "aws", .service = "guardduty"},
                               .needs = {clues({"class_uid"})},
                               .is_one = security_hub::is_guardduty_ocsf,
                               .event_id = security_hub::ocsf_id,
                               .extract = security_hub::extract_ocsf};
const Family kSecurityHub = {.family = LogFamily::kSecurityHub,
                             .name = "aws_security_hub",
                             .source = {.product = "aws", .service = "securityhub"},
                             .needs = {clues({"SchemaVersion"})},
                             .is_one = security_hub::is_asff,
                             .event_id = security_hub::asff_id,
                             .extract = security_hub::extract_asff};
const Family kSecurityHubOcsf = {.family = LogFamily::kSecurityHubOcsf,
                                 .name = "aws_security_hub_ocsf",
                                 .source = {.product = "aws", .service = "securityhub"},
                                 .needs = {clues({"class_uid"})},
                                 .is_one = security_hub::is_ocsf,
                                 .event_id = security_hub::ocsf_id,
                                 .extract = security_hub::extract_ocsf};

}  // namespace stanch::normalize

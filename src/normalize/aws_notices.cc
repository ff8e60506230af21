#include <string>

#include "normalize/aws_finding.h"
#include "normalize/family.h"

// What services of AWS tell of an account by themselves: Access Analyzer who else may reach a
// resource, Config what a resource became, Health what AWS saw (an access key in public).
// https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-eventbridge.html
// https://docs.aws.amazon.com/config/latest/developerguide/example-sns-notification.html
// https://docs.aws.amazon.com/health/latest/ug/aws-health-events-eventbridge-schema.html

namespace stanch::normalize {

namespace aws_notices {

namespace {

using aws::Finding;
using codec::JsonView;
using model::TargetSource;

bool is_access_finding(JsonView event) {
  return is_text(event["resource"]) && is_text(event["resourceType"]) && is_text(event["status"]);
}

std::string_view access_finding_id(JsonView event, std::string& scratch) {
  return aws::id_of_state(event["id"], event["updatedAt"], scratch);
}

// {"AWS": "111122223333"}, {"AWS": "*"}, {"Federated": "…"}; a list of them in some.
void add_principals(Finding& finding, JsonView principal) {
  for (const auto& [kind, name] : principal.members()) {
    const std::string_view text = finding.read().text(name);
    if (finding.read().text(kind) == "AWS") finding.add_resource(text, TargetSource::kRequest);
    for (const JsonView one : name.elements()) {
      finding.add_resource(finding.read().text(one), TargetSource::kRequest);
    }
  }
}

void extract_access_finding(JsonView event, TextArena& arena, model::Facts& facts) {
  Finding finding(arena, facts);
  JsonReader& read = finding.read();
  std::string scratch;
  const std::string_view resource = read.text(event["resource"]);
  std::string_view account = read.text(event["accountId"]), region = read.text(event["region"]);
  if (account.empty()) account = read.text(event["resourceOwnerAccount"]);
  if (region.empty()) region = model::parse_arn(resource).value_or(model::Arn{}).region;
  finding.set_place(account, region);
  facts.event_id = arena.store(access_finding_id(event, scratch));
  for (const std::string_view member : {"updatedAt", "analyzedAt", "createdAt"}) {
    if (!facts.time) facts.time = aws::time_of(read, event[member]);
  }
  facts.action.service = "access-analyzer.amazonaws.com";
  facts.action.name = read.text(event["findingType"]);
  if (facts.action.name.empty()) facts.action.name = "ExternalAccess";  // the first there was
  facts.action.raw_name = facts.action.name;
  facts.action.plane = model::Plane::kInsight;
  finding.add_resource(resource);
  add_principals(finding, event["principal"]);
}

bool is_config(JsonView event) {
  if (is_text(event["configurationItemCaptureTime"])) return is_text(event["resourceType"]);
  const JsonView kind = event["messageType"];
  return is_text(kind) && event["recordVersion"].exists() &&
         event["notificationCreationTime"].exists();
}

// An item has no id; what was sent twice has the same bytes.
std::string_view no_id(JsonView, std::string&) { return {}; }

void extract_config(JsonView event, TextArena& arena, model::Facts& facts) {
  Finding finding(arena, facts);
  JsonReader& read = finding.read();
  JsonView item = event["configurationItem"];
  if (!is_object(item)) item = event["configurationItemSummary"];  // of what is too large to send
  if (!is_object(item)) item = event;
  finding.set_place(read.text(item["awsAccountId"]), read.text(item["awsRegion"]));
  for (const JsonView time :
       {item["configurationItemCaptureTime"], event["newEvaluationResult"]["resultRecordedTime"],
        event["notificationCreationTime"]}) {
    if (!facts.time) facts.time = aws::time_of(read, time);
  }
  facts.action.service = "config.amazonaws.com";
  facts.action.name = read.text(item["configurationItemStatus"]);
  if (facts.action.name.empty()) facts.action.name = read.text(event["messageType"]);
  facts.action.raw_name = facts.action.name;
  facts.action.plane = model::Plane::kManagement;
  for (const std::string_view member : {"ARN", "arn", "resourceId"}) {
    if (facts.targets.empty()) finding.add_resource(read.text(item[member]));
  }
}

bool is_health(JsonView event) {
  return is_text(event["eventTypeCode"]) && is_text(event["service"]) &&
         (event["eventArn"].exists() || event["arn"].exists());
}

// One event is told in several messages as it goes on.
std::string_view health_id(JsonView event, std::string& scratch) {
  const JsonView arn = event["eventArn"], message = event["communicationId"];
  return aws::id_of_state(arn ? arn : event["arn"], message ? message : event["lastUpdatedTime"],
                          scratch);
}

void extract_health(JsonView event, TextArena& arena, model::Facts& facts) {
  Finding finding(arena, facts);
  JsonReader& read = finding.read();
  std::string scratch;
  const std::string_view region = read.text(event["eventRegion"]);
  finding.set_place(read.text(event["affectedAccount"]),
                    region.empty() ? read.text(event["region"]) : region);
  facts.event_id = arena.store(health_id(event, scratch));
  for (const std::string_view member : {"startTime", "lastUpdatedTime"}) {
    if (!facts.time) facts.time = aws::time_of(read, event[member]);
  }
  facts.action.service = "health.amazonaws.com";
  facts.action.name = facts.action.raw_name = read.text(event["eventTypeCode"]);
  facts.action.plane = model::Plane::kInsight;
  for (const JsonView affected : event["affectedEntities"].elements()) {
    const std::string_view id = read.text(affected["entityValue"]);
    const bool is_key = id.starts_with("AKIA") || id.starts_with("ASIA");
    if (is_key) finding.add_resource(model::AwsType::kAccessKey, id);
    if (is_key) finding.set_credential(id);
    if (!is_key) finding.add_resource(id);
  }
}

}  // namespace

}  // namespace aws_notices

const Family kAccessAnalyzer = {.family = LogFamily::kAccessAnalyzer,
                                .name = "aws_access_analyzer",
                                .source = {.product = "aws", .service = "accessanalyzer"},
                                .needs = {clues({"analyzedAt"})},
                                .is_one = aws_notices::is_access_finding,
                                .event_id = aws_notices::access_finding_id,
                                .extract = aws_notices::extract_access_finding};
const Family kAwsConfig = {
    .family = LogFamily::kAwsConfig,
    .name = "aws_config",
    .source = {.product = "aws", .service = "config"},
    .needs = {clues({"configurationItemCaptureTime"}), clues({"messageType"})},
    .is_one = aws_notices::is_config,
    .event_id = aws_notices::no_id,
    .extract = aws_notices::extract_config};
const Family kAwsHealth = {.family = LogFamily::kAwsHealth,
                           .name = "aws_health",
                           .source = {.product = "aws", .service = "health"},
                           .needs = {clues({"eventTypeCode"})},
                           .is_one = aws_notices::is_health,
                           .event_id = aws_notices::health_id,
                           .extract = aws_notices::extract_health};

}  // namespace stanch::normalize

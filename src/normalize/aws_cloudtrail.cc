// One pass over a record's members, one over userIdentity and its parts; then
// targets and minted credentials for the services that have rows in the tables.

#include "normalize/aws_cloudtrail.h"

#include <memory>

namespace stanch::normalize::aws {
namespace {

using codec::JsonView;
using model::Access;
using model::Outcome;
using model::Plane;

using model::make_key_table;

// In the order of Field.
constexpr KeyTable<kFieldCount> kFields = make_key_table(
    {"eventVersion",        "userIdentity",  "eventTime",         "eventSource",
     "eventName",           "awsRegion",     "sourceIPAddress",   "userAgent",
     "errorCode",           "errorMessage",  "requestParameters", "responseElements",
     "additionalEventData", "requestID",     "eventID",           "readOnly",
     "resources",           "eventType",     "managementEvent",   "recipientAccountId",
     "sharedEventID",       "vpcEndpointId", "addendum",          "serviceEventDetails",
     "insightDetails",      "eventCategory", "tlsDetails",        "sessionCredentialFromConsole"});
static_assert(kFields.find("eventSource") == kEventSource);
static_assert(kFields.find("additionalEventData") == kAdditionalEventData);
static_assert(kFields.find("sessionCredentialFromConsole") == kSessionCredentialFromConsole);

constexpr KeyTable<3> kTlsFields =
    make_key_table({"tlsVersion", "cipherSuite", "clientProvidedHostHeader"});

constexpr KeyTable<2> kInsightFields = make_key_table({"eventSource", "eventName"});

void extract_action(Extraction& from) {
  model::Action& action = from.facts.action;
  action.service = from.text(kEventSource);
  action.raw_name = from.text(kEventName);
  if (action.service.empty() && from.fields[kInsightDetails].exists()) {
    Members<2> insight = from.reader.collect(from.fields[kInsightDetails], kInsightFields);
    action.service = from.reader.text(insight[0]);
    action.raw_name = from.reader.text(insight[1]);
  }
  action.name = fold_api_version(action.raw_name);
  size_t dot = 0;
  while (dot < action.service.size() && action.service[dot] != '.') ++dot;
  from.service = action.service.substr(0, dot);
  if (std::optional<bool> read = from.reader.flag(from.fields[kReadOnly])) {
    action.access = *read ? Access::kRead : Access::kWrite;
  }
}

Plane plane_of(Extraction& from) {
  std::string_view category = from.text(kEventCategory);
  if (category == "Management") return Plane::kManagement;
  if (category == "Data") return Plane::kData;
  if (category == "Insight") return Plane::kInsight;
  if (category == "NetworkActivity") return Plane::kNetwork;
  std::string_view type = from.text(kEventType);  // records older than eventCategory
  if (type == "AwsCloudTrailInsight") return Plane::kInsight;
  if (type == "AwsVpceEvent") return Plane::kNetwork;
  std::optional<bool> management = from.reader.flag(from.fields[kManagementEvent]);
  if (!management) return Plane::kUnknown;
  return *management ? Plane::kManagement : Plane::kData;
}

bool looks_like_address(std::string_view text) {
  return !text.empty() && ((text[0] >= '0' && text[0] <= '9') || text.contains(':'));
}

void extract_source(Extraction& from) {
  model::Source& source = from.facts.source;
  std::string_view address = from.text(kSourceIpAddress);
  source.entity = model::ip_entity(address, from.arena());
  if (!source.entity.empty() || looks_like_address(address)) {
    source.address = address;
  } else {
    source.service = address;  // "cloudformation.amazonaws.com", "AWS Internal"
  }
  source.user_agent = from.text(kUserAgent);
  source.vpc_endpoint = from.text(kVpcEndpointId);
  Members<3> tls = from.reader.collect(from.fields[kTlsDetails], kTlsFields);
  source.tls_version = from.reader.text(tls[0]);
  source.tls_cipher = from.reader.text(tls[1]);
  source.tls_host = from.reader.text(tls[2]);
}

// Sign-in events carry no error code; the result stands under the event's name:
// "responseElements": {"ConsoleLogin": "Failure"}.
bool sign_in_failed(Extraction& from) {
  if (from.service != "signin" && from.service != "sso") return false;
  std::string_view name = from.facts.action.raw_name;
  for (Field field : {kResponseElements, kServiceEventDetails}) {
    JsonView details = from.fields[field];
    if (details.exists() && from.reader.text(details[name]) == "Failure") return true;
  }
  return false;
}

Outcome outcome_of(Extraction& from) {
  if (!from.facts.error_code.empty()) {
    return is_denial(from.facts.error_code) ? Outcome::kDenied : Outcome::kFailed;
  }
  if (!from.facts.error_message.empty() || sign_in_failed(from)) return Outcome::kFailed;
  return Outcome::kOk;
}

void extract_addendum(Extraction& from) {
  JsonView addendum = from.fields[kAddendum];
  if (!addendum.exists()) return;
  from.facts.addendum_reason = from.reader.text(addendum["reason"]);
  from.facts.addendum_of = from.reader.text(addendum["originalEventID"]);
}

// Organizations' own events say which organization; no others do.
void extract_organization(Extraction& from) {
  if (from.service != "organizations") return;
  std::string_view id =
      from.reader.text(first_at(from.fields[kResponseElements], "organization.id"));
  if (id.starts_with("o-")) from.facts.organization = id;
}

bool is_aws_service(std::string_view source) {
  return source.ends_with(".amazonaws.com") || source.ends_with(".amazonaws.com.cn");
}

// S3, DynamoDB and SNS notifications ("aws:s3") and Alibaba's ActionTrail
// ("ecs.aliyuncs.com") use the same member names.
bool is_other_log(std::string_view source) {
  return source.starts_with("aws:") || source.ends_with(".aliyuncs.com");
}

}  // namespace

CloudTrailMemory::CloudTrailMemory() : members(kFields) {}

bool is_cloudtrail(JsonView event, CloudTrailMemory& memory) {
  if (!event.exists() || !event.is_object()) return false;
  const Members<kFieldCount>& fields = memory.members.of(event);
  const bool names_call = is_text(fields[kEventSource]) && is_text(fields[kEventName]);
  if (names_call && is_aws_service(fields[kEventSource].raw())) return true;
  TextArena arena;
  JsonReader reader(arena);
  std::string_view type = reader.text(fields[kEventType]);
  if (type == "AwsCloudTrailInsight") return fields.has(kInsightDetails);
  if (!names_call) return false;
  std::string_view source = reader.text(fields[kEventSource]);
  if (is_aws_service(source)) return true;
  if (is_other_log(source)) return false;
  if (type.starts_with("Aws")) return true;
  return fields.has(kEventVersion) && fields.has(kUserIdentity) &&
         (fields.has(kAwsRegion) || fields.has(kEventId));
}

std::string_view cloudtrail_event_id(JsonView event, CloudTrailMemory& memory,
                                     std::string& scratch) {
  return text_of(memory.members.of(event)[kEventId], scratch);
}

std::optional<Time> cloudtrail_time(JsonView event, CloudTrailMemory& memory, TextArena& arena) {
  return parse_aws_time(JsonReader(arena).text(memory.members.of(event), kEventTime));
}

void extract_cloudtrail(JsonView event, CloudTrailMemory& memory, TextArena& arena,
                        model::Facts& facts) {
  std::construct_at(&facts);
  facts.cloud = "aws";
  Extraction from{.reader = JsonReader(arena),
                  .fields = memory.members.of(event),
                  .identities = memory.identities,
                  .facts = facts};
  facts.event_id = from.text(kEventId);
  facts.request_id = from.text(kRequestId);
  facts.shared_event_id = from.text(kSharedEventId);
  facts.time = parse_aws_time(from.text(kEventTime));
  facts.account = from.text(kRecipientAccountId);
  facts.region = from.text(kAwsRegion);
  facts.error_code = from.text(kErrorCode);
  facts.error_message = from.text(kErrorMessage);
  extract_addendum(from);
  extract_action(from);
  facts.action.plane = plane_of(from);
  extract_source(from);
  facts.outcome = outcome_of(from);
  extract_identity(from);
  extract_organization(from);
  from.place = {.account = facts.account, .region = facts.region};
  extract_targets(from);
  extract_minted(from);
}

}  // namespace stanch::normalize::aws

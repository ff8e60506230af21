#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "codec/json.h"
#include "model/aws_entity.h"
#include "model/event.h"
#include "normalize/aws_identity_memo.h"
#include "normalize/json_reader.h"
#include "normalize/record_members.h"
#include "normalize/target_list.h"

// CloudTrail records to facts. Inside normalize/ only; normalize.h is the face.
// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference.html

namespace stanch::normalize::aws {

// The members of a record that facts are made of, in the order in which
// CloudTrail writes them (which makes reading them quicker, no more).
enum Field : uint8_t {
  kEventVersion,
  kUserIdentity,
  kEventTime,
  kEventSource,
  kEventName,
  kAwsRegion,
  kSourceIpAddress,
  kUserAgent,
  kErrorCode,
  kErrorMessage,
  kRequestParameters,
  kResponseElements,
  kAdditionalEventData,
  kRequestId,
  kEventId,
  kReadOnly,
  kResources,
  kEventType,
  kManagementEvent,
  kRecipientAccountId,
  kSharedEventId,
  kVpcEndpointId,
  kAddendum,
  kServiceEventDetails,
  kInsightDetails,
  kEventCategory,
  kTlsDetails,
  kSessionCredentialFromConsole,
  kFieldCount,
};

// What is remembered from one record to the next. One a thread.
struct CloudTrailMemory {
  CloudTrailMemory();
  RecordMembers<kFieldCount> members;
  IdentityMemo identities;
};

// One record on its way to facts.
struct Extraction {
  JsonReader reader;
  const Members<kFieldCount>& fields;
  IdentityMemo& identities;
  std::string_view service = {};  // "iam" of "iam.amazonaws.com"
  model::AwsPlace place = {};     // where bare names of the record belong
  model::Facts& facts;
  TargetList targets = {reader.arena(), facts};

  std::string_view text(Field field) { return reader.text(fields, field); }
  TextArena& arena() { return reader.arena(); }
};

bool is_cloudtrail(codec::JsonView event, CloudTrailMemory& memory);
std::string_view cloudtrail_event_id(codec::JsonView event, CloudTrailMemory& memory,
                                     std::string& scratch);
std::optional<Time> cloudtrail_time(codec::JsonView event, CloudTrailMemory& memory,
                                    TextArena& arena);
void extract_cloudtrail(codec::JsonView event, CloudTrailMemory& memory, TextArena& arena,
                        model::Facts& facts);

// The steps, in this order; each reads what those before it have filled.
void extract_identity(Extraction& from);
void extract_targets(Extraction& from);
void extract_minted(Extraction& from);

// What userIdentity says by itself, whatever else the record holds.
void read_identity(codec::JsonView user_identity, JsonReader& reader, model::Actor& actor,
                   model::Credential& credential);

// Without the partition, which is worked out only where it is needed.
inline model::AwsPlace in_account(std::string_view account) { return {.account = account}; }

// The name of the user behind the actor (IAM user), or "" if it is none.
std::string_view user_name_of(const model::Actor& actor);

// The user's or root's part of a session id; nothing for other actors.
std::optional<model::AwsSession> session_of(const model::Actor& actor);

// A name that CloudTrail withheld ("HIDDEN_DUE_TO_SECURITY_REASONS", "****").
bool is_hidden(std::string_view name);

// "Invoke" of "Invoke20150331", "CreateDistribution" of "CreateDistribution2020_05_31",
// "ListFunctions" of "ListFunctions20150331v2": some services put their API's
// version behind the name.
std::string_view fold_api_version(std::string_view name);

// Services name refusals in their own ways; all have one of a few words in the code.
bool is_denial(std::string_view error_code);

// RFC 3339; the two other forms in which CloudTrail writes times, "20131102T010628Z" and
// "Aug 1, 2024, 11:45:22 AM" (with or without the second comma); and that of Health,
// "Thu, 1 Nov 2018 22:00:00 GMT".
std::optional<Time> parse_aws_time(std::string_view text);

}  // namespace stanch::normalize::aws

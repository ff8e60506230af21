#include <algorithm>
#include <string>

#include "model/azure_entity.h"
#include "normalize/azure_values.h"
#include "normalize/family.h"
#include "normalize/target_list.h"

// Azure's activity log: what was done to subscriptions and what is in them, through ARM. As
// diagnostic settings write it (operationName is a text), and as the API gives it
// (operationName.value), which the command line and the Python library spell in snake case.
// https://learn.microsoft.com/en-us/azure/azure-monitor/platform/activity-log-schema

namespace stanch::normalize {

namespace azure_activity {

namespace {

using azure::either;
using codec::JsonView;
using model::MintedKind;
using model::TargetSource;

constexpr std::string_view kObjectClaim =
    "http://schemas.microsoft.com/identity/claims/objectidentifier";
constexpr std::string_view kTenantClaim = "http://schemas.microsoft.com/identity/claims/tenantid";
constexpr std::string_view kNameClaim = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn";
constexpr std::string_view kMethodsClaim =
    "http://schemas.microsoft.com/claims/authnmethodsreferences";

// Other logs of resources have other categories. The last three are of older records.
constexpr std::string_view kCategories[] = {
    "administrative", "security",       "servicehealth", "alert",  "recommendation", "policy",
    "autoscale",      "resourcehealth", "write",         "delete", "action"};

// The resource that an event is of; shortened ones have it among the properties alone.
JsonView resource_of(JsonView event) {
  const JsonView resource = either(event, "resourceId", "resource_id");
  return resource ? resource : event["properties"]["entity"];
}

bool is_activity(JsonView event) {
  const JsonView operation = either(event, "operationName", "operation_name");
  const JsonView resource = resource_of(event);
  if (!operation || !resource || !resource.is_string()) return false;
  if (operation.is_object()) return operation["value"].exists();
  const JsonView category = event["category"];
  if (!operation.is_string() || !category || !category.is_string()) return false;
  std::string scratch;
  const std::string_view text = category.text(scratch);
  return std::ranges::any_of(kCategories,
                             [text](auto known) { return azure::same_word(text, known); });
}

std::string_view activity_event_id(JsonView event, std::string& scratch) {
  const JsonView id = either(event, "eventDataId", "event_data_id");
  return text_of(id, scratch);
}

// "Failed" of {"value": "Failed", "localizedValue": …}, and of "Failed".
std::string_view word_at(JsonReader& read, JsonView value) {
  return read.text(value && value.is_object() ? value["value"] : value);
}

// What both forms have, found once.
struct Record {
  JsonView event, properties, claims, authorization;
  std::string_view category, status, sub_status;
  bool is_over = false;  // not only begun or accepted
};

Record read_record(JsonReader& read, JsonView event) {
  Record record;
  record.event = event;
  record.properties = event["properties"];
  const JsonView identity = event["identity"];
  record.claims = identity["claims"] ? identity["claims"] : event["claims"];
  record.authorization =
      identity["authorization"] ? identity["authorization"] : event["authorization"];
  record.category = word_at(read, event["category"]);
  record.status = word_at(read, either(event, "resultType", "status"));
  record.sub_status = word_at(read, either(event, "subStatus", "sub_status"));
  if (record.sub_status.empty()) record.sub_status = read.text(event["resultSignature"]);
  record.is_over = azure::contains_word(record.status, "succe");
  return record;
}

// Names as the API has them; diagnostic settings write most of them in capitals.
void read_action(JsonReader& read, JsonView event, model::Facts& facts) {
  const std::string_view raw = word_at(read, either(event, "operationName", "operation_name"));
  azure::set_action(azure::folded(raw, read.arena()), raw, facts);
  const std::string_view name = facts.action.name;
  facts.action.service = name.substr(0, name.find('/'));
  facts.action.plane = model::Plane::kManagement;
  const std::string_view last = name.substr(name.rfind('/') + 1);
  if (last == "read") {
    facts.action.access = model::Access::kRead;
  } else if (last == "write" || last == "delete") {
    facts.action.access = model::Access::kWrite;
  } else if (last == "action") {
    const std::string_view rest = name.substr(0, name.size() - last.size() - 1);
    const std::string_view verb = rest.substr(rest.rfind('/') + 1);
    constexpr std::string_view kReading[] = {"list", "get", "check", "read", "publishxml", "query"};
    const bool reads =
        std::ranges::any_of(kReading, [verb](auto word) { return verb.starts_with(word); });
    facts.action.access = reads ? model::Access::kRead : model::Access::kWrite;
  }
}

void read_outcome(JsonReader& read, const Record& record, model::Facts& facts) {
  if (!azure::contains_word(record.status, "fail")) return;
  facts.outcome = model::Outcome::kFailed;
  const azure::Nested message(record.properties["statusMessage"]);
  const JsonView inner = message.view()["error"];
  const JsonView error = inner ? inner : message.view();
  TextArena& arena = read.arena();
  facts.error_code = arena.store(read.text(error["code"]));
  facts.error_message = arena.store(read.text(error["message"]));
  const std::string_view code = read.text(record.properties["statusCode"]);
  if (facts.error_code.empty()) facts.error_code = code.empty() ? record.sub_status : code;
  for (const std::string_view text : {facts.error_code, code, record.sub_status}) {
    for (const std::string_view word : {"forbidden", "authorizationfailed", "unauthorized"}) {
      if (azure::contains_word(text, word)) facts.outcome = model::Outcome::kDenied;
    }
  }
}

// What nobody called: the health of resources, alerts. Calls without an identity are cut short.
bool is_of_platform(std::string_view category) {
  constexpr std::string_view kCalls[] = {"administrative", "write", "delete", "action"};
  return !category.empty() && std::ranges::none_of(kCalls, [category](auto known) {
    return azure::same_word(category, known);
  });
}

// Assignments name whom they are for without dashes.
std::string_view with_dashes(std::string_view id, TextArena& arena) {
  if (id.size() != 32) return id;
  std::string dashed(id);
  for (const size_t at : {20, 16, 12, 8}) dashed.insert(at, 1, '-');
  return azure::is_guid(dashed) ? arena.store(dashed) : id;
}

// Who is behind the token: a managed identity names the resource that it is of.
void read_actor(JsonReader& read, const Record& record, model::Facts& facts) {
  using enum model::ActorType;
  model::Actor& actor = facts.actor;
  const JsonView evidence = record.authorization["evidence"];
  const std::string_view caller = read.text(record.event["caller"]);
  std::string_view object = read.text(record.claims[kObjectClaim]);
  if (object.empty()) object = with_dashes(read.text(evidence["principalId"]), read.arena());
  actor.user_name = read.text(record.claims[kNameClaim]);
  if (actor.user_name.empty()) actor.user_name = read.text(record.claims["upn"]);
  if (actor.user_name.empty() && caller.contains('@')) actor.user_name = caller;
  if (object.empty()) object = caller.contains('@') || azure::is_guid(caller) ? caller : "";
  if (object.empty()) object = actor.user_name;
  actor.principal_id = object;
  actor.account = facts.organization;

  const std::string_view principal_type = read.text(evidence["principalType"]);
  const bool is_app = read.text(record.claims["idtyp"]) == "app" ||
                      (actor.user_name.empty() && azure::is_guid(caller)) ||
                      (actor.user_name.empty() && record.claims["appid"]) ||
                      azure::same_word(principal_type, "ServicePrincipal");
  if (object.empty()) {
    actor.type = is_of_platform(record.category) ? kService : kUnknown;
    if (actor.type == kService) {
      actor.entity = model::azure_service(facts.action.service, read.arena());
    }
    return;
  }
  actor.type = kUser;
  if (is_app) actor.type = record.claims["xms_mirid"] ? kManagedIdentity : kServicePrincipal;
  actor.entity = model::entra_entity(actor.type == kUser ? "User" : "ServicePrincipal",
                                     facts.organization, object, read.arena());
}

void read_credential(JsonReader& read, const Record& record, model::Facts& facts) {
  model::Credential& credential = facts.credential;
  const JsonView claims = record.claims;
  credential.entity = model::azure_token(read.text(claims["uti"]), read.arena());
  credential.session = model::azure_session(read.text(claims["sid"]), read.arena());
  credential.issued = azure::unix_time(read.text(claims["iat"]));
  if (const std::string_view methods = read.text(claims[kMethodsClaim]); !methods.empty()) {
    credential.mfa = methods.contains("mfa");
  }
  if (!credential.entity.empty() || !credential.session.empty()) {
    credential.lifetime = model::CredentialLifetime::kTemporary;
    credential.issuer = facts.actor.entity;
  }
  const std::string_view host = read.text(claims["xms_mirid"]);
  if (!host.empty()) {
    credential.issued_to = model::arm_entity(host, read.arena());
  } else if (facts.actor.type == model::ActorType::kUser) {
    credential.issued_to = model::azure_client(read.text(claims["appid"]), read.arena());
  }
}

// Whom a role is given to, and which: {"Properties": {"PrincipalId": …, "RoleDefinitionId": …}}.
void add_assignment(JsonReader& read, const Record& record, model::Facts& facts,
                    TargetList& targets) {
  if (!facts.action.name.ends_with("/roleassignments/write")) return;
  const azure::Nested body(either(record.properties, "requestbody", "requestBody"));
  const JsonView assigned = either(body.view(), "properties", "Properties");
  TextArena& arena = read.arena();
  const std::string_view type = read.text(either(assigned, "principalType", "PrincipalType"));
  const std::string_view id = read.text(either(assigned, "principalId", "PrincipalId"));
  const std::string_view role = read.text(either(assigned, "roleDefinitionId", "RoleDefinitionId"));
  targets.add(model::entra_entity(type, facts.organization, id, arena), TargetSource::kRequest);
  targets.add(model::arm_entity(role, arena), TargetSource::kRequest);
}

void read_targets(JsonReader& read, const Record& record, std::string_view resource,
                  model::Facts& facts) {
  TargetList targets(read.arena(), facts);
  const bool is_created = record.is_over && facts.action.name.ends_with("/write") &&
                          (azure::contains_word(record.sub_status, "created") ||
                           read.text(record.properties["statusCode"]) == "Created");
  for (const std::string_view id : {resource, read.text(record.authorization["scope"]),
                                    read.text(record.properties["entity"])}) {
    targets.add(model::arm_entity(id, read.arena()), TargetSource::kResources, is_created);
  }
  add_assignment(read, record, facts, targets);
}

// Operations that give out a new way in, by how they end.
struct MintingRow {
  std::string_view operation;
  MintedKind kind;
};
constexpr MintingRow kMinting[] = {
    {"/regeneratekey/action", MintedKind::kAccessKey},
    {"/regeneratekeys/action", MintedKind::kAccessKey},
    {"/listaccountsas/action", MintedKind::kToken},
    {"/listservicesas/action", MintedKind::kToken},
    {"/disks/begingetaccess/action", MintedKind::kToken},
    {"/snapshots/begingetaccess/action", MintedKind::kToken},
    {"/bastionhosts/createshareablelinks/action", MintedKind::kToken},
    {"/automationaccounts/webhooks/write", MintedKind::kToken},
    {"/sshpublickeys/generatekeypair/action", MintedKind::kSshKey},
    {"/federatedidentitycredentials/write", MintedKind::kFederatedCredential},
};

void read_minted(const Record& record, std::string_view resource, model::Facts& facts,
                 TextArena& arena) {
  if (!record.is_over) return;
  for (const MintingRow& row : kMinting) {
    if (!facts.action.name.ends_with(row.operation)) continue;
    model::Minted minted;
    minted.kind = row.kind;
    std::string_view owner = resource;
    if (row.kind == MintedKind::kFederatedCredential) {  // …/<identity>/<its type>/<its name>
      minted.entity = model::arm_entity(resource, arena);
      for (int part = 0; part < 2; ++part) owner = owner.substr(0, owner.rfind('/'));
    }
    minted.principal = model::arm_entity(owner, arena);
    facts.minted = arena.store(std::span<const model::Minted>(&minted, 1));
    return;
  }
}

void extract_activity(JsonView event, TextArena& arena, model::Facts& facts) {
  JsonReader read(arena);
  const Record record = read_record(read, event);
  const std::string_view resource = read.text(resource_of(event));
  facts.cloud = "azure";
  facts.event_id = read.text(either(event, "eventDataId", "event_data_id"));
  facts.request_id = read.text(either(event, "correlationId", "correlation_id"));
  const JsonView stamp = either(event, "eventTimestamp", "event_timestamp");
  facts.time = azure::time_of(read.text(stamp ? stamp : event["time"]));
  facts.account = azure::folded(model::arm_subscription(resource), arena);
  if (facts.account.empty()) facts.account = read.text(event["subscriptionId"]);
  facts.region = read.text(event["location"]);
  facts.organization = read.text(record.claims[kTenantClaim]);
  if (facts.organization.empty()) {
    facts.organization = read.text(either(event, "tenantId", "tenant_id"));
  }
  read_action(read, event, facts);
  read_outcome(read, record, facts);
  read_actor(read, record, facts);
  read_credential(read, record, facts);
  std::string_view address = read.text(event["callerIpAddress"]);
  const JsonView request = either(event, "httpRequest", "http_request");
  if (address.empty()) address = read.text(either(request, "clientIpAddress", "client_ip_address"));
  if (address.empty()) address = read.text(record.claims["ipaddr"]);
  azure::set_source(address, arena, facts);
  read_targets(read, record, resource, facts);
  read_minted(record, resource, facts, arena);
}

}  // namespace

}  // namespace azure_activity

const Family kAzureActivity = {
    .family = LogFamily::kAzureActivity,
    .name = "azure_activity",
    .source = {.product = "azure", .service = "activitylogs"},
    .needs = {clues({"operationName", "resourceId"}), clues({"operation_name", "resource_id"}),
              clues({"operationName", "properties"})},
    .is_one = azure_activity::is_activity,
    .event_id = azure_activity::activity_event_id,
    .extract = azure_activity::extract_activity};

}  // namespace stanch::normalize

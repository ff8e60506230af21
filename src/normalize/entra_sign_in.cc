#include "model/azure_entity.h"
#include "normalize/azure_values.h"
#include "normalize/family.h"
#include "normalize/target_list.h"

// Entra's sign-in logs, of people and of workloads: as diagnostic settings write them, around
// `properties`, and as Microsoft Graph gives what stands in there.
// https://learn.microsoft.com/en-us/graph/api/resources/signin

namespace stanch::normalize {

namespace entra_sign_in {

namespace {

using azure::properties_of;
using codec::JsonView;

bool is_sign_in(JsonView event) {
  std::string scratch;
  const JsonView category = event["category"];
  if (category && category.is_string() && category.text(scratch).ends_with("SignInLogs")) {
    return is_object(event["properties"]);
  }
  return event["createdDateTime"] && event["appId"] && event["status"]["errorCode"];
}

std::string_view sign_in_event_id(JsonView event, std::string& scratch) {
  const JsonView id = properties_of(event)["id"];
  return text_of(id, scratch);
}

enum class Who : uint8_t { kUser, kServicePrincipal, kManagedIdentity };

Who who_of(JsonReader& read, JsonView event, JsonView properties) {
  std::string_view kind = read.text(event["category"]);
  for (const JsonView type : properties["signInEventTypes"].elements()) {
    if (kind.empty()) kind = read.text(type);
  }
  if (azure::contains_word(kind, "managedidentity")) return Who::kManagedIdentity;
  if (azure::contains_word(kind, "serviceprincipal")) return Who::kServicePrincipal;
  const bool is_workload = read.text(properties["userId"]).empty() &&
                           !read.text(properties["servicePrincipalId"]).empty();
  return is_workload ? Who::kServicePrincipal : Who::kUser;
}

// Somebody was there, so that a session began; else a token was drawn from one, or by a workload.
bool is_interactive(JsonReader& read, JsonView properties) {
  return read.flag(properties["isInteractive"]).value_or(false);
}

void read_outcome(JsonReader& read, JsonView event, JsonView properties, model::Facts& facts) {
  const JsonView status = properties["status"];
  std::string_view code = read.text(status["errorCode"]);
  if (code.empty()) code = read.text(event["resultType"]);
  if (code.empty() || code == "0") return;
  facts.outcome = azure::is_refusal(code) ? model::Outcome::kDenied : model::Outcome::kFailed;
  facts.error_code = code;
  facts.error_message = read.text(status["failureReason"]);
  if (facts.error_message.empty()) facts.error_message = read.text(event["resultDescription"]);
}

void read_actor(JsonReader& read, JsonView properties, Who who, model::Facts& facts) {
  model::Actor& actor = facts.actor;
  if (who == Who::kUser) {
    actor.type = model::ActorType::kUser;
    actor.principal_id = read.text(properties["userId"]);
    actor.user_name = read.text(properties["userPrincipalName"]);
    actor.account = read.text(properties["homeTenantId"]);
    const bool has_id = azure::is_guid(actor.principal_id);
    actor.entity = model::entra_entity("User", facts.account,
                                       has_id ? actor.principal_id : actor.user_name, read.arena());
  } else {
    actor.type = who == Who::kManagedIdentity ? model::ActorType::kManagedIdentity
                                              : model::ActorType::kServicePrincipal;
    actor.principal_id = read.text(properties["servicePrincipalId"]);
    actor.user_name = read.text(properties["servicePrincipalName"]);
    actor.entity =
        model::entra_entity("ServicePrincipal", facts.account, actor.principal_id, read.arena());
  }
  if (actor.account.empty()) actor.account = facts.account;
  actor.cross_account = !azure::same_word(actor.account, facts.account);
}

void read_credential(JsonReader& read, JsonView properties, Who who, model::Facts& facts) {
  model::Credential& credential = facts.credential;
  TextArena& arena = read.arena();
  credential.session = model::azure_session(read.text(properties["sessionId"]), arena);
  if (!credential.session.empty()) {
    credential.lifetime = model::CredentialLifetime::kTemporary;
    credential.issuer = facts.actor.entity;
  }
  if (who == Who::kUser) {
    const std::string_view asked = read.text(properties["authenticationRequirement"]);
    if (facts.outcome == model::Outcome::kOk && !asked.empty()) {
      credential.mfa = asked == "multiFactorAuthentication";
    }
    credential.issued_to = model::azure_client(read.text(properties["appId"]), arena);
    return;
  }
  const std::string_view key = read.text(properties["servicePrincipalCredentialKeyId"]);
  // Who showed a token of another issuer is let in by a federated credential: which, and no
  // subject.
  const std::string_view federated = read.text(properties["federatedCredentialId"]);
  if (!azure::is_guid(key) && azure::is_guid(federated)) {
    credential.access_key_id = federated;
    credential.entity = model::azure_credential(federated, arena);
  }
  if (azure::is_guid(key)) {
    credential.access_key_id = key;
    credential.entity = model::azure_credential(key, arena);
    credential.lifetime = model::CredentialLifetime::kLongLived;
  }
  const JsonView host = properties["managedServiceIdentity"]["associatedResourceId"];
  credential.issued_to = model::arm_entity(read.text(host), arena);
}

void read_minted(JsonReader& read, JsonView properties, model::Facts& facts) {
  if (facts.outcome != model::Outcome::kOk) return;
  TextArena& arena = read.arena();
  model::Minted minted;
  minted.entity = model::azure_token(read.text(properties["uniqueTokenIdentifier"]), arena);
  minted.principal = facts.actor.entity;
  if (is_interactive(read, properties)) minted.session = facts.credential.session;
  if (minted.session.empty()) minted.kind = model::MintedKind::kToken;
  if (minted.session.empty() && minted.entity.empty()) return;
  facts.minted = arena.store(std::span<const model::Minted>(&minted, 1));
}

std::string_view tenant_of(JsonReader& read, JsonView event, JsonView properties) {
  std::string_view tenant = read.text(event["tenantId"]);
  if (tenant.empty()) tenant = model::arm_tenant(read.text(event["resourceId"]));
  for (const std::string_view member : {"resourceTenantId", "homeTenantId"}) {
    if (tenant.empty()) tenant = read.text(properties[member]);
  }
  return azure::folded(tenant, read.arena());
}

void extract_sign_in(JsonView event, TextArena& arena, model::Facts& facts) {
  JsonReader read(arena);
  const JsonView properties = properties_of(event);
  const Who who = who_of(read, event, properties);
  facts.cloud = "azure";
  facts.event_id = read.text(properties["id"]);
  facts.request_id = read.text(properties["correlationId"]);
  facts.time = azure::time_of(read.text(properties["createdDateTime"]));
  if (!facts.time) facts.time = azure::time_of(read.text(event["time"]));
  facts.account = tenant_of(read, event, properties);
  facts.action.service = "microsoft.aadiam";
  facts.action.name = facts.action.raw_name = "Sign-in activity";
  facts.action.plane = model::Plane::kManagement;
  read_outcome(read, event, properties, facts);
  std::string_view address = read.text(event["callerIpAddress"]);
  if (address.empty()) address = read.text(properties["ipAddress"]);
  azure::set_source(address, arena, facts);
  facts.source.user_agent = read.text(properties["userAgent"]);
  read_actor(read, properties, who, facts);
  read_credential(read, properties, who, facts);
  TargetList targets(arena, facts);
  targets.add(model::azure_client(read.text(properties["resourceId"]), arena),
              model::TargetSource::kResources);
  read_minted(read, properties, facts);
}

}  // namespace

}  // namespace entra_sign_in

const Family kEntraSignIn = {
    .family = LogFamily::kEntraSignIn,
    .name = "entra_sign_in",
    .source = {.product = "azure", .service = "signinlogs"},
    .needs = {clues({"category", "properties"}), clues({"appId", "createdDateTime", "status"})},
    .is_one = entra_sign_in::is_sign_in,
    .event_id = entra_sign_in::sign_in_event_id,
    .extract = entra_sign_in::extract_sign_in};

}  // namespace stanch::normalize

#include <algorithm>
#include <initializer_list>
#include <string>

#include "model/azure_entity.h"
#include "normalize/azure_values.h"
#include "normalize/family.h"
#include "normalize/target_list.h"

// What was done with what is in a key vault and in a storage account, as diagnostic settings write
// it. https://learn.microsoft.com/en-us/azure/key-vault/general/logging
// https://learn.microsoft.com/en-us/azure/storage/common/monitor-storage-reference

namespace stanch::normalize {

namespace azure_resource {

namespace {

using codec::JsonView;
using model::ActorType;
using model::EntityRef;
using model::TargetSource;

constexpr std::string_view kClaims = "http://schemas.microsoft.com/identity/claims/";
constexpr std::string_view kNameClaim = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn";

bool is_of(JsonView event, std::initializer_list<std::string_view> categories,
           std::string_view provider) {
  std::string scratch, resource;
  const std::string_view category = text_of(event["category"], scratch);
  const bool is_category =
      std::ranges::any_of(categories, [category](auto known) { return known == category; });
  return is_category && is_text(event["operationName"]) &&
         azure::contains_word(text_of(event["resourceId"], resource), provider);
}
// Other services have a log of that name too.
bool is_vault(JsonView event) {
  return is_of(event, {"AuditEvent"}, "/providers/microsoft.keyvault/");
}
bool is_storage(JsonView event) {
  return is_of(event, {"StorageRead", "StorageWrite", "StorageDelete"},
               "/providers/microsoft.storage/");
}

// A request may have several lines of one operation.
std::string_view no_id(JsonView, std::string&) { return {}; }

void begin(JsonReader& read, JsonView event, std::string_view service, model::Facts& facts) {
  facts.cloud = "azure";
  facts.time = azure::time_of(read.text(event["time"]));
  facts.request_id = read.text(event["correlationId"]);
  facts.region = read.text(event["location"]);
  facts.account =
      azure::folded(model::arm_subscription(read.text(event["resourceId"])), read.arena());
  facts.action.service = service;
  facts.action.name = facts.action.raw_name = read.text(event["operationName"]);
  facts.action.plane = model::Plane::kData;
  azure::set_source(read.text(event["callerIpAddress"]), read.arena(), facts);
}

// Of an HTTP status, and of the provider's own word for it.
void read_outcome(std::string_view status, std::string_view word, model::Facts& facts) {
  if (status.size() != 3 || (status[0] != '4' && status[0] != '5')) return;
  const bool is_denied = status == "401" || status == "403";
  facts.outcome = is_denied ? model::Outcome::kDenied : model::Outcome::kFailed;
  facts.error_code = word.empty() ? status : word;
}

void set_actor(std::string_view object, std::string_view name, bool is_managed, TextArena& arena,
               model::Facts& facts) {
  model::Actor& actor = facts.actor;
  actor.user_name = name;
  actor.principal_id = object;
  actor.account = facts.organization;
  if (object.empty()) object = name;
  if (object.empty()) return;
  actor.type = !name.empty() ? ActorType::kUser
               : is_managed  ? ActorType::kManagedIdentity
                             : ActorType::kServicePrincipal;
  actor.entity =
      model::entra_entity(name.empty() ? "ServicePrincipal" : "User", actor.account, object, arena);
}

// What is below a resource, by what its address says.
EntityRef inside(std::string_view resource, std::string_view collection, std::string_view name,
                 TextArena& arena) {
  if (resource.empty() || name.empty()) return {};
  return model::arm_entity(
      arena.store(std::string(resource) + '/' + std::string(collection) + '/' + std::string(name)),
      arena);
}

// "SecretGet", "KeyList", "VaultGet"; also "CertificateGetVersions", "SecretListVersions".
model::Access access_of_vault(std::string_view operation) {
  for (const std::string_view kind :
       {"Secret", "Key", "Certificate", "Vault", "StorageAccount", "Managed"}) {
    if (!operation.starts_with(kind)) continue;
    const std::string_view verb = operation.substr(kind.size());
    return verb.starts_with("Get") || verb.starts_with("List") ? model::Access::kRead
                                                               : model::Access::kWrite;
  }
  return operation == "Authentication" ? model::Access::kRead : model::Access::kWrite;
}

// The secret, key or certificate of "https://acme.vault.azure.net/secrets/db/<version>".
EntityRef vault_object(JsonReader& read, JsonView event) {
  std::string_view address = read.text(event["properties"]["id"]);
  if (address.empty()) address = read.text(event["properties"]["requestUri"]);
  address = address.substr(0, address.find('?'));
  for (const std::string_view collection : {"secrets", "keys", "certificates"}) {
    const std::string mark = "/" + std::string(collection) + "/";
    const size_t at = address.find(mark);
    if (at == address.npos) continue;
    const std::string_view rest = address.substr(at + mark.size());
    return inside(read.text(event["resourceId"]), collection, rest.substr(0, rest.find('/')),
                  read.arena());
  }
  return {};
}

void extract_vault(JsonView event, TextArena& arena, model::Facts& facts) {
  JsonReader read(arena);
  const JsonView claims = event["identity"]["claim"], properties = event["properties"];
  const auto claim = [&](std::string_view name) {
    const std::string_view plain = read.text(claims[name]);
    return plain.empty() ? read.text(claims[std::string(kClaims) + std::string(name)]) : plain;
  };
  begin(read, event, "microsoft.keyvault", facts);
  facts.action.access = access_of_vault(facts.action.name);
  read_outcome(read.text(properties["httpStatusCode"]), read.text(event["resultSignature"]), facts);
  facts.error_message = read.text(event["resultDescription"]);
  facts.organization = claim("tenantid");
  if (facts.organization.empty()) facts.organization = read.text(event["tenantId"]);
  std::string_view object = claim("objectidentifier"), name = read.text(claims[kNameClaim]);
  if (object.empty()) object = claim("oid");
  if (name.empty()) name = claim("upn");
  set_actor(object, name, claims["xms_mirid"].exists(), arena, facts);
  facts.credential.issued_to = model::arm_entity(claim("xms_mirid"), arena);
  if (facts.credential.issued_to.empty()) {
    facts.credential.issued_to = model::azure_client(claim("appid"), arena);
  }
  facts.credential.entity = model::azure_token(claim("uti"), arena);
  facts.source.user_agent = read.text(properties["clientInfo"]);
  TargetList targets(arena, facts);
  const bool is_made =
      facts.outcome == model::Outcome::kOk &&
      (facts.action.name.ends_with("Set") || facts.action.name.ends_with("Create"));
  targets.add(vault_object(read, event), TargetSource::kRequest, is_made);
  targets.add(model::arm_entity(read.text(event["resourceId"]), arena), TargetSource::kResources);
}

void extract_storage(JsonView event, TextArena& arena, model::Facts& facts) {
  JsonReader read(arena);
  const JsonView identity = event["identity"], requester = identity["requester"];
  const JsonView properties = event["properties"];
  begin(read, event, "microsoft.storage", facts);
  facts.action.access =
      read.text(event["category"]) == "StorageRead" ? model::Access::kRead : model::Access::kWrite;
  read_outcome(read.text(event["statusCode"]), read.text(event["statusText"]), facts);
  facts.organization = azure::folded(read.text(requester["tenantId"]), arena);
  set_actor(read.text(requester["objectId"]), read.text(requester["upn"]), false, arena, facts);
  // Whoever has a key of the account, or a signature of one, is not named.
  facts.credential.access_key_id = read.text(identity["tokenHash"]);
  facts.credential.issued_to = model::azure_client(read.text(requester["appId"]), arena);
  if (read.text(identity["type"]) == "Anonymous") facts.actor.type = ActorType::kAnonymous;
  facts.source.user_agent = read.text(properties["userAgentHeader"]);
  facts.source.tls_version = read.text(properties["tlsVersion"]);

  const std::string_view resource = read.text(event["resourceId"]);
  TargetList targets(arena, facts);
  // "/account/container/folder/blob"
  if (read.text(properties["serviceType"]) == "blob") {
    std::string_view key = read.text(properties["objectKey"]);
    key.remove_prefix(std::min(key.size(), key.find('/', 1)));
    key.remove_prefix(std::min<size_t>(key.size(), 1));
    const bool is_made =
        facts.outcome == model::Outcome::kOk && facts.action.name == "CreateContainer";
    targets.add(inside(resource, "containers", key.substr(0, key.find('/')), arena),
                TargetSource::kRequest, is_made);
  }
  targets.add(model::arm_entity(resource, arena), TargetSource::kResources);
}

}  // namespace

}  // namespace azure_resource

const Family kAzureKeyVault = {.family = LogFamily::kAzureKeyVault,
                               .name = "azure_key_vault",
                               .source = {.product = "azure", .service = "keyvault"},
                               .needs = {clues({"category", "operationName", "resourceId"})},
                               .is_one = azure_resource::is_vault,
                               .event_id = azure_resource::no_id,
                               .extract = azure_resource::extract_vault};
const Family kAzureStorage = {.family = LogFamily::kAzureStorage,
                              .name = "azure_storage",
                              .source = {.product = "azure", .service = "storage"},
                              .needs = {clues({"category", "operationName", "resourceId"})},
                              .is_one = azure_resource::is_storage,
                              .event_id = azure_resource::no_id,
                              .extract = azure_resource::extract_storage};

}  // namespace stanch::normalize

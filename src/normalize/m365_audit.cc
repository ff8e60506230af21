#include <algorithm>
#include <vector>

#include "model/azure_entity.h"
#include "normalize/azure_values.h"
#include "normalize/family.h"
#include "normalize/target_list.h"

// The unified audit log of Microsoft 365, as the Management Activity API gives it. In exports of
// Purview it is the JSON inside `AuditData`, which ingest takes out.
// https://learn.microsoft.com/en-us/office/office-365-management-api/office-365-management-activity-api-schema

namespace stanch::normalize {

namespace m365_audit {

namespace {

using codec::JsonView;
using model::EntityRef;
using model::TargetSource;
using Kind = model::EntityPart::Kind;

bool is_m365(JsonView event) {
  const JsonView time = event["CreationTime"], type = event["RecordType"];
  return time && time.is_string() && type && (type.is_number() || type.is_string()) &&
         (event["Operation"] || event["Id"]);
}

std::string_view m365_event_id(JsonView event, std::string& scratch) {
  const JsonView id = event["Id"];
  return text_of(id, scratch);
}

// By the verb of a cmdlet, or by the last word of what else is written: "FileDownloaded".
model::Access access_of(std::string_view operation) {
  constexpr std::string_view kReadVerbs[] = {"Get-", "Search-", "Test-", "Export-"};
  constexpr std::string_view kReadEnds[] = {"Accessed",  "Viewed",   "Downloaded", "Previewed",
                                            "Performed", "Searched", "Exported"};
  constexpr std::string_view kNeither[] = {"UserLoggedIn", "UserLoginFailed"};
  constexpr std::string_view kWriteEnds[] = {
      "Added",   "Changed",  "Copied", "Created",  "Creation", "Deleted", "Disabled",
      "Enabled", "Modified", "Moved",  "Recycled", "Removed",  "Renamed", "Restored",
      "Revoked", "Send",     "Set",    "Shared",   "Updated",  "Uploaded"};
  const auto begins = [operation](auto word) { return operation.starts_with(word); };
  const auto ends = [operation](auto word) { return operation.ends_with(word); };
  if (std::ranges::find(kNeither, operation) != std::end(kNeither)) return model::Access::kUnknown;
  if (std::ranges::any_of(kReadVerbs, begins)) return model::Access::kRead;
  if (std::ranges::any_of(kReadEnds, ends)) return model::Access::kRead;
  const bool is_cmdlet = operation.contains('-') && !operation.contains(' ');
  if (is_cmdlet || std::ranges::any_of(kWriteEnds, ends)) return model::Access::kWrite;
  return azure::access_of_directory(operation);
}

// Record types whose records are about items in mailboxes and sites.
model::Plane plane_of(std::string_view record_type) {
  constexpr std::string_view kItems[] = {"2",
                                         "3",
                                         "6",
                                         "50",
                                         "ExchangeItem",
                                         "ExchangeItemGroup",
                                         "ExchangeItemAggregated",
                                         "SharePointFileOperation"};
  return std::ranges::find(kItems, record_type) != std::end(kItems) ? model::Plane::kData
                                                                    : model::Plane::kManagement;
}

void read_action(JsonReader& read, JsonView event, model::Facts& facts) {
  const std::string_view raw = read.text(event["Operation"]);
  // Entra's own are written with a dot here, and without one in its audit log.
  std::string_view name = raw;
  if (name.ends_with('.')) name.remove_suffix(1);
  azure::set_action(name, raw, facts);
  facts.action.service = read.text(event["Workload"]);
  facts.action.access = access_of(name);
  facts.action.plane = plane_of(read.text(event["RecordType"]));
}

void read_outcome(JsonReader& read, JsonView event, model::Facts& facts) {
  const std::string_view status = read.text(event["ResultStatus"]);
  const bool has_failed = azure::contains_word(status, "fail") ||
                          azure::same_word(status, "false") ||
                          facts.action.name == "UserLoginFailed";
  if (!has_failed) return;
  facts.outcome = model::Outcome::kFailed;
  const std::string_view number = read.text(event["ErrorNumber"]);
  facts.error_message = read.text(event["LogonError"]);
  facts.error_code = number.empty() ? status : number;
  const bool is_denied = azure::is_refusal(number) || azure::contains_word(status, "denied") ||
                         azure::contains_word(facts.error_message, "blockedbyconditionalaccess");
  if (is_denied) facts.outcome = model::Outcome::kDenied;
}

// "User_0a1b…", "ServicePrincipal_…": objects of the directory among other names of them.
struct DirectoryObject {
  std::string_view type, id;
};
DirectoryObject object_of(std::string_view text) {
  const size_t line = text.find('_');
  if (line == text.npos || !azure::is_guid(text.substr(line + 1))) return {};
  return {text.substr(0, line), text.substr(line + 1)};
}

DirectoryObject object_among(JsonReader& read, JsonView list) {
  for (const JsonView element : list.elements()) {
    const DirectoryObject object = object_of(read.text(element["ID"]));
    if (!object.id.empty()) return object;
  }
  return {};
}

model::ActorType type_of(std::string_view user_type) {
  constexpr std::string_view kOfPeople[] = {"0", "2", "10", "Regular", "Admin", "Guest"};
  if (std::ranges::find(kOfPeople, user_type) != std::end(kOfPeople))
    return model::ActorType::kUser;
  if (user_type == "5" || user_type == "6" || user_type == "Application" ||
      user_type == "ServicePrincipal") {
    return model::ActorType::kServicePrincipal;
  }
  return user_type.empty() ? model::ActorType::kUnknown : model::ActorType::kService;
}

void read_actor(JsonReader& read, JsonView event, model::Facts& facts) {
  TextArena& arena = read.arena();
  model::Actor& actor = facts.actor;
  const std::string_view user = read.text(event["UserId"]), key = read.text(event["UserKey"]);
  DirectoryObject object = object_among(read, event["Actor"]);
  if (object.id.empty()) object = object_of(user);
  actor.account = facts.account;
  actor.user_name = user;
  actor.type = type_of(read.text(event["UserType"]));
  if (object.type == "ServicePrincipal") actor.type = model::ActorType::kServicePrincipal;
  const bool is_user = actor.type == model::ActorType::kUser;
  if (object.id.empty() && is_user && azure::is_guid(key)) object = {"User", key};
  if (!object.id.empty()) {
    actor.principal_id = object.id;
    actor.entity = model::entra_entity(object.type, facts.account, object.id, arena);
  } else if (is_user && user.contains('@') && user != "app@sharepoint") {
    actor.principal_id = key;
    actor.entity = model::entra_entity("User", facts.account, user, arena);
  } else {
    for (const std::string_view member : {"AppId", "ClientAppId", "ApplicationId"}) {
      const std::string_view app = read.text(event[member]);
      if (actor.entity.empty() && azure::is_guid(app)) {
        actor.type = model::ActorType::kServicePrincipal;
        actor.entity = model::azure_client(app, arena);
      }
    }
    if (!actor.entity.empty() || user.empty()) return;
    if (actor.type != model::ActorType::kServicePrincipal) actor.type = model::ActorType::kService;
    actor.entity = model::azure_service(user, arena);
  }
}

void read_credential(JsonReader& read, JsonView event, model::Facts& facts) {
  TextArena& arena = read.arena();
  const JsonView access = event["AppAccessContext"];
  std::string_view session = read.text(access["AADSessionId"]);
  if (session.empty()) {
    session = read.text(azure::value_of_key(read, event["DeviceProperties"], "SessionId"));
  }
  if (session.empty()) session = read.text(event["SessionId"]);
  facts.credential.session = model::azure_session(session, arena);
  facts.credential.entity = model::azure_token(read.text(access["UniqueTokenId"]), arena);
  facts.credential.issued = azure::time_of(read.text(access["IssuedAtTime"]));
  if (facts.credential.session.empty() && facts.credential.entity.empty()) return;
  facts.credential.lifetime = model::CredentialLifetime::kTemporary;
  facts.credential.issuer = facts.actor.entity;
  facts.credential.issued_to = model::azure_client(read.text(access["ClientAppId"]), arena);
}

void read_source(JsonReader& read, JsonView event, model::Facts& facts) {
  for (const std::string_view member : {"ClientIP", "ClientIPAddress", "ActorIpAddress"}) {
    if (facts.source.address.empty()) {
      azure::set_source(read.text(event[member]), read.arena(), facts);
    }
  }
  facts.source.user_agent = read.text(event["UserAgent"]);
  if (facts.source.user_agent.empty()) {
    const JsonView agent = azure::value_of_key(read, event["ExtendedProperties"], "UserAgent");
    facts.source.user_agent = read.text(agent);
  }
  if (facts.source.user_agent.empty()) {
    facts.source.user_agent = read.text(event["ClientInfoString"]);
  }
}

// https://<host>/<path>, without what surrounds it.
EntityRef site_of(std::string_view url, TextArena& arena) {
  const size_t scheme = url.find("://");
  if (scheme == url.npos) return {};
  url.remove_prefix(scheme + 3);
  while (url.ends_with('/')) url.remove_suffix(1);
  if (url.empty()) return {};
  return model::make_entity({{"m365:site/"}, {url, Kind::kFoldedName}}, arena);
}

EntityRef in_tenant(std::string_view type, std::string_view name, const model::Facts& facts,
                    TextArena& arena) {
  if (type.empty() || name.empty() || name == "Not Available" || facts.account.empty()) return {};
  return model::make_entity({{"m365:"},
                             {type, Kind::kFoldedName},
                             {"/"},
                             {facts.account, Kind::kFoldedName},
                             {"/"},
                             {name, Kind::kFoldedName}},
                            arena);
}

EntityRef user_of(std::string_view name, const model::Facts& facts, TextArena& arena) {
  return name.contains('@') ? model::entra_entity("User", facts.account, name, arena) : EntityRef();
}

void read_targets(JsonReader& read, JsonView event, model::Facts& facts) {
  TextArena& arena = read.arena();
  TargetList targets(arena, facts);
  const auto add = [&](EntityRef entity) { targets.add(entity, TargetSource::kResources); };
  const DirectoryObject object = object_among(read, event["Target"]);
  add(model::entra_entity(object.type, facts.account, object.id, arena));
  add(site_of(read.text(event["SiteUrl"]), arena));
  add(in_tenant("mailbox", read.text(event["MailboxOwnerUPN"]), facts, arena));
  add(user_of(read.text(event["TargetUserOrGroupName"]), facts, arena));
  for (const JsonView member : event["Members"].elements()) {
    add(user_of(read.text(member["UPN"]), facts, arena));
  }
  const std::string_view name = read.text(event["ObjectId"]);
  if (facts.targets.empty() && !name.contains("://")) {
    add(in_tenant(facts.action.service, name, facts, arena));
  } else if (facts.targets.empty()) {
    add(site_of(name, arena));
  }
}

void read_minted(JsonReader& read, JsonView event, model::Facts& facts) {
  if (facts.outcome != model::Outcome::kOk) return;
  TextArena& arena = read.arena();
  std::vector<model::Minted> minted;
  const EntityRef target = facts.targets.empty() ? EntityRef() : facts.targets[0].entity;
  for (const JsonView property : event["ModifiedProperties"].elements()) {
    azure::find_minted(read.text(property["Name"]), read.text(property["OldValue"]),
                       read.text(property["NewValue"]), target, arena, minted);
  }
  model::Minted one;
  one.principal = target;
  if (azure::sets_password(facts.action.name, {})) {
    one.kind = model::MintedKind::kPassword;
    minted.push_back(one);
  } else if (facts.action.name == "UserLoggedIn" && !facts.credential.session.empty()) {
    one.session = facts.credential.session;
    one.principal = facts.actor.entity;
    minted.push_back(one);
  }
  facts.minted = arena.store(std::span<const model::Minted>(minted));
}

void extract_m365(JsonView event, TextArena& arena, model::Facts& facts) {
  JsonReader read(arena);
  facts.cloud = "m365";
  facts.event_id = read.text(event["Id"]);
  facts.time = azure::time_of(read.text(event["CreationTime"]));
  facts.account = azure::folded(read.text(event["OrganizationId"]), arena);
  read_action(read, event, facts);
  read_outcome(read, event, facts);
  read_source(read, event, facts);
  read_actor(read, event, facts);
  read_credential(read, event, facts);
  read_targets(read, event, facts);
  read_minted(read, event, facts);
}

}  // namespace

}  // namespace m365_audit

const Family kM365Audit = {.family = LogFamily::kM365Audit,
                           .name = "m365_audit",
                           .source = {.product = "m365"},
                           .needs = {clues({"CreationTime", "RecordType"})},
                           .is_one = m365_audit::is_m365,
                           .event_id = m365_audit::m365_event_id,
                           .extract = m365_audit::extract_m365};

}  // namespace stanch::normalize

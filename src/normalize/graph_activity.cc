#include <string>

#include "model/azure_entity.h"
#include "normalize/azure_values.h"
#include "normalize/family.h"
#include "normalize/target_list.h"

// Calls of Microsoft Graph, as diagnostic settings write them.
// https://learn.microsoft.com/en-us/graph/microsoft-graph-activity-logs-overview

namespace stanch::normalize {

namespace graph_activity {

namespace {

using codec::JsonView;
using model::ActorType;
using model::TargetSource;

bool is_call(JsonView event) {
  std::string scratch;
  return text_of(event["category"], scratch) == "MicrosoftGraphActivityLogs" &&
         is_object(event["properties"]);
}

std::string_view request_id(JsonView event, std::string& scratch) {
  return text_of(event["properties"]["requestId"], scratch);
}

// "/users/<id>" of "https://graph.microsoft.com/v1.0//users/<id>?$select=id".
std::string_view path_of(std::string_view address) {
  address = address.substr(0, address.find('?'));
  if (const size_t host = address.find("://"); host != address.npos) {
    const size_t slash = address.find('/', host + 3);
    address = slash == address.npos ? "" : address.substr(slash);
  }
  for (const std::string_view version : {"/v1.0", "/beta"}) {
    if (address.starts_with(version)) address.remove_prefix(version.size());
  }
  while (address.starts_with("//")) address.remove_prefix(1);
  return address;
}

// Of several objects at once a list is asked for by POST.
model::Access access_of(std::string_view method, std::string_view path) {
  const bool reads = method == "GET" || method == "HEAD" || method == "OPTIONS" ||
                     path.ends_with("/getByIds") || path.ends_with("/getMemberGroups") ||
                     path.ends_with("/checkMemberGroups") || path == "/search/query";
  if (path == "/$batch") return model::Access::kUnknown;
  return reads ? model::Access::kRead : model::Access::kWrite;
}

struct CollectionRow {
  std::string_view path, type;
};
constexpr CollectionRow kCollections[] = {{"/users/", "User"},
                                          {"/servicePrincipals/", "ServicePrincipal"},
                                          {"/groups/", "Group"},
                                          {"/applications/", "Application"},
                                          {"/devices/", "Device"}};

void read_targets(std::string_view path, TextArena& arena, model::Facts& facts) {
  TargetList targets(arena, facts);
  for (const auto& [collection, type] : kCollections) {
    if (!path.starts_with(collection)) continue;
    const std::string_view rest = path.substr(collection.size());
    const std::string_view id = rest.substr(0, rest.find('/'));
    // "/users/delta", "/applications/getByIds", "/applications(appId='…')"
    const bool is_object = azure::is_guid(id) || (type == "User" && id.contains('@'));
    if (is_object) {
      targets.add(model::entra_entity(type, facts.organization, id, arena), TargetSource::kRequest);
    }
  }
}

void read_actor(JsonReader& read, JsonView properties, model::Facts& facts) {
  TextArena& arena = read.arena();
  model::Actor& actor = facts.actor;
  const std::string_view user = read.text(properties["userId"]);
  const std::string_view service = read.text(properties["servicePrincipalId"]);
  actor.principal_id = user.empty() ? service : user;
  actor.account = facts.organization;
  if (actor.principal_id.empty()) return;
  actor.type = user.empty() ? ActorType::kServicePrincipal : ActorType::kUser;
  actor.entity = model::entra_entity(user.empty() ? "ServicePrincipal" : "User", actor.account,
                                     actor.principal_id, arena);
}

void extract(JsonView event, TextArena& arena, model::Facts& facts) {
  JsonReader read(arena);
  const JsonView properties = event["properties"];
  const std::string_view method = read.text(properties["requestMethod"]);
  const std::string_view path = path_of(read.text(properties["requestUri"]));
  facts.cloud = "azure";
  facts.event_id = read.text(properties["requestId"]);
  facts.request_id = read.text(properties["clientRequestId"]);
  facts.time = azure::time_of(read.text(event["time"]));
  facts.organization = azure::folded(read.text(properties["tenantId"]), arena);
  facts.account = facts.organization;
  facts.region = read.text(event["location"]);
  facts.action.service = "microsoft.graph";
  facts.action.raw_name = read.text(event["operationName"]);
  facts.action.name = arena.store(std::string(method) + ' ' + std::string(path));
  facts.action.access = access_of(method, path);
  facts.action.plane = model::Plane::kManagement;
  const std::string_view status = read.text(properties["responseStatusCode"]);
  if (status.starts_with('4') || status.starts_with('5')) {
    const bool is_denied = status == "401" || status == "403";
    facts.outcome = is_denied ? model::Outcome::kDenied : model::Outcome::kFailed;
    facts.error_code = status;
  }
  read_actor(read, properties, facts);
  // The id of the token, which the sign-in that it is from has too.
  facts.credential.entity = model::azure_token(read.text(properties["signInActivityId"]), arena);
  facts.credential.session = model::azure_session(read.text(properties["sessionId"]), arena);
  facts.credential.issued = azure::time_of(read.text(properties["tokenIssuedAt"]));
  facts.credential.issued_to = model::azure_client(read.text(properties["appId"]), arena);
  if (!facts.credential.entity.empty()) {
    facts.credential.lifetime = model::CredentialLifetime::kTemporary;
    facts.credential.issuer = facts.actor.entity;
  }
  azure::set_source(read.text(properties["ipAddress"]), arena, facts);
  facts.source.user_agent = read.text(properties["userAgent"]);
  read_targets(path, arena, facts);
}

}  // namespace

}  // namespace graph_activity

const Family kGraphActivity = {
    .family = LogFamily::kGraphActivity,
    .name = "graph_activity",
    .source = {.product = "azure", .service = "microsoftgraphactivitylogs"},
    .needs = {clues({"category", "properties"})},
    .is_one = graph_activity::is_call,
    .event_id = graph_activity::request_id,
    .extract = graph_activity::extract};

}  // namespace stanch::normalize

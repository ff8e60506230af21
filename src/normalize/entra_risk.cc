#include <string>

#include "model/azure_entity.h"
#include "normalize/azure_values.h"
#include "normalize/family.h"
#include "normalize/target_list.h"

// What Entra's identity protection holds for risky: detections, and the users and workloads that
// they made risky. As diagnostic settings write them, and as Microsoft Graph gives them.
// https://learn.microsoft.com/en-us/graph/api/resources/riskdetection

namespace stanch::normalize {

namespace entra_risk {

namespace {

using azure::properties_of;
using codec::JsonView;

bool is_risk(JsonView event) {
  const JsonView properties = properties_of(event);
  return (properties["riskEventType"] && !properties["scopeType"]) ||
         (properties["riskState"] && properties["riskLevel"] &&
          properties["riskLastUpdatedDateTime"]);
}

std::string_view risk_event_id(JsonView event, std::string& scratch) {
  // A risky user's id is the user's, the same in each of his records.
  const JsonView properties = properties_of(event);
  const JsonView id = properties["riskEventType"] ? properties["id"] : JsonView();
  return text_of(id, scratch);
}

void extract_risk(JsonView event, TextArena& arena, model::Facts& facts) {
  JsonReader read(arena);
  const JsonView properties = properties_of(event);
  const bool is_detection = properties["riskEventType"].exists();
  std::string scratch;
  facts.cloud = "azure";
  facts.event_id = arena.store(risk_event_id(event, scratch));
  facts.request_id = read.text(properties["correlationId"]);
  for (const std::string_view member :
       {"activityDateTime", "detectedDateTime", "riskLastUpdatedDateTime"}) {
    if (!facts.time) facts.time = azure::time_of(read.text(properties[member]));
  }
  if (!facts.time) facts.time = azure::time_of(read.text(event["time"]));
  std::string_view tenant = read.text(event["tenantId"]);
  if (tenant.empty()) tenant = model::arm_tenant(read.text(event["resourceId"]));
  facts.account = azure::folded(tenant, arena);
  facts.action.service = "identity protection";
  const JsonView name = is_detection ? properties["riskEventType"] : event["operationName"];
  facts.action.name = facts.action.raw_name = name ? read.text(name) : "Risky user";
  facts.action.plane = model::Plane::kInsight;
  azure::set_source(read.text(properties["ipAddress"]), arena, facts);

  model::Actor risky;
  risky.account = facts.account;
  const std::string_view workload = read.text(properties["servicePrincipalId"]);
  if (!workload.empty()) {
    risky.type = model::ActorType::kServicePrincipal;
    risky.principal_id = workload;
    risky.user_name = read.text(properties["servicePrincipalDisplayName"]);
  } else {
    risky.type = model::ActorType::kUser;
    risky.principal_id = read.text(properties[is_detection ? "userId" : "id"]);
    risky.user_name = read.text(properties["userPrincipalName"]);
  }
  risky.entity = model::entra_entity(workload.empty() ? "User" : "ServicePrincipal", facts.account,
                                     risky.principal_id, arena);
  TargetList targets(arena, facts);
  targets.add(risky.entity, model::TargetSource::kResources);
  if (is_detection) {
    facts.actor = risky;  // what was detected, he did, or somebody in his name
  } else {
    facts.actor.type = model::ActorType::kService;
    facts.actor.entity = model::azure_service(facts.action.service, arena);
  }
}

}  // namespace

}  // namespace entra_risk

const Family kEntraRisk = {.family = LogFamily::kEntraRisk,
                           .name = "entra_risk",
                           .source = {.product = "azure", .service = "riskdetection"},
                           .needs = {clues({"category", "properties"}), clues({"riskEventType"}),
                                     clues({"riskLevel", "riskState"})},
                           .is_one = entra_risk::is_risk,
                           .event_id = entra_risk::risk_event_id,
                           .extract = entra_risk::extract_risk};

}  // namespace stanch::normalize

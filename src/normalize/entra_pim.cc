#include <algorithm>
#include <string>

#include "model/azure_entity.h"
#include "normalize/azure_values.h"
#include "normalize/family.h"
#include "normalize/target_list.h"

// Alerts of Entra's privileged identity management: how roles are given is itself dangerous. As
// Microsoft Graph gives them, and as a record that only has the kind of alert.
// https://learn.microsoft.com/en-us/graph/api/resources/unifiedrolemanagementalert

namespace stanch::normalize {

namespace entra_pim {

namespace {

using codec::JsonView;

constexpr std::string_view kKinds[] = {"AlertConfiguration", "AlertIncident", "AlertDefinition"};

bool names_alert(JsonView event) {
  const JsonView type = event["riskEventType"];
  std::string scratch;
  if (!type || !type.is_string()) return false;
  const std::string_view text = type.text(scratch);
  return std::ranges::any_of(kKinds, [text](auto kind) { return text.ends_with(kind); });
}

bool is_pim(JsonView event) {
  return names_alert(event) || (event["alertDefinitionId"] && event["scopeType"]);
}

// An alert keeps its id while it goes on, so that a record has none of its own.
std::string_view pim_event_id(JsonView, std::string&) { return {}; }

void extract_pim(JsonView event, TextArena& arena, model::Facts& facts) {
  JsonReader read(arena);
  facts.cloud = "azure";
  for (const std::string_view member :
       {"lastModifiedDateTime", "lastScannedDateTime", "createdDateTime", "time"}) {
    if (!facts.time) facts.time = azure::time_of(read.text(event[member]));
  }
  // "DirectoryRole_<tenant>_<alert>"
  std::string_view definition = read.text(event["alertDefinitionId"]);
  const size_t first = definition.find('_'), last = definition.rfind('_');
  if (first != definition.npos && last > first) {
    facts.account = azure::folded(definition.substr(first + 1, last - first - 1), arena);
    definition = definition.substr(last + 1);
  }
  if (facts.account.empty()) facts.account = azure::folded(read.text(event["tenantId"]), arena);
  const std::string_view kind = read.text(event["riskEventType"]);
  facts.action.service = "privileged identity management";
  facts.action.name = facts.action.raw_name = kind.empty() ? definition : kind;
  facts.action.plane = model::Plane::kInsight;
  facts.actor.type = model::ActorType::kService;
  facts.actor.entity = model::azure_service(facts.action.service, arena);
  TargetList targets(arena, facts);
  const std::string_view scope = read.text(event["scopeId"]);
  targets.add(model::arm_entity(scope, arena), model::TargetSource::kResources);
  if (facts.targets.empty() && !facts.account.empty()) {
    targets.add(model::arm_entity("/tenants/" + std::string(facts.account), arena),
                model::TargetSource::kResources);
  }
}

}  // namespace

}  // namespace entra_pim

const Family kEntraPim = {
    .family = LogFamily::kEntraPim,
    .name = "entra_pim",
    .source = {.product = "azure", .service = "pim"},
    .needs = {clues({"alertDefinitionId", "scopeType"}), clues({"riskEventType"})},
    .is_one = entra_pim::is_pim,
    .event_id = entra_pim::pim_event_id,
    .extract = entra_pim::extract_pim};

}  // namespace stanch::normalize

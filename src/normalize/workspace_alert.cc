#include <string>

#include "codec/timestamp.h"
#include "model/gcp_entity.h"
#include "normalize/family.h"
#include "normalize/gcp_values.h"
#include "normalize/json_reader.h"
#include "normalize/target_list.h"

// Alerts of Workspace's Alert Center; what `data` has depends on the kind of alert.
// https://developers.google.com/workspace/admin/alertcenter/reference/alert-types

namespace stanch::normalize {

namespace workspace_alert {

namespace {

using codec::JsonView;
using model::TargetSource;

bool is_alert(JsonView event) {
  return is_text(event["alertId"]) && is_text(event["type"]) && is_text(event["source"]) &&
         is_object(event["data"]);
}

// Its state changes under one id.
std::string_view alert_id(JsonView event, std::string& scratch) {
  return text_of(event["alertId"], scratch);
}

// The account that it is of, as far as the alert can know: who did it, or in whose name.
std::string_view account_of(JsonReader& read, JsonView data) {
  for (const JsonView value : {data["email"], data["actorEmail"], data["userEmail"],
                               data["ruleViolationInfo"]["triggeringUserEmail"]}) {
    if (const std::string_view address = read.text(value); !address.empty()) return address;
  }
  return {};
}

void extract(JsonView event, TextArena& arena, model::Facts& facts) {
  JsonReader read(arena);
  const JsonView data = event["data"];
  facts.cloud = "google_workspace";
  facts.event_id = read.text(event["alertId"]);
  for (const std::string_view member : {"startTime", "createTime"}) {
    if (!facts.time) facts.time = codec::parse_timestamp(read.text(event[member]));
  }
  facts.account = read.text(event["customerId"]);
  facts.action.service = read.text(event["source"]);
  facts.action.name = facts.action.raw_name = read.text(event["type"]);
  facts.action.plane = model::Plane::kInsight;
  const std::string_view account = account_of(read, data);
  if (!account.empty()) gcp::set_actor(account, {}, arena, facts.actor);
  for (const JsonView value : {data["loginDetails"]["ipAddress"], data["sourceIp"]}) {
    if (facts.source.address.empty()) gcp::set_source(read.text(value), arena, facts);
  }
  TargetList targets(arena, facts);
  const auto add = [&](JsonView address) {
    targets.add(model::gcp_principal(read.text(address), arena), TargetSource::kResources);
  };
  targets.add(facts.actor.entity, TargetSource::kResources);
  for (const JsonView address : data["affectedUserEmails"].elements()) add(address);
  for (const JsonView mail : data["messages"].elements()) add(mail["recipient"]);
  for (const JsonView address : data["ruleViolationInfo"]["recipients"].elements()) add(address);
  add(data["maliciousEntity"]["entity"]["emailAddress"]);
}

}  // namespace

}  // namespace workspace_alert

const Family kWorkspaceAlert = {.family = LogFamily::kWorkspaceAlert,
                                .name = "google_workspace_alert",
                                .source = {.product = "gcp", .service = "google_workspace.alert"},
                                .needs = {clues({"alertId"})},
                                .is_one = workspace_alert::is_alert,
                                .event_id = workspace_alert::alert_id,
                                .extract = workspace_alert::extract};

}  // namespace stanch::normalize

#include <algorithm>
#include <array>
#include <initializer_list>

#include "model/azure_entity.h"
#include "normalize/azure_values.h"
#include "normalize/family.h"
#include "normalize/target_list.h"

// Flows through Azure's networks. A record of a security group or of a virtual network holds the
// flows of a minute as tuples; a row of traffic analytics is one flow, or several of one kind.
// https://learn.microsoft.com/en-us/azure/network-watcher/nsg-flow-logs-overview
// https://learn.microsoft.com/en-us/azure/network-watcher/vnet-flow-logs-overview

namespace stanch::normalize {

namespace azure_flow {

namespace {

using azure::either;
using codec::JsonView;
using model::EntityRef;
using model::TargetSource;

bool is_flow(JsonView event) {
  if (event["flowRecords"]) return event["flowRecords"]["flows"].exists();
  if (event["FlowStartTime"]) return event["FlowType"].exists();
  return event["properties"]["flows"].exists();
}

std::string_view flow_event_id(JsonView, std::string&) { return {}; }

// The source is where all of a record's flows are from; if they differ, none. Those to which they
// go are targets. Refused is what had no flow that was let through.
class Flows {
 public:
  Flows(TextArena& arena, model::Facts& facts)
      : arena_(arena), facts_(facts), targets_(arena, facts) {}

  void add_resource(std::string_view id) {
    targets_.add(model::arm_entity(id, arena_), TargetSource::kResources);
  }

  void add(std::string_view from, std::string_view to, bool is_denied) {
    if (!any_) azure::set_source(from, arena_, facts_);
    const EntityRef source = any_ ? model::ip_entity(from, arena_) : facts_.source.entity;
    is_mixed_ |= any_ && source != first_source_;
    if (!any_) first_source_ = source;
    targets_.add(model::ip_entity(to, arena_), TargetSource::kRequest);
    any_allowed_ |= !is_denied;
    any_ = true;
  }

  void finish() {
    if (is_mixed_) facts_.source = {};
    if (any_ && !any_allowed_) facts_.outcome = model::Outcome::kDenied;
  }

 private:
  TextArena& arena_;
  model::Facts& facts_;
  TargetList targets_;
  EntityRef first_source_;
  bool any_ = false, any_allowed_ = false, is_mixed_ = false;
};

// "1493763938,203.0.113.5,10.2.0.4,35370,23,T,I,D,B,,,," of security groups, and
// "1663146003599,10.0.0.6,203.0.113.80,23956,443,6,O,B,NX,…" of virtual networks.
void add_tuple(std::string_view tuple, Flows& flows) {
  std::array<std::string_view, 8> parts;
  for (std::string_view& part : parts) {
    part = tuple.substr(0, tuple.find(','));
    tuple.remove_prefix(std::min(part.size() + 1, tuple.size()));
  }
  flows.add(parts[1], parts[2], parts[7] == "D");
}

void add_tuples(JsonReader& read, JsonView tuples, Flows& flows) {
  for (const JsonView tuple : tuples.elements()) add_tuple(read.text(tuple), flows);
}

// A row counts what was let through and what was not, in and out.
void add_row(JsonReader& read, JsonView event, Flows& flows) {
  const auto counts = [&](std::initializer_list<std::string_view> members) {
    for (const std::string_view member : members) {
      const std::string_view text = read.text(event[member]);
      if (!text.empty() && text.find_first_not_of("0.") != text.npos) return true;
    }
    return false;
  };
  const bool is_denied =
      counts({"DeniedInFlows", "DeniedOutFlows"}) && !counts({"AllowedInFlows", "AllowedOutFlows"});
  const bool is_inward =
      read.text(event["FlowDirection"]) == "I" || read.text(event["FlowDirection"]) == "Inbound";
  std::string_view from = read.text(either(event, "SrcIP", "SrcIp"));
  std::string_view to = read.text(either(event, "DestIP", "DestIp"));
  const std::string_view inside = read.text(event["VMIPAddress"]);
  const std::string_view outside = read.text(event["AllExtIPs"]);
  if (from.empty()) from = is_inward ? outside : inside;
  if (to.empty()) to = is_inward ? inside : outside;
  flows.add(from, to, is_denied);
}

void extract_flow(JsonView event, TextArena& arena, model::Facts& facts) {
  JsonReader read(arena);
  facts.cloud = "azure";
  facts.time = azure::time_of(read.text(either(event, "time", "FlowStartTime")));
  facts.action.service = "microsoft.network";
  facts.action.plane = model::Plane::kNetwork;
  const std::string_view name = read.text(either(event, "operationName", "FlowType"));
  facts.action.name = facts.action.raw_name = name;
  Flows flows(arena, facts);
  std::string_view resource = read.text(either(event, "resourceId", "flowLogResourceID"));
  for (const std::string_view member : {"resourceId", "targetResourceID"}) {
    flows.add_resource(read.text(event[member]));
  }
  facts.account = azure::folded(model::arm_subscription(resource), arena);
  for (const JsonView flow : event["flowRecords"]["flows"].elements()) {
    for (const JsonView group : flow["flowGroups"].elements()) {
      add_tuples(read, group["flowTuples"], flows);
    }
  }
  for (const JsonView rule : event["properties"]["flows"].elements()) {
    for (const JsonView flow : rule["flows"].elements()) {
      add_tuples(read, flow["flowTuples"], flows);
    }
  }
  if (event["FlowType"]) {
    facts.region = read.text(event["VMRegion"]);
    if (facts.account.empty()) facts.account = read.text(event["Subscription"]);
    add_row(read, event, flows);
  }
  flows.finish();
}

}  // namespace

}  // namespace azure_flow

const Family kAzureFlow = {.family = LogFamily::kAzureFlow,
                           .name = "azure_flow",
                           .source = {.product = "azure", .service = "flowlogs"},
                           .needs = {clues({"macAddress", "properties"}), clues({"flowRecords"}),
                                     clues({"FlowStartTime", "FlowType"})},
                           .is_one = azure_flow::is_flow,
                           .event_id = azure_flow::flow_event_id,
                           .extract = azure_flow::extract_flow};

}  // namespace stanch::normalize

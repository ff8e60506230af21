#include <initializer_list>
#include <string>

#include "codec/timestamp.h"
#include "model/gcp_entity.h"
#include "normalize/family.h"
#include "normalize/gcp_values.h"
#include "normalize/json_reader.h"
#include "normalize/target_list.h"

// What Google Cloud's networks tell in Cloud Logging: flows, connections that a rule of the
// firewall let through or not, queries of Cloud DNS.
// https://cloud.google.com/vpc/docs/about-flow-logs-records
// https://cloud.google.com/firewall/docs/firewall-rules-logging
// https://cloud.google.com/dns/docs/monitoring

namespace stanch::normalize {

namespace gcp_network {

namespace {

using codec::JsonView;
using model::EntityRef;
using model::TargetSource;

constexpr std::string_view kCompute = "compute.googleapis.com", kDns = "dns.googleapis.com";

bool is_log(JsonView event, std::string_view service, std::string_view log) {
  std::string scratch;
  return is_object(event["jsonPayload"]) &&
         gcp::log_of(text_of(event["logName"], scratch), service) == log;
}
// Flows of VPNs and interconnects are written by another service.
bool is_flow(JsonView event) {
  return is_log(event, kCompute, "vpc_flows") ||
         is_log(event, "networkmanagement.googleapis.com", "vpc_flows");
}
bool is_firewall(JsonView event) { return is_log(event, kCompute, "firewall"); }
bool is_dns(JsonView event) { return is_log(event, kDns, "dns_queries"); }

EntityRef named(std::initializer_list<std::string_view> parts, TextArena& arena) {
  std::string name;
  for (const std::string_view part : parts) name += part;
  return model::gcp_resource(arena.store(name), arena);
}

// {"project_id": …, "zone": …, "vm_name": …}
EntityRef instance(JsonReader& read, JsonView vm) {
  const std::string_view name = read.text(vm["vm_name"]);
  if (name.empty()) return {};
  return named({"projects/", read.text(vm["project_id"]), "/zones/", read.text(vm["zone"]),
                "/instances/", name},
               read.arena());
}

void begin(JsonReader& read, JsonView event, std::string_view service, std::string_view name,
           model::Facts& facts) {
  facts.cloud = "gcp";
  facts.event_id = read.text(event["insertId"]);
  facts.time = codec::parse_timestamp(read.text(event["timestamp"]));
  gcp::read_place(read, event, facts);
  facts.action.service = service;
  facts.action.name = facts.action.raw_name = name;
  facts.action.plane = model::Plane::kNetwork;
}

// From where a connection came, whereto it went, and the machines at its ends.
void read_connection(JsonReader& read, JsonView payload, model::Facts& facts, TargetList& targets) {
  const JsonView connection = payload["connection"];
  gcp::set_source(read.text(connection["src_ip"]), read.arena(), facts);
  targets.add(model::ip_entity(read.text(connection["dest_ip"]), read.arena()),
              TargetSource::kRequest);
  for (const std::string_view end :
       {"dest_instance", "src_instance", "instance", "remote_instance"}) {
    targets.add(instance(read, payload[end]), TargetSource::kResources);
  }
}

void extract_flow(JsonView event, TextArena& arena, model::Facts& facts) {
  JsonReader read(arena);
  begin(read, event, kCompute, "vpc_flows", facts);
  TargetList targets(arena, facts);
  read_connection(read, event["jsonPayload"], facts, targets);
}

void extract_firewall(JsonView event, TextArena& arena, model::Facts& facts) {
  JsonReader read(arena);
  const JsonView payload = event["jsonPayload"];
  begin(read, event, kCompute, "firewall", facts);
  if (read.text(payload["disposition"]) == "DENIED") facts.outcome = model::Outcome::kDenied;
  TargetList targets(arena, facts);
  read_connection(read, payload, facts, targets);
  // "network:default/firewall:allow-web"; rules of policies have other names.
  constexpr std::string_view kRule = "/firewall:";
  const std::string_view rule = read.text(payload["rule_details"]["reference"]);
  if (const size_t at = rule.find(kRule); at != rule.npos) {
    targets.add(named({"projects/", read.text(payload["vpc"]["project_id"]), "/global/firewalls/",
                       rule.substr(at + kRule.size())},
                      arena),
                TargetSource::kResources);
  }
}

void extract_dns(JsonView event, TextArena& arena, model::Facts& facts) {
  JsonReader read(arena);
  const JsonView payload = event["jsonPayload"];
  begin(read, event, kDns, "dns_queries", facts);
  const std::string_view code = read.text(payload["responseCode"]);
  if (!code.empty() && code != "NOERROR") {
    facts.outcome = code == "REFUSED" ? model::Outcome::kDenied : model::Outcome::kFailed;
    facts.error_code = code;
  }
  gcp::set_source(read.text(payload["sourceIP"]), arena, facts);
  // "694119234537.web-1": with the number of its project.
  const std::string_view name = read.text(payload["vmInstanceName"]);
  if (name.empty()) return;
  TargetList targets(arena, facts);
  targets.add(
      named({"projects/", read.text(payload["vmProjectId"]), "/zones/",
             read.text(payload["vmZoneName"]), "/instances/", name.substr(name.find('.') + 1)},
            arena),
      TargetSource::kResources);
}

}  // namespace

}  // namespace gcp_network

const Family kGcpFlow = {.family = LogFamily::kGcpFlow,
                         .name = "gcp_flow",
                         .source = {.product = "gcp", .service = "vpcflow"},
                         .needs = {clues({"jsonPayload"})},
                         .is_one = gcp_network::is_flow,
                         .event_id = gcp::insert_id,
                         .extract = gcp_network::extract_flow};
const Family kGcpFirewall = {
    .family = LogFamily::kGcpFirewall,
    .name = "gcp_firewall",
    .source = {.product = "gcp", .service = "firewall", .category = "firewall"},
    .needs = {clues({"jsonPayload"})},
    .is_one = gcp_network::is_firewall,
    .event_id = gcp::insert_id,
    .extract = gcp_network::extract_firewall};
const Family kGcpDns = {.family = LogFamily::kGcpDns,
                        .name = "gcp_dns",
                        .source = {.product = "gcp", .service = "dns", .category = "dns"},
                        .needs = {clues({"jsonPayload"})},
                        .is_one = gcp_network::is_dns,
                        .event_id = gcp::insert_id,
                        .extract = gcp_network::extract_dns};

}  // namespace stanch::normalize
